import pg from 'pg';
import { TenancyError } from '../errors.ts';
import type { Tenancy } from '../tenancy.ts';
import { newTenantId, type TenantId } from '../tenant-id.ts';
import { ReaderApi, type OpenedReader, type ReadTenant } from './reader-api.ts';

export interface CrossTenantReaderOptions {
  /** The application's own: in the context of any of its tenants the reader does nothing. */
  readonly tenancy: Pick<Tenancy, 'peek' | 'run'>;
  /** Address of the control plane. */
  readonly url: string;
  /** An API key of an administrator: not the one that the application runs with. */
  readonly token: string;
  /** Why; it stands in the audit trail of each tenant. */
  readonly reason: string;
  /** Those that it is to see, by id or slug: 1 to 100, on one cell. */
  readonly tenants: readonly string[];
  /** PostgreSQL refuses the login after so many: 1 to 480. Default 30. */
  readonly minutes?: number;
  /** Milliseconds that a statement, or the control plane, may take. Default 60,000. */
  readonly timeout?: number;
}

/** As `query` of `pg`, as a promise. */
export type ReadQuery = <R extends pg.QueryResultRow = pg.QueryResultRow>(
  text: string,
  values?: readonly unknown[],
) => Promise<pg.QueryResult<R>>;

/** What {@link crossTenantReader} gives. */
export interface CrossTenantReader extends AsyncDisposable {
  /** Under which the control plane lists it. */
  readonly id: string;
  readonly expiresAt: Date;
  readonly tenants: readonly ReadTenant[];
  /** Across tenants: every table is named with its schema, which {@link tenants} have. A name without one is not found. */
  readonly query: ReadQuery;
  /**
   * Runs a function for each tenant, one after the other, in a read-only transaction that sees the tenant's tables by their
   * bare names, as of one moment. Gives what the functions gave, by tenant. The first that throws ends it.
   */
  each<T>(fn: (tenant: ReadTenant, query: ReadQuery) => Promise<T>): Promise<ReadonlyMap<TenantId, T>>;
  /** Ends its connections and drops its login. Harmless when called again. */
  close(): Promise<void>;
}

/**
 * Break-glass access of an administrator to the tables of several tenants: reads only, under a login of its own that lives
 * for minutes, and is in the audit trail of each of them with its reason.
 *
 * ```ts
 * await using reader = await crossTenantReader({ tenancy, url, token, reason: 'ticket 4711', tenants: ['acme', 'globex'] });
 * const counts = await reader.each(async (tenant, query) => (await query('SELECT count(*) FROM account')).rows[0]);
 * ```
 * Rejects with TENANT_CONTEXT_CONFLICT inside a tenant's context, as do all its functions; that is a security event. With
 * TENANCY_CONTROL_PLANE where the control plane refuses, with TENANCY_OPTION, and with TENANCY_CLOSED after `close`.
 */
export async function crossTenantReader(options: CrossTenantReaderOptions): Promise<CrossTenantReader> {
  const { tenancy, url, token, reason, tenants, minutes, timeout = 60_000 } = options;
  if (typeof tenancy?.peek !== 'function' || typeof tenancy.run !== 'function')
    throw new TenancyError('TENANCY_OPTION', 'tenancy must be the tenancy of the application.');
  refuseInContext(tenancy);
  const api = new ReaderApi({ url, token, requestTimeout: timeout });
  const opened = await api.open({ tenants, reason, ...(minutes === undefined ? {} : { minutes }) });
  return readerOf(tenancy, api, opened, timeout);
}

function readerOf(
  tenancy: CrossTenantReaderOptions['tenancy'],
  api: ReaderApi,
  { id, expiresAt, tenants, connection }: OpenedReader,
  timeout: number,
): CrossTenantReader {
  const pool = poolOf(connection, timeout);
  let closing: Promise<void> | undefined;
  const check = (): void => {
    refuseInContext(tenancy);
    if (closing) throw new TenancyError('TENANCY_CLOSED', 'The reader was closed. Open another.');
  };
  const queryOn =
    (target: pg.Pool | pg.ClientBase): ReadQuery =>
    async (text, values) => {
      check();
      return target.query(extended(text, values));
    };
  const close = (): Promise<void> => (closing ??= closeAll(pool, api, id));
  return {
    id,
    expiresAt,
    tenants,
    query: queryOn(pool),
    async each(fn) {
      const results = new Map<TenantId, Awaited<ReturnType<typeof fn>>>();
      for (const tenant of tenants) {
        check();
        results.set(tenant.id, await inSchema(pool, tenant, (client) => fn(tenant, queryOn(client))));
      }
      return results;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Also where the pool does not end well the login is dropped, which ends every connection. */
async function closeAll(pool: pg.Pool, api: ReaderApi, id: string): Promise<void> {
  await Promise.allSettled([pool.end()]);
  await api.close(id);
}

/** What a function has left on the connection goes with the transaction, or with the connection. */
async function inSchema<T>(
  pool: pg.Pool,
  { schema }: ReadTenant,
  fn: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let clean = false;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(`SET LOCAL search_path = ${pg.escapeIdentifier(schema)}, extensions, pg_temp`);
    const result = await fn(client);
    await client.query('ROLLBACK');
    await client.query('DISCARD ALL');
    clean = true;
    return result;
  } finally {
    client.release(!clean);
  }
}

/** No tenant's schema is in the path: a name that is not qualified fails instead of meaning somebody's. */
function poolOf(connection: OpenedReader['connection'], timeout: number): pg.Pool {
  const pool = new pg.Pool({
    ...connection,
    max: 2,
    application_name: 'tenantry reader',
    options:
      '-c role=none -c search_path=extensions,pg_temp -c default_transaction_read_only=on -c standard_conforming_strings=on',
    connectionTimeoutMillis: 5_000,
    query_timeout: timeout,
    idleTimeoutMillis: 10_000,
    allowExitOnIdle: true,
  });
  // The server ends them when the reader expires; the next query on one fails by itself.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** One statement, whatever stands in its text: pg would otherwise send one without values as a script. */
function extended(text: string, values: readonly unknown[] = []): pg.QueryConfig {
  const query = { text, values: [...values], queryMode: 'extended' };
  return query;
}

function refuseInContext(tenancy: CrossTenantReaderOptions['tenancy']): void {
  if (tenancy.peek() === undefined) return;
  let cause: unknown;
  try {
    // Refused, since it is no tenant of anybody's context: which tells the tenancy's `security` of it.
    tenancy.run(newTenantId(), () => {});
  } catch (error) {
    cause = error;
  }
  throw new TenancyError(
    'TENANT_CONTEXT_CONFLICT',
    'A tenant’s request asked for the data of several tenants. A cross-tenant reader is for administrators: open and use it ' +
      'where the work is nobody’s.',
    { cause },
  );
}
