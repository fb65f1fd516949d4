import type { Tenancy } from '@tenantry/tenancy';
import type { Queryable } from '@tenantry/tenancy/patterns';

/** What repositories get: a tenancy, or a transaction of it. Every query runs as the tenant whose work it is. */
export type Database = Queryable;

/**
 * One object for all tenants. Nothing is connected until the first query. For a library that wants a `pg.Pool`,
 * `tenancy.pool` is one.
 */
export function openDatabase(tenancy: Tenancy): Database {
  return tenancy;
}
