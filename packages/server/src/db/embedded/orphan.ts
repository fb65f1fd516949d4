import { setTimeout as delay } from 'node:timers/promises';
import { runningPostmaster } from '@tenantry/tenancy/embedded';

const POLL_MS = 20;
const PATIENCE_MS: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

/**
 * Stops a PostgreSQL that outlived the process that started it (kill -9 reaches no child). It is stopped and started anew rather than
 * adopted, because only a child's end is told to its parent, and because settings of a newer program would not reach it.
 * To be called by the holder of the home's lock only.
 *
 * @returns the pid that was stopped, or undefined when there was none
 */
export async function stopOrphan(dataDirectory: string): Promise<number | undefined> {
  const pid = await runningPostmaster(dataDirectory).catch(() => undefined);
  if (pid === undefined) return undefined;
  for (const [signal, patienceMs] of PATIENCE_MS) {
    try {
      process.kill(pid, signal);
    } catch {
      return pid;
    }
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      if ((await runningPostmaster(dataDirectory)) !== pid) return pid;
      await delay(POLL_MS);
    }
  }
  return pid;
}
