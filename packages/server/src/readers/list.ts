import type { ListReaders, ReaderList } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { selectReaders, toReader } from './rows.ts';

/** Of those that are closed; the audit trail has the others. */
const most = 100;

/** Readers, newest first: all that are not closed, and the last 100 that are. */
export async function listReaders(ctx: Context, { state }: ListReaders): Promise<ReaderList> {
  const newest = selectReaders(ctx.control.db)
    .orderBy('readers.created_at', 'desc')
    .orderBy('readers.id', 'desc');
  const [unfinished, closed] = await Promise.all([
    newest.where('readers.state', '<>', 'closed').execute(),
    newest.where('readers.state', '=', 'closed').limit(most).execute(),
  ]);
  const rows = [...unfinished, ...closed].filter((row) => state === undefined || row.state === state);
  return { items: rows.toSorted((a, b) => b.created_at.getTime() - a.created_at.getTime()).map(toReader) };
}
