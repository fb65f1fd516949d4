import { tenantryLayout } from '@tenantry/isolation';
import { readAccessMatrix, type AccessMatrix } from '@tenantry/isolation/evidence';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { liveCanaries } from '../isolation/canaries.ts';

/** A cell and who may do what on it. */
export type CellMatrix = readonly [cell: string, matrix: AccessMatrix];

/** The access matrix of one cell, or of every one. Throws CELL_NOT_FOUND, and DATABASE_UNAVAILABLE where one cannot be reached. */
export async function readMatrices(ctx: Context, name?: string): Promise<readonly CellMatrix[]> {
  let query = ctx.control.db.selectFrom('cells').select(['id', 'name']);
  if (name !== undefined) query = query.where('name', '=', name);
  const cells = await query.orderBy('is_default', 'desc').orderBy('name').execute();
  if (cells.length === 0) throw new TenantryError('CELL_NOT_FOUND');
  return Promise.all(cells.map(async (cell) => [cell.name, await readMatrix(ctx, cell.id)] as const));
}

async function readMatrix(ctx: Context, cellId: string): Promise<AccessMatrix> {
  const cell = await ctx.cells.get(cellId);
  return cell.withConnection(async (client) => {
    const canaries = await liveCanaries(client);
    const layout = tenantryLayout({ database: cell.address.database });
    const tenants = { ...layout.tenants, except: [...layout.tenants.except, ...canaries] };
    return readAccessMatrix(client, { ...layout, tenants });
  });
}
