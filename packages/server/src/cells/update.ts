import type { Cell, UpdateCell } from '@tenantry/contract';
import { record } from '../audit/record.ts';
import { prepareLeases, retireSlots } from '../db/cells/leases.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { emit } from '../db/emit.ts';
import { TenantryError } from '../errors.ts';
import { migrateReference } from './reference.ts';
import { leasedSlots, selectCells, toCell } from './rows.ts';

/**
 * Changes the lanes that a cell allows, or how many slots it has, and makes on the cell what is missing: also when nothing
 * changes. Slots that are not wanted any more end with the connections that use them.
 * Throws CELL_NOT_FOUND, DATABASE_UNAVAILABLE.
 */
export async function updateCell(ctx: Context, name: string, input: UpdateCell): Promise<Cell> {
  const updated = await ctx.control.db.transaction().execute(async (tx) => {
    const row = await selectCells(tx).where('cells.name', '=', name).forUpdate('cells').executeTakeFirst();
    if (!row) throw new TenantryError('CELL_NOT_FOUND');
    const before = toCell(row);
    const wanted = { lanes: input.lanes ?? row.lanes, slots: input.slots ?? row.slots };
    await applyToCell(tx, ctx, row, leasedSlots(wanted));
    await tx.updateTable('cells').set(wanted).where('id', '=', row.id).execute();
    const after: Cell = { ...before, lanes: wanted.lanes, slots: wanted.slots };
    await record(tx, ctx, { action: 'cell.update', target: { kind: 'cell', id: row.id }, before, after });
    await emit(tx, { type: 'cell.updated', topics: ['cells'], data: { cell: after } });
    return after;
  });
  await migrateReference(ctx, updated.id);
  return updated;
}

async function applyToCell(
  tx: Tx,
  ctx: Context,
  row: { readonly id: string; readonly system_identifier: string },
  slots: number,
): Promise<void> {
  // Roles belong to the whole server: what another of its cells needs stays.
  const others = await tx
    .selectFrom('cells')
    .select(['lanes', 'slots'])
    .where('system_identifier', '=', row.system_identifier)
    .where('id', '<>', row.id)
    .execute();
  const keep = Math.max(slots, ...others.map(leasedSlots));
  const cell = await ctx.cells.get(row.id);
  await cell.withConnection(async (client) => {
    await client.query('BEGIN');
    await prepareLeases(client, { slots, credentialKey: ctx.cells.credentialKey });
    await client.query('COMMIT');
    await retireSlots(client, slots, keep);
  });
}
