import { DatabaseError } from 'pg';
import type { ClientBase } from 'pg';

import { MigrateError } from './errors.ts';
import { HISTORY_TABLE, historyName } from './history.ts';
import { advisoryKey } from './lock.ts';
import { DEFAULT_LOCK_TIMEOUT_MS } from './options.ts';
import type { ApplyOptions } from './options.ts';

/** A statement that PostgreSQL refuses inside a transaction, such as VACUUM. */
export interface DeferredStatement {
  /** Rank of its history row, whose `success` stays false until it ran. */
  readonly installedRank: number;
  readonly script: string;
  readonly line: number;
  readonly sql: string;
}

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Runs deferred statements one at a time, each on its own, under the session form of Flyway's lock, and marks their
 * history rows as done. `client` is outside a transaction, in the owner's role and with the schema in search_path.
 *
 * @throws MigrateError MIGRATION_LOCKED, MIGRATION_FAILED with file and line; rows not reached stay unsuccessful, and
 * the call may be repeated
 * @example
 * ```ts
 * await client.query('COMMIT');
 * await runDeferred(client, result.deferred, { schema: 'shop' });
 * ```
 */
export async function runDeferred(
  client: ClientBase,
  deferred: readonly DeferredStatement[],
  options: ApplyOptions,
): Promise<void> {
  if (deferred.length === 0) return;
  const table = options.table ?? HISTORY_TABLE;
  const key = advisoryKey(options.schema, table);
  await lock(client, key, options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS);
  try {
    for (const [i, statement] of deferred.entries()) {
      await runOne(client, statement);
      if (deferred[i + 1]?.installedRank === statement.installedRank) continue;
      await client.query(
        `UPDATE ${historyName(options.schema, table)} SET success = true WHERE installed_rank = $1`,
        [statement.installedRank],
      );
    }
  } finally {
    // Where this fails the connection is gone, and the lock with it; the first error is the one to report.
    await client.query('SELECT pg_catalog.pg_advisory_unlock($1)', [key]).catch(() => {});
  }
}

async function lock(client: ClientBase, key: bigint, timeoutMs: number): Promise<void> {
  // SET LOCAL needs a transaction; the session lock outlives it.
  try {
    await client.query(
      `BEGIN; SET LOCAL lock_timeout = ${Math.max(0, Math.round(timeoutMs))}; SELECT pg_catalog.pg_advisory_lock(${key}); COMMIT`,
    );
  } catch (error) {
    await client.query('ROLLBACK');
    if (!(error instanceof DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
    throw new MigrateError('MIGRATION_LOCKED', 'another migration of this schema is running', {
      sqlState: error.code,
      hint: 'Wait for it to end, or give a longer lockTimeoutMs.',
      cause: error,
    });
  }
}

async function runOne(client: ClientBase, statement: DeferredStatement): Promise<void> {
  try {
    await client.query(statement.sql);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    throw new MigrateError('MIGRATION_FAILED', error.message, {
      file: statement.script,
      line: statement.line,
      statement: statement.sql,
      sqlState: error.code,
      hint: 'Everything else is applied; put the cause right and run the deferred statements again.',
      cause: error,
    });
  }
}
