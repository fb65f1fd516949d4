import { DatabaseError } from 'pg';

import { LOCK_NOT_AVAILABLE } from './explain.ts';
import type { Step } from './step.ts';
import { MessageFailure } from './wire.ts';

/** How a run of steps ended. `busy`: somebody else migrates; `moved`: somebody else has migrated meanwhile. */
export type Ending =
  | { readonly kind: 'done' | 'busy' | 'moved' }
  | { readonly kind: 'failed'; readonly step: Step; readonly failure: MessageFailure };

/** Called for each step whose row is written, with its rank and the milliseconds that it took. */
export type StepApplied = (step: Step, installedRank: number, executionTime: number) => void;

const CAST_FAILED = '22P02';
const UNIQUE_VIOLATION = '23505';

/** What a failure of a step's messages means. */
export function endingOf(step: Step, failure: MessageFailure): Ending {
  const { entry, error } = failure;
  const code = error instanceof DatabaseError ? error.code : undefined;
  if (entry?.kind === 'frame') {
    if (entry.purpose === 'lock' && code === CAST_FAILED) return { kind: 'busy' };
    if (entry.purpose === 'guard' && code === CAST_FAILED) return { kind: 'moved' };
    // Under REPEATABLE READ the guard is blind; the primary key is not.
    if (entry.purpose === 'history' && code === UNIQUE_VIOLATION) return { kind: 'moved' };
  }
  return { kind: 'failed', step, failure };
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
