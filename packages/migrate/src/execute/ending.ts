import { DatabaseError } from 'pg';

import { LOCK_NOT_AVAILABLE } from './explain.ts';
import type { Session } from './session.ts';
import { STOPPED } from './step.ts';
import type { Step } from './step.ts';
import { MessageFailure } from './wire.ts';

/** How a run of steps ended. `busy`: somebody else migrates; `moved`: somebody else has migrated meanwhile. */
export type Ending =
  | { readonly kind: 'done' | 'busy' | 'moved' }
  | { readonly kind: 'failed'; readonly step: Step; readonly failure: MessageFailure };

/** Called for each step whose row is written, with its rank and the milliseconds that it took. */
export type StepApplied = (step: Step, installedRank: number, executionTime: number) => void;

const CAST_FAILED = '22P02';

/** What a failure of a step's messages means; `lastRank` is the row that the step was to stand behind. */
export async function endingOf(
  session: Session,
  step: Step,
  failure: MessageFailure,
  lastRank: number | null,
): Promise<Ending> {
  const { entry, error } = failure;
  const code = error instanceof DatabaseError ? error.code : undefined;
  if (entry?.kind === 'frame' && entry.purpose === 'lock' && code === CAST_FAILED) {
    if (error.message.includes(STOPPED.busy)) return { kind: 'busy' };
    if (error.message.includes(STOPPED.moved)) return { kind: 'moved' };
  }
  if (code !== undefined && !(await isLast(session, lastRank))) return { kind: 'moved' };
  return { kind: 'failed', step, failure };
}

/** True where the history ends with this row; also where it cannot be read, which is then not what is wrong. */
export async function isLast(session: Session, lastRank: number | null): Promise<boolean> {
  const sql = `SELECT pg_catalog.max("installed_rank")::text AS last FROM ${session.table}`;
  const result = await session.client.query<{ last: string | null }>(sql).catch(() => null);
  if (result === null) return true;
  const last = result.rows[0]?.last ?? null;
  return last === null ? lastRank === null : Number(last) === lastRank;
}

/** True where a statement of a script waited too long for a lock: the one failure that is worth another try. */
export function isLockTimeout({ entry, error }: MessageFailure): boolean {
  return entry?.kind === 'statement' && error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE;
}

/** The failure that a promise ended in; null where it did not fail. */
export async function failureOf(work: Promise<void>): Promise<MessageFailure | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof MessageFailure) return error;
    throw error;
  }
}
