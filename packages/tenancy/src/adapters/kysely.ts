import { Kysely, PostgresDialect, type KyselyConfig } from 'kysely';
import type { TenantHandle } from '../tenancy.ts';

/**
 * A Kysely whose queries run as the tenant of their context, or, from `tenancy.for(tenant)`, always as one. A query runs as
 * whoever executes it, not as who has built it.
 *
 * ```ts
 * const db = tenantKysely<Database>(tenancy);
 * await tenancy.run(tenant, () => db.selectFrom('notes').selectAll().execute());
 * ```
 * Its `destroy` leaves the connections to the tenancy, which closes them.
 */
export function tenantKysely<DB>(
  door: Pick<TenantHandle, 'pool'>,
  config: Omit<KyselyConfig, 'dialect'> = {},
): Kysely<DB> {
  return new Kysely<DB>({ ...config, dialect: tenantDialect(door) });
}

/** The dialect alone, for those who make their own Kysely. */
export function tenantDialect({ pool }: Pick<TenantHandle, 'pool'>): PostgresDialect {
  return new PostgresDialect({
    // Not the pool itself: `destroy` would end it for all others, too.
    pool: { connect: () => pool.connect(), end: () => Promise.resolve(), options: {} },
  });
}
