import type { Tenancy } from '@tenantry/tenancy';
import { tenantDrizzle } from '@tenantry/tenancy/drizzle';
import { DrizzleQueryError } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import * as schema from './schema.ts';

/** What repositories get: every query runs as the tenant whose work it is when it is awaited. */
export type Database = NodePgDatabase<typeof schema>;

/** One object for all tenants. Nothing is connected until the first query. */
export function openDatabase(tenancy: Tenancy): Database {
  return tenantDrizzle(tenancy, { schema });
}

/** Throws what PostgreSQL has said, with its SQLSTATE as `code`, instead of what Drizzle makes of it. */
export function throwPostgresError(error: unknown): never {
  throw error instanceof DrizzleQueryError ? (error.cause ?? error) : error;
}
