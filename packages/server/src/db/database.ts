import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { ControlTables } from './types.ts';

export type Database = Kysely<ControlTables>;
export type Tx = Transaction<ControlTables>;

export interface ControlDatabase {
  readonly db: Database;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/**
 * The connections of the control plane to its own schema.
 *
 * The search path is empty but for pg_catalog: a query that forgot its schema fails at once instead of reading whatever
 * lies in `public`. Kysely is told the schema once, here.
 */
export function openControlDatabase(url: string, size: number): ControlDatabase {
  const pool = new pg.Pool({
    ...clientConfig(url, 'tenantry control'),
    max: size,
    idleTimeoutMillis: 60_000,
  });
  // An idle connection that PostgreSQL ends (a restart, a fail-over) must not end the process; the next query connects anew.
  pool.on('error', () => {});
  const db = new Kysely<ControlTables>({ dialect: new PostgresDialect({ pool }) }).withSchema('tenantry');
  return { db, pool, close: () => pool.end() };
}

/** Settings that every connection of the control plane shares. */
export function clientConfig(url: string, applicationName: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    options:
      '-c search_path=pg_catalog -c standard_conforming_strings=on -c default_transaction_read_only=off',
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
    keepAlive: true,
  };
}
