import { explain } from '../execute/explain.ts';
import { MessageBuilder } from '../execute/message.ts';
import { lockSession, unlockSession } from '../execute/session-lock.ts';
import { settle } from '../execute/session.ts';
import type { Session } from '../execute/session.ts';
import { MessageFailure } from '../execute/wire.ts';
import type { NewRow } from '../history/table.ts';
import type { Run } from './run.ts';

/** The row of a baseline. */
export function baselineRow({ baselineVersion, baselineDescription }: Session['settings']): NewRow {
  return {
    installedRank: 1,
    version: baselineVersion,
    description: baselineDescription,
    type: 'BASELINE',
    script: baselineDescription,
    checksum: null,
    success: true,
  };
}

/** Runs `work` under the session's lock, so that of many who find nothing one makes it. */
export async function underLock<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await lockSession(session);
  try {
    return await work();
  } finally {
    await unlockSession(session);
  }
}

/** Our own statements in one transaction, with errors as Flyway words them. */
export async function inTransaction({ session, wire }: Run, statements: readonly string[]): Promise<void> {
  const builder = new MessageBuilder().frame('begin', 'BEGIN');
  builder.frame('setup', `SELECT ${settle(session).join(', ')}`);
  for (const sql of statements) builder.frame('setup', sql);
  try {
    for (const message of builder.frame('commit', 'COMMIT').build()) await wire.send(message);
  } catch (error) {
    await wire.rollback();
    throw error instanceof MessageFailure ? explain(error, { flywayCode: 'DB_CONNECTION' }) : error;
  }
}
