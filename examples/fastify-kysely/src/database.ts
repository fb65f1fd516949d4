import type { Tenancy } from '@tenantry/tenancy';
import { tenantKysely } from '@tenantry/tenancy/kysely';
import type { ColumnType, GeneratedAlways, Kysely } from 'kysely';

/** The tables of one tenant. Without a schema: the tenant's own comes first in its search path. */
export interface Tables {
  readonly accounts: {
    /** A bigint, which is a text here: a number of JavaScript does not hold all of them. */
    readonly id: GeneratedAlways<string>;
    readonly name: string;
    /** PostgreSQL sets it. */
    readonly created_at: ColumnType<Date, never, never>;
  };
}

/** What repositories get: every query runs as the tenant whose work it is when it is executed. */
export type Database = Kysely<Tables>;

/** One object for all tenants. Nothing is connected until the first query. */
export function openDatabase(tenancy: Tenancy): Database {
  return tenantKysely<Tables>(tenancy);
}
