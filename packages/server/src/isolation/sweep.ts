import { sweepCanaries } from '@tenantry/isolation';
import type { Cell } from '../db/cells/registry.ts';
import type { Context } from '../db/context.ts';

/** Removes what killed runs have left on a cell; gives the roles. What cannot be removed is logged, and tried again. */
export async function sweepCell(ctx: Context, cell: Cell): Promise<readonly string[]> {
  const swept = await cell.withConnection(sweepCanaries);
  for (const { run, failure } of swept) {
    if (failure !== null)
      ctx.log.warn({ cell: cell.name, run, failure }, 'What a killed run has left could not be removed');
  }
  return swept.flatMap(({ roles, failure }) => (failure === null ? roles : []));
}

/** The same for every cell; one that cannot be reached keeps nobody else from it. */
export async function sweepCells(ctx: Context): Promise<void> {
  const cells = await ctx.control.db.selectFrom('cells').select(['id', 'name']).execute();
  for (const { id, name } of cells) {
    try {
      await sweepCell(ctx, await ctx.cells.get(id));
    } catch (err) {
      ctx.log.warn({ err, cell: name }, 'A cell could not be swept of canaries; tried again in a minute');
    }
  }
}
