import type { CellCheck } from '@tenantry/contract';
import { checkCell as checkDatabase, isFit } from '../db/cells/check.ts';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';

/** What a cell lacks, item by item, and the SQL that mends it. Throws CELL_NOT_FOUND, DATABASE_UNAVAILABLE. */
export async function checkCell(ctx: Context, name: string): Promise<CellCheck> {
  const row = await ctx.control.db
    .selectFrom('cells')
    .select(['id', 'allowed_extensions'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (!row) throw new TenantryError('CELL_NOT_FOUND');
  const cell = await ctx.cells.get(row.id);
  const items = await cell.withConnection((client) => checkDatabase(client, row.allowed_extensions));
  return { cell: name, ok: isFit(items), items };
}
