import { setTimeout as delay } from 'node:timers/promises';

/**
 * Looks again and again until `look` gives something else than undefined or false, and gives that. For what no signal
 * tells of: rows that another process writes, locks that a backend waits for.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMs = 25_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`Waited ${withinMs} ms in vain until ${what}`, { cause: last });
    }
    await delay(20);
  }
}
