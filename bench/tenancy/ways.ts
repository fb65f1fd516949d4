import pg from 'pg';
import { createTenancy, type LaneName, type Tenancy } from '@tenantry/tenancy';
import type { TestCell } from '../../packages/tenancy/test/support/cell.ts';
import { TestDirectory } from '../../packages/tenancy/test/support/directory.ts';

/** One way to serve tenants. */
export interface Way {
  readonly name: string;
  /** A point SELECT of the n-th tenant. */
  select(n: number): Promise<unknown>;
  /** Four statements of the n-th tenant in a transaction. */
  transaction(n: number): Promise<unknown>;
  /** Before and after each of its turns, and not measured: what it would take from the others while it rests, it gives up. */
  readonly wake?: () => Promise<unknown>;
  readonly rest?: () => Promise<unknown>;
  close(): Promise<unknown>;
}

/** Connections of each way. */
export const size = 10;
/** Rows of the first tenant, which is the busy one: its callers are not to queue for one row. */
const busyRows = 1_000;
const text = 'SELECT id, body FROM notes WHERE id = $1';
const update = 'UPDATE notes SET body = body WHERE id = $1';

/** Gives the first tenant its rows. */
export async function fillBusy(cell: TestCell): Promise<void> {
  const { id, canary } = cell.tenants[0]!;
  await cell.superuser.query(`INSERT INTO ${id}.notes (body) SELECT $1 FROM generate_series(6, $2::int)`, [
    canary,
    busyRows,
  ]);
}

/** A row of the n-th tenant. */
function rowOf(n: number): [id: number] {
  return [1 + Math.floor(Math.random() * (n === 0 ? busyRows : 5))];
}

/** The floor: one login that may do everything, names with their schema, nothing in between. */
export function raw(cell: TestCell): Way {
  const pool = poolOf(cell.postgres.superuserUrl.replace(/\/postgres$/, '/tenantry'));
  const texts = cell.tenants.map(({ id }) => text.replace('notes', `${id}.notes`));
  const updates = cell.tenants.map(({ id }) => update.replace('notes', `${id}.notes`));
  return {
    name: 'raw pg.Pool',
    select: (n) => pool.query(texts[n]!, rowOf(n)),
    transaction: (n) => inTransaction(pool, (client) => four(client, rowOf(n), texts[n]!, updates[n]!)),
    close: () => pool.end(),
  };
}

/**
 * The usual insecure way: one login that is a member of all, a role and a path for the length of a transaction.
 *
 * Its connections are closed between its turns. A session of a login with thousands of memberships works at every GRANT of others,
 * idle too: 90 µs of all ten at each of our leases.
 */
export async function setLocalRole(cell: TestCell): Promise<Way> {
  await cell.superuser.query(`CREATE ROLE insecure_app LOGIN NOINHERIT PASSWORD 'x'`);
  await cell.superuser.query('GRANT CONNECT ON DATABASE tenantry TO insecure_app');
  for (let i = 0; i < cell.tenants.length; i += 500) {
    const some = cell.tenants.slice(i, i + 500).map(({ id }) => id);
    await cell.superuser.query(`GRANT ${some.join(', ')} TO insecure_app WITH INHERIT FALSE, SET TRUE`);
  }
  const open = () => poolOf(`postgresql://insecure_app:x@127.0.0.1:${String(cell.postgres.port)}/tenantry`);
  let pool = open();
  const become = async (client: pg.PoolClient, n: number): Promise<void> => {
    const { id } = cell.tenants[n]!;
    await client.query(`SET LOCAL ROLE ${id}`);
    await client.query(`SET LOCAL search_path = ${id}`);
  };
  const select = (n: number) =>
    inTransaction(pool, async (client) => {
      await become(client, n);
      await client.query(text, rowOf(n));
    });
  return {
    name: 'SET LOCAL ROLE',
    select,
    transaction: (n) =>
      inTransaction(pool, async (client) => {
        await become(client, n);
        await four(client, rowOf(n), text, update);
      }),
    wake: async () => {
      if (pool.ended) pool = open();
      await Promise.all(Array.from({ length: 10 * size }, (_, i) => select(i)));
    },
    rest: () => pool.end(),
    close: async () => pool.ended || pool.end(),
  };
}

/** The product. */
export function tenantry(cell: TestCell, lane: 'auto' | LaneName): Way & { readonly tenancy: Tenancy } {
  const tenancy = createTenancy({
    directory: new TestDirectory(cell.placements()),
    credentialKey: cell.credentialKey,
    lane,
    pool: { maximumPoolSize: size, maximumPerTenant: size },
  });
  const handles = cell.tenants.map(({ id }) => tenancy.for(id));
  return {
    name: lane,
    tenancy,
    select: (n) => handles[n]!.pool.query(text, rowOf(n)),
    transaction: (n) => handles[n]!.transaction((tx) => four(tx, rowOf(n), text, update)),
    close: () => tenancy.close(),
  };
}

interface Queries {
  query(text: string, values: number[]): Promise<unknown>;
}

async function four(on: Queries, row: [number], select: string, change: string): Promise<void> {
  await on.query(select, row);
  await on.query(change, row);
  await on.query(select, row);
  await on.query(change, row);
}

async function inTransaction(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  await client.query('BEGIN');
  await work(client);
  await client.query('COMMIT');
  client.release();
}

function poolOf(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: size });
  pool.on('error', () => {});
  return pool;
}
