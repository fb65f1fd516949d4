import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { prepareRepeated } from './prepare-repeated.ts';
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
  const pool = openPool({
    ...clientConfig(url, 'tenantry control'),
    max: size,
    idleTimeoutMillis: 60_000,
    // A process that is frozen inside a transaction would hold the lock of the event stream, and everybody up with it.
    idle_in_transaction_session_timeout: 30_000,
  });
  pool.on('connect', prepareRepeated);
  const db = new Kysely<ControlTables>({ dialect: new PostgresDialect({ pool }) }).withSchema('tenantry');
  return { db, pool, close: () => pool.end() };
}

/** A pool that outlives its connections: one that PostgreSQL ends (a restart, a fail-over) fails the query that uses it. */
export function openPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  // For connections that are idle; and for those that are in use, between two statements of a transaction: there the
  // pool does not listen, and an error that nobody listens to ends the process. The next query on it fails by itself.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
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
