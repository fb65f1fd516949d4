import type pg from 'pg';
import type { Cell } from '../db/cells/registry.ts';
import { endLongStatements, mendSlots } from '../db/cells/mend-slots.ts';
import { prepareLeases, type LeasePlan } from '../db/cells/leases.ts';
import type { TenantContext } from './context.ts';

/** How often a cell is brought up to date. */
const upToDateMs = 3_600_000;
/** How often it is looked for statements that do not end: each slot is a SET ROLE, which takes long where there are many tenants. */
const longLookMs = 600_000;

/** When this process last did so, by the cell. */
const broughtAt = new WeakMap<Cell, number>();
const lookedAt = new WeakMap<Cell, number>();

/**
 * Puts the slots of all cells right after processes that died, and, every hour, what an earlier version has made of a cell. One
 * cell that cannot be reached keeps no other from it.
 */
export async function mendCells(ctx: TenantContext): Promise<void> {
  const cells = await ctx.control.db
    .selectFrom('cells')
    .select(['id', 'name', 'slots'])
    .where('slots', '>', 0)
    .execute();
  for (const { id, name, slots } of cells) {
    try {
      await mendCell(ctx, await ctx.cells.get(id), slots);
    } catch (err) {
      ctx.log.warn(
        { err, cell: name },
        'The slots of a cell could not be put right; tried again in a minute',
      );
    }
  }
}

async function mendCell(ctx: TenantContext, cell: Cell, slots: number): Promise<void> {
  const now = ctx.clock().getTime();
  const isDue = now - (broughtAt.get(cell) ?? Number.NEGATIVE_INFINITY) >= upToDateMs;
  const looksForLong = now - (lookedAt.get(cell) ?? Number.NEGATIVE_INFINITY) >= longLookMs;
  const plan = { slots, credentialKey: ctx.cells.credentialKey };
  const { orphans, dropped, long } = await cell.withConnection(async (client) => {
    if (isDue) await bringUpToDate(client, plan);
    const ended = looksForLong ? await endLongStatements(client) : [];
    const mended = await mendSlots(client);
    if (mended.dropped.length > 0) await bringUpToDate(client, plan);
    return { ...mended, long: ended };
  });
  if (isDue) broughtAt.set(cell, now);
  if (looksForLong) lookedAt.set(cell, now);
  if (long.length > 0)
    ctx.log.warn(
      { cell: cell.name, slots: long },
      'A statement on a lease did not end and was ended with its session. Look which tenants were leased',
    );
  if (orphans.length > 0)
    ctx.log.info({ cell: cell.name, slots: orphans }, 'Leases of processes that are no more were taken back');
  if (dropped.length > 0)
    ctx.log.warn(
      { cell: cell.name, slots: dropped },
      'A tenant had stored settings on the login of a slot that cannot be taken away; the slot was made anew. Look which tenants were leased',
    );
}

/** Also the lease functions, which an earlier version may have made: those of added cells are made by no start. */
async function bringUpToDate(client: pg.ClientBase, plan: LeasePlan): Promise<void> {
  await client.query('BEGIN');
  try {
    await prepareLeases(client, plan);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
