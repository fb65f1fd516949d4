import type { Reader } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { selectReaders, toReader } from './rows.ts';

/** A reader with what it may see. Throws READER_NOT_FOUND. */
export async function getReader(ctx: Context, id: string): Promise<Reader> {
  const row = await selectReaders(ctx.control.db).where('readers.id', '=', id).executeTakeFirst();
  if (!row) throw new TenantryError('READER_NOT_FOUND');
  return toReader(row);
}
