import { readFile } from 'node:fs/promises';
import { EmbeddedError } from './errors.ts';

const LAST_LINES = 12;

/** Where a server that did not start wrote its reasons. */
export interface FailedStart {
  readonly logFile: string;
  /** Length of the log, in bytes, before this start. */
  readonly logStart: number;
  readonly port: number;
  /** Why the program could not even be run. */
  readonly cause?: Error | undefined;
}

/** Turns the log of a failed start into an error with a code and the next step. */
export async function startFailure(failed: FailedStart): Promise<EmbeddedError> {
  const bytes = await readFile(failed.logFile).catch(() => Buffer.alloc(0));
  const logLines = bytes.subarray(failed.logStart).toString('utf8').trim().split('\n').slice(-LAST_LINES);
  const log = [...logLines, failed.cause?.message ?? ''].join('\n').trim();
  if (/could not bind .*Address already in use/.test(log)) {
    return new EmbeddedError(
      'EMBEDDED_PORT_TAKEN',
      `Port ${String(failed.port)} on 127.0.0.1 is taken by another program. Choose another port, or stop that program.`,
      { logLines },
    );
  }
  return new EmbeddedError(
    'EMBEDDED_START_FAILED',
    `PostgreSQL did not start. Its last words, from ${failed.logFile}:\n${log}`,
    { logLines, cause: failed.cause },
  );
}

/**
 * Whether a start failed because processes of a killed server have not yet let go of its shared memory.
 * They notice within moments that their parent is gone, so the same start succeeds a little later.
 */
export function isMemoryStillInUse(error: unknown): boolean {
  return (
    error instanceof EmbeddedError &&
    error.logLines.some((line) => line.includes('pre-existing shared memory block'))
  );
}
