import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { DrizzleConfig } from 'drizzle-orm';
import type { TenantHandle } from '../tenancy.ts';
import type { TenantPool } from '../tenant-pool.ts';

/**
 * A Drizzle whose queries run as the tenant of their context, or, from `tenancy.for(tenant)`, always as one. A query runs as
 * whoever awaits it, not as who has built it. Declare tables without a schema: the tenant's own comes first in its path.
 *
 * ```ts
 * const db = tenantDrizzle(tenancy, { schema });
 * await tenancy.run(tenant, () => db.select().from(notes));
 * ```
 */
export function tenantDrizzle<TSchema extends Record<string, unknown> = Record<string, never>>(
  { pool }: Pick<TenantHandle, 'pool'>,
  config: DrizzleConfig<TSchema> = {},
): NodePgDatabase<TSchema> & { $client: TenantPool } {
  return drizzle(pool, config);
}
