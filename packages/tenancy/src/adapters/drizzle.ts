import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { DrizzleConfig } from 'drizzle-orm';
import { TenancyError } from '../errors.ts';
import type { TenantHandle } from '../tenancy.ts';
import type { TenantPool } from '../tenant-pool.ts';

/**
 * A Drizzle whose queries run as the tenant of their context, or, from `tenancy.for(tenant)`, always as one. A query runs as
 * whoever awaits it, not as who has built it. Declare tables without a schema: the tenant's own comes first in its path.
 *
 * ```ts
 * const db = tenantDrizzle(tenancy, { schema });
 * await tenancy.run(tenant, async () => db.select().from(notes));
 * ```
 * Drizzle's `cache` knows a query by its text and values, which are the same for all tenants: one tenant would get another's
 * rows. Throws TENANCY_OPTION where one is given.
 */
export function tenantDrizzle<TSchema extends Record<string, unknown> = Record<string, never>>(
  { pool }: Pick<TenantHandle, 'pool'>,
  config: Omit<DrizzleConfig<TSchema>, 'cache'> = {},
): NodePgDatabase<TSchema> & { $client: TenantPool } {
  if ('cache' in config && config.cache !== undefined)
    throw new TenancyError(
      'TENANCY_OPTION',
      'Drizzle’s cache would give one tenant the rows of another. Cache what queries return, by tenancy.current().',
    );
  return drizzle(pool, config);
}
