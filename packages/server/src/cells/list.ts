import type { CellList } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { selectCells, toCell } from './rows.ts';

/** Every cell, the default one first. */
export async function listCells(ctx: Context): Promise<CellList> {
  const rows = await selectCells(ctx.control.db).orderBy('is_default', 'desc').orderBy('name').execute();
  return { items: rows.map(toCell) };
}
