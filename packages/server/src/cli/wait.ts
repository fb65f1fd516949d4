import type { Operation } from '@tenantry/contract';
import { CliError, exitCodes, OperationFailed } from './exit.ts';
import { describeProgress, startProgress } from './progress.ts';
import { interruption, type Session } from './session.ts';
import { isFinished, watchOperation } from './watch.ts';

/** How long commands wait for an operation unless `--timeout` says otherwise. */
export const defaultTimeout = '10m';

/** A signal that ends a wait: by Ctrl-C, or when `timeout` milliseconds are over. Both say that the operation goes on. */
export function waitSignal(session: Session, id: string, timeout: number): AbortSignal {
  const next = `It goes on in the control plane. Follow it with "tenantry operation watch ${id}".`;
  const ended = new AbortController();
  session.interrupted.addEventListener(
    'abort',
    () =>
      ended.abort(
        new CliError(
          exitCodes.interrupted,
          interruption().code,
          `Stopped waiting for operation ${id}.`,
          next,
        ),
      ),
    { once: true },
  );
  const late = new CliError(exitCodes.failed, 'WAIT_TIMEOUT', `Operation ${id} has not ended in time.`, next);
  // Node fires at once for what does not fit its timers (24.8 days): that long is for ever.
  setTimeout(() => ended.abort(late), Math.min(timeout, 2 ** 31 - 1)).unref();
  return ended.signal;
}

/** Waits for an operation with a progress line on stderr. Throws OperationFailed, WAIT_TIMEOUT, INTERRUPTED. */
export async function waitForOperation(
  session: Session,
  started: Operation,
  timeout: number,
): Promise<Operation> {
  // A claim from the warm pool is over when the request is answered.
  if (isFinished(started)) return succeeded(started);
  const { id } = started;
  const progress = startProgress(session.out, session.host.stderr);
  try {
    for await (const operation of watchOperation(session.client, id, {
      signal: waitSignal(session, id, timeout),
    })) {
      progress.show(describeProgress(operation));
      if (isFinished(operation)) return succeeded(operation);
    }
  } finally {
    progress.stop();
  }
  throw new CliError(exitCodes.failed, 'FAILED', `Operation ${id} could not be followed to its end.`);
}

/** The operation, if it succeeded; throws OperationFailed. */
export function succeeded(operation: Operation): Operation {
  if (operation.state === 'succeeded') return operation;
  throw new OperationFailed(operation);
}
