import type { ReaderEnd } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { closeReader } from './close.ts';

/** A process that has not opened a reader after so long is dead, or is refused when it comes back. */
const openingForMs = 60_000;

/**
 * Closes the readers whose time is over, and finishes what was cut off: one that was being opened or closed by a process
 * that died. Gives how many. One that cannot be closed keeps nobody else from it.
 */
export async function sweepReaders(ctx: Context): Promise<number> {
  const now = ctx.clock();
  const due = await ctx.control.db
    .selectFrom('readers')
    .select(['id', 'state'])
    .where('state', '<>', 'closed')
    .where((eb) =>
      eb.or([
        eb('state', '=', 'closing'),
        eb.and([eb('state', '=', 'open'), eb('expires_at', '<=', now)]),
        eb.and([eb('state', '=', 'opening'), eb('created_at', '<=', new Date(now.getTime() - openingForMs))]),
      ]),
    )
    .execute();
  let closed = 0;
  for (const { id, state } of due) {
    const end: ReaderEnd = state === 'opening' ? 'failed' : 'expired';
    try {
      await closeReader(ctx, id, end);
      closed += 1;
    } catch (err) {
      ctx.log.warn({ err, reader: id }, 'A reader could not be closed; tried again in a minute');
    }
  }
  return closed;
}
