import type { Context } from '../db/context.ts';

/** The schema of some other active tenant of the cell, for a probe to be refused by; null when there is none. */
export async function pickNeighbour(ctx: Context, cellId: string, tenant: string): Promise<string | null> {
  const row = await ctx.control.db
    .selectFrom('tenants')
    .select('schema_name')
    .where('cell_id', '=', cellId)
    .where('state', '=', 'active')
    .where('id', '<>', tenant)
    .limit(1)
    .executeTakeFirst();
  return row?.schema_name ?? null;
}
