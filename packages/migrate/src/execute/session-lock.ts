import { MigrateError } from '../errors.ts';
import { sleep } from './retry.ts';
import type { Session } from './session.ts';

const FIRST_POLL = 20;
const LONGEST_POLL = 1_000;

/**
 * Waits until nobody holds the lock, or takes it. Polling, never a statement that waits in the server: that one would
 * hold a snapshot, for which the other's CREATE INDEX CONCURRENTLY waits in turn, for ever.
 *
 * @throws MigrateError MIGRATION_LOCKED after `lockRetryCount` seconds
 */
async function poll(session: Session, attempt: () => Promise<boolean>): Promise<void> {
  const { lockRetryCount } = session.settings;
  const deadline = lockRetryCount < 0 ? Infinity : performance.now() + lockRetryCount * 1000;
  for (let wait = FIRST_POLL; !(await attempt()); wait = Math.min(LONGEST_POLL, wait * 1.5)) {
    const left = deadline - performance.now();
    if (left <= 0) throw locked(session);
    await sleep(Math.min(left, wait * (0.5 + Math.random())));
  }
}

function locked(session: Session): MigrateError {
  return new MigrateError(
    'MIGRATION_LOCKED',
    `Number of retries exceeded while attempting to acquire PostgreSQL advisory lock. Configure the number of retries with the 'lockRetryCount' configuration option: https://rd.gt/3A57jfk`,
    {
      flywayCode: 'ERROR',
      hint: `Another migration of ${session.table} is running. Its session: SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND (classid::bigint << 32 | objid::bigint) = ${session.key} AND granted.`,
    },
  );
}

async function tryLock(session: Session, call: string): Promise<boolean> {
  const { rows } = await session.client.query<{ locked: boolean }>(
    `SELECT pg_catalog.${call}(${session.key}) AS locked`,
  );
  return rows[0]?.locked === true;
}

/** Takes the lock for the session, in autocommit, so that no transaction stays open while a script runs. */
export async function lockSession(session: Session): Promise<void> {
  await poll(session, () => tryLock(session, 'pg_try_advisory_lock'));
}

/** Lets go of the session's lock; a script may have done so already. */
export async function unlockSession(session: Session): Promise<void> {
  // Where this fails the connection is gone, and the lock with it; the first error is the one to report.
  await tryLock(session, 'pg_advisory_unlock').catch(() => false);
}

/** Waits until the lock is free; a transaction takes it afterwards, and may find that it came too late. */
export async function waitForLock(session: Session): Promise<void> {
  // In autocommit the transaction's form of the lock is free again with the statement's end.
  await poll(session, () => tryLock(session, 'pg_try_advisory_xact_lock'));
}
