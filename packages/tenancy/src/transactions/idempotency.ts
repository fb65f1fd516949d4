import { sqlStateOf, TenancyError } from '../errors.ts';
import type { Transaction } from './transaction.ts';

/** For a migration of the tenants' schema: what transactions with an idempotency key need. */
export const idempotencyTableSql = `CREATE TABLE tenantry_idempotency (
  key text PRIMARY KEY,
  result jsonb,
  created_at timestamptz NOT NULL DEFAULT now()
)`;

/** What an earlier transaction of the same key came to. */
export interface Earlier {
  readonly result: unknown;
}

/**
 * Takes a key, as the first statement of a transaction. Where another transaction of the same key is not decided yet
 * PostgreSQL makes this one wait: so after a connection was lost during COMMIT the answer is exact, and not a guess.
 */
export async function takeKey(tx: Transaction, key: string): Promise<Earlier | undefined> {
  try {
    const taken = await tx.query(
      'INSERT INTO tenantry_idempotency (key) VALUES ($1) ON CONFLICT (key) DO NOTHING RETURNING key',
      [key],
    );
    if (taken.rowCount === 1) return undefined;
    const { rows } = await tx.query<{ result: unknown }>(
      'SELECT result FROM tenantry_idempotency WHERE key = $1',
      [key],
    );
    return { result: rows[0]?.result ?? undefined };
  } catch (error) {
    if (sqlStateOf(error) !== '42P01') throw error;
    throw new TenancyError(
      'TENANCY_OPTION',
      'The tenant’s schema has no table tenantry_idempotency. Add a migration with idempotencyTableSql.',
      { cause: error },
    );
  }
}

/** Keeps the result with the key, in the same transaction. */
export async function keepResult(tx: Transaction, key: string, result: unknown): Promise<void> {
  if (result === undefined) return;
  await tx.query('UPDATE tenantry_idempotency SET result = $2 WHERE key = $1', [key, JSON.stringify(result)]);
}
