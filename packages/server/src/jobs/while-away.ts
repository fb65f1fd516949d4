import { setTimeout as delay } from 'node:timers/promises';
import { isConnectionError } from '../db/pg-errors.ts';
import { ForgottenError } from '../operations/ledger.ts';

const tryAgainMs = 500;

/**
 * Does `work` again for as long as the database is not there, until the process stops. The queue would do it too, but it
 * needs the same database to note the failure, and waits for missed heartbeats where it could not.
 */
export async function whileAway<T>(stopping: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (stopping.aborted || !(isConnectionError(error) || error instanceof ForgottenError)) throw error;
      await delay(tryAgainMs, undefined, { signal: stopping }).catch(() => {});
    }
  }
}
