import type { CellCheck } from '@tenantry/contract';
import { checkCell as checkDatabase, isFit } from '../db/cells/check.ts';
import { checkLeases } from '../db/cells/check-leases.ts';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { checkReference } from './reference.ts';
import { leasedSlots } from './rows.ts';

/** What a cell lacks, item by item, and the SQL that mends it. Throws CELL_NOT_FOUND, DATABASE_UNAVAILABLE. */
export async function checkCell(ctx: Context, name: string): Promise<CellCheck> {
  const row = await ctx.control.db
    .selectFrom('cells')
    .select(['id', 'allowed_extensions', 'lanes', 'slots'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (!row) throw new TenantryError('CELL_NOT_FOUND');
  const cell = await ctx.cells.get(row.id);
  const items = await cell.withConnection(async (client) => [
    ...(await checkDatabase(client, row.allowed_extensions)),
    ...(await checkLeases(client, name, leasedSlots(row))),
    ...(await checkReference(ctx, client, { id: row.id, name, slots: row.slots })),
  ]);
  return { cell: name, ok: isFit(items), items };
}
