import { sql } from 'kysely';
import { newTenantId } from '@tenantry/tenancy';
import type { Cell } from '../db/cells/registry.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import type { TenantContext } from './context.ts';
import { pickNeighbour } from './neighbour.ts';
import { buildSchema } from './schema/build.ts';
import { dropSchema } from './schema/drop.ts';
import { finishSchema } from './schema/finish.ts';

/**
 * Takes a spare schema that was built from these migrations, or gives undefined. Never waits for another claim; the
 * spare goes back by itself when the transaction is rolled back.
 */
export async function claimSpare(tx: Tx, cellId: string, migrationSet: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    DELETE FROM tenantry.spares
     WHERE id = (
       SELECT id FROM tenantry.spares
        WHERE cell_id = ${cellId} AND migration_set = ${migrationSet} AND state = 'ready'
        ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id`.execute(tx);
  return rows[0]?.id;
}

/**
 * Brings the warm pool of a cell to `size`: drops what a dead process left and what other migrations have made, then
 * builds, one at a time so that tenants who are waiting go first. One caller at a time; `signal` stops between two.
 */
export async function replenishSpares(
  ctx: TenantContext,
  cell: Cell,
  size: number,
  signal: AbortSignal,
): Promise<{ readonly built: number; readonly dropped: number }> {
  const current = size > 0 ? await ctx.migrations.current() : undefined;
  if (current) await ctx.migrations.register(ctx.control.db, current);
  const dropped = await dropStale(ctx, cell, current?.id ?? '', size);
  let built = 0;
  while (current && !signal.aborted && (await countReady(ctx, cell.id, current.id)) < size) {
    await buildSpare(ctx, cell, current, signal);
    built += 1;
  }
  return { built, dropped };
}

/**
 * Gives up those of these schemas that are spares of a cell for leases: an earlier version has made their lease functions, or
 * the cell allows leases since. The next replenishing drops them and builds others.
 */
export async function giveUpSpares(ctx: Context, cellId: string, schemas: readonly string[]): Promise<void> {
  await sql`
    UPDATE tenantry.spares SET state = 'dropping'
     WHERE cell_id = ${cellId} AND state = 'ready' AND id = ANY (${schemas})
       AND (SELECT 'leased' = ANY (lanes) FROM tenantry.cells WHERE id = ${cellId})`.execute(ctx.control.db);
}

/** Throws when the spare was given up: this process was thought dead, and another one has dropped what it left. */
async function expectBuilding(ctx: TenantContext, id: string): Promise<void> {
  const row = await ctx.control.db
    .selectFrom('spares')
    .select('id')
    .where('id', '=', id)
    .where('state', '=', 'building')
    .executeTakeFirst();
  if (!row) throw new Error(`The spare ${id} was given up by another process`);
}

/** Read for every spare: somebody may change it. */
async function isLeased(ctx: TenantContext, { id }: Cell): Promise<boolean> {
  const row = await ctx.control.db
    .selectFrom('cells')
    .select('lanes')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.lanes.includes('leased');
}

async function dropStale(
  ctx: TenantContext,
  cell: Cell,
  migrationSet: string,
  size: number,
): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    UPDATE tenantry.spares SET state = 'dropping'
     WHERE cell_id = ${cell.id}
       AND (state <> 'ready' OR migration_set <> ${migrationSet} OR id NOT IN (
             SELECT id FROM tenantry.spares
              WHERE cell_id = ${cell.id} AND migration_set = ${migrationSet} AND state = 'ready'
              ORDER BY created_at LIMIT ${size}))
    RETURNING id`.execute(ctx.control.db);
  for (const { id } of rows) {
    await dropSchema(cell, id);
    await ctx.control.db.deleteFrom('spares').where('id', '=', id).execute();
  }
  return rows.length;
}

async function countReady(ctx: TenantContext, cellId: string, migrationSet: string): Promise<number> {
  const row = await ctx.control.db
    .selectFrom('spares')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('cell_id', '=', cellId)
    .where('migration_set', '=', migrationSet)
    .where('state', '=', 'ready')
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

async function buildSpare(
  ctx: TenantContext,
  cell: Cell,
  current: Awaited<ReturnType<TenantContext['migrations']['current']>>,
  signal: AbortSignal,
): Promise<void> {
  const id = newTenantId();
  const leased = await isLeased(ctx, cell);
  const credential = { credentialKey: ctx.cells.credentialKey, credentialVersion: 1 };
  await ctx.control.db
    .insertInto('spares')
    .values({ id, cell_id: cell.id, state: 'building', migration_set: current.id })
    .execute();
  try {
    const placeholders = ctx.migrations.placeholdersFor(id);
    await buildSchema({
      tenant: id,
      cell,
      set: current.set,
      placeholders,
      ...credential,
      leased,
      signal,
      beforeCommit: () => expectBuilding(ctx, id),
    });
    await finishSchema({
      tenant: id,
      cell,
      ...credential,
      neighbour: pickNeighbour(ctx, cell.id, id),
      leased,
    });
  } catch (error) {
    await dropSchema(cell, id);
    await ctx.control.db.deleteFrom('spares').where('id', '=', id).execute();
    throw error;
  }
  await ctx.control.db
    .updateTable('spares')
    .set({ state: 'ready' })
    .where('id', '=', id)
    .where('state', '=', 'building')
    .execute();
}
