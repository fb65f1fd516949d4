import type { Pool, PoolClient } from 'pg';
import type { TenantHandle } from '../tenancy.ts';

type Door = Pick<TenantHandle, 'pool'>;

/** The pool of a tenancy, or of one tenant, for code and libraries that say `pg.Pool`. */
export function tenantPool({ pool }: Door): Pool {
  return pool;
}

/**
 * Runs a function with one connection, for what has to stay in one session: a cursor, `SET LOCAL`, a temporary setting. The
 * connection is given back whatever happens, and what was left in its session (a transaction, a setting) goes with it.
 *
 * ```ts
 * const rows = await withClient(tenancy, (client) => client.query(new Cursor('SELECT * FROM notes')).read(100));
 * ```
 */
export async function withClient<T>({ pool }: Door, fn: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await fn(client);
  } finally {
    client.release();
  }
}
