import type { Cell } from '../db/cells/registry.ts';
import { mendSlots, renewSlotPasswords } from '../db/cells/mend-slots.ts';
import type { TenantContext } from './context.ts';

/** How often every slot gets its password again. */
const renewalMs = 3_600_000;

/** When this process last did so, by the cell. */
const renewedAt = new WeakMap<Cell, number>();

/**
 * Puts the slots of all cells right: leases of processes that died, settings that a tenant has stored on one, and, every hour,
 * their passwords. One cell that cannot be reached keeps no other from it.
 */
export async function mendCells(ctx: TenantContext): Promise<void> {
  const cells = await ctx.control.db
    .selectFrom('cells')
    .select(['id', 'name'])
    .where('slots', '>', 0)
    .execute();
  for (const { id, name } of cells) {
    try {
      await mendCell(ctx, await ctx.cells.get(id));
    } catch (err) {
      ctx.log.warn(
        { err, cell: name },
        'The slots of a cell could not be put right; tried again in a minute',
      );
    }
  }
}

async function mendCell(ctx: TenantContext, cell: Cell): Promise<void> {
  const now = ctx.clock().getTime();
  const isDue = now - (renewedAt.get(cell) ?? Number.NEGATIVE_INFINITY) >= renewalMs;
  const { orphans, settings } = await cell.withConnection(async (client) => {
    if (isDue) await renewSlotPasswords(client, ctx.cells.credentialKey);
    return mendSlots(client);
  });
  if (isDue) renewedAt.set(cell, now);
  if (orphans.length > 0)
    ctx.log.info({ cell: cell.name, slots: orphans }, 'Leases of processes that are no more were taken back');
  if (settings.length > 0)
    ctx.log.warn(
      { cell: cell.name, slots: settings },
      'A tenant had stored settings on the login of a slot; they were removed. Look which tenants were leased',
    );
}
