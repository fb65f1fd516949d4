import type { Reader, ReaderEnd } from '@tenantry/contract';
import { recordAll } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import { closeEntry, readerEvent } from './record.ts';
import { dropReaderRole } from './role.ts';
import { lockReader, toReader, type ReaderRecord } from './rows.ts';

/**
 * Closes a reader: no new connection, the open ones ended, its login dropped. Closing it again changes nothing. It is
 * `closing` before anything is done and `closed` when all is, so that the sweep finishes what is cut off in between.
 * Throws READER_NOT_FOUND, DATABASE_UNAVAILABLE.
 */
export async function closeReader(ctx: Context, id: string, end: ReaderEnd = 'closed'): Promise<Reader> {
  const closing = await ctx.control.db.transaction().execute(async (tx) => {
    const row = await lockReader(tx, id);
    if (row.state !== 'opening' && row.state !== 'open') return row;
    await tx.updateTable('readers').set({ state: 'closing', ended: end }).where('id', '=', id).execute();
    return lockReader(tx, id);
  });
  if (closing.state === 'closed') return toReader(closing);
  await dropReaderRole(await ctx.cells.get(closing.cell_id), closing.login);
  return toReader(await markClosed(ctx, id));
}

function markClosed(ctx: Context, id: string): Promise<ReaderRecord> {
  return ctx.control.db.transaction().execute(async (tx) => {
    const row = await lockReader(tx, id);
    // Another call has been faster, and has written it down.
    if (row.state === 'closed') return row;
    await tx
      .updateTable('readers')
      .set({ state: 'closed', closed_at: ctx.clock() })
      .where('id', '=', id)
      .execute();
    const closed = await lockReader(tx, id);
    const seen = closed.tenants.filter((tenant) => tenant.left_at === null);
    const entries = seen.map((tenant) => closeEntry(closed, tenant, closed.ended ?? 'closed'));
    await recordAll(tx, ctx, entries, [readerEvent(toReader(closed))]);
    return closed;
  });
}
