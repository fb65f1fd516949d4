import { setTimeout as delay } from 'node:timers/promises';
import { advisoryKey, tryAdvisoryLock } from '../db/advisory-lock.ts';
import type { Context } from '../db/context.ts';

const lookAgainMs = 100;

/**
 * Runs `work` while no other run, of this process or another, works on the cell: an audit would take the canaries of the other for
 * strangers. PostgreSQL takes the lock back when this process dies.
 */
export async function whileAlone<T>(
  ctx: Context,
  cellId: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const client = await ctx.control.pool.connect();
  const lock = { name: `tenantry.isolation.cell ${cellId}` };
  let taken = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      taken = await tryAdvisoryLock(client, lock);
      if (taken) break;
      await delay(lookAgainMs, undefined, { signal });
    }
    return await work();
  } finally {
    // With the connection goes the lock: a broken one is not given back to the pool.
    const unlocked = taken
      ? await client.query(`SELECT pg_advisory_unlock(${advisoryKey(lock)})`).then(
          () => true,
          () => false,
        )
      : true;
    client.release(!unlocked);
  }
}
