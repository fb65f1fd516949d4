import { sqlStateOf } from '../errors.ts';

/** Command tags of statements that leave nothing in a session. Everything else may. */
const harmless: ReadonlySet<string> = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'MERGE',
  'BEGIN',
  'START',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT',
  'RELEASE',
  'FETCH',
  'MOVE',
  'SHOW',
  'EXPLAIN',
  'COPY',
  'LOCK',
  'NOTIFY',
  'TRUNCATE',
]);

/**
 * True for the command tag of a statement that may have changed its session: SET, RESET, PREPARE, LISTEN, DECLARE, DO …
 * A function called in a query may have, too, and PostgreSQL does not say so: that is for the tenant's own session alone,
 * since every change of tenant discards all.
 */
export function changesSession(tag: string): boolean {
  const end = tag.indexOf(' ');
  return !harmless.has(end === -1 ? tag : tag.slice(0, end));
}

/**
 * Errors that say something about the connection, not about the statement: connection exceptions, the server shuts down
 * or starts, it has become a standby, or an idle transaction was ended. And the two of a prepared statement that the
 * schema has moved away from.
 */
export function endsConnection(error: Error): boolean {
  const state = sqlStateOf(error);
  if (state === undefined) return false;
  if (state.startsWith('08')) return true;
  if (state === '0A000') return error.message === 'cached plan must not change result type';
  return ending.has(state);
}

const ending: ReadonlySet<string> = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25006',
  '25P03',
  '25P04',
  '26000',
]);
