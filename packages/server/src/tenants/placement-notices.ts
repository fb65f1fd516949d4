import { sql } from 'kysely';
import { placementChannel } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';

/** In one message to a cell; the rest follows in the next. */
const most = 1000;

/**
 * Tells the applications of every cell, or of one, about the placements that have changed there. What a cell could not be
 * told stays for the next time; what two processes tell at once is told twice, which does no harm. Never throws for a cell
 * that is away. Gives how many notices were delivered.
 */
export async function sendPlacementNotices(ctx: Context, onlyCell?: string): Promise<number> {
  let query = ctx.control.db.selectFrom('placement_notices').select('cell_id').distinct();
  if (onlyCell !== undefined) query = query.where('cell_id', '=', onlyCell);
  const sent = await Promise.all(
    (await query.execute()).map(async ({ cell_id: cell }) => {
      try {
        return await sendTo(ctx, cell);
      } catch (err) {
        ctx.log.warn(
          { err, cell },
          'A cell could not be told of changed placements; tried again in a minute',
        );
        return 0;
      }
    }),
  );
  return sent.reduce((total, count) => total + count, 0);
}

async function sendTo(ctx: Context, cellId: string): Promise<number> {
  const cell = await ctx.cells.get(cellId);
  for (let sent = 0; ;) {
    const rows = await ctx.control.db
      .selectFrom('placement_notices')
      .select(['id', 'tenant_id'])
      .where('cell_id', '=', cellId)
      .orderBy('id')
      .limit(most)
      .execute();
    if (rows.length === 0) return sent;
    const tenants = [...new Set(rows.map((row) => row.tenant_id))];
    await cell.withConnection((client) =>
      client.query('SELECT pg_notify($1, tenant) FROM unnest($2::text[]) AS tenant', [
        placementChannel,
        tenants,
      ]),
    );
    // Only now: a crash in between tells it again.
    await sql`DELETE FROM tenantry.placement_notices WHERE id = ANY (${rows.map(({ id }) => id)}::bigint[])`.execute(
      ctx.control.db,
    );
    sent += rows.length;
  }
}
