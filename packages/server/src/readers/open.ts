import { randomBytes } from 'node:crypto';
import type { OpenedReader, OpenReader } from '@tenantry/contract';
import { randomBase32 } from '@tenantry/tenancy';
import { recordAll } from '../audit/record.ts';
import type { Cell } from '../db/cells/registry.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { TenantryError } from '../errors.ts';
import { lockTenant } from '../tenants/find.ts';
import { publicTls } from '../tenants/placement.ts';
import type { TenantRecord } from '../tenants/rows.ts';
import { closeReader } from './close.ts';
import { openEntry, readerEvent } from './record.ts';
import { makeReaderRole } from './role.ts';
import { lockReader, toReader, type ReaderRecord } from './rows.ts';

const defaultMinutes = 30;
const readable: ReadonlySet<string> = new Set(['active', 'suspended', 'archived']);

/**
 * Opens a reader: a login that sees the tables of the named tenants, reads only, and is dropped when its time is over. Its
 * password is in the answer and nowhere else. The row and the audit events, one for each tenant, are committed before the
 * role is made: there is no reader that nobody knows of.
 * Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT, VALIDATION (tenants of several cells), DATABASE_UNAVAILABLE.
 */
export async function openReader(ctx: Context, input: OpenReader): Promise<OpenedReader> {
  const reserved = await ctx.control.db.transaction().execute((tx) => reserve(tx, ctx, input));
  const password = randomBytes(24).toString('base64url');
  try {
    const cell = await ctx.cells.get(reserved.cell_id);
    const role = {
      login: reserved.login,
      password,
      expiresAt: reserved.expires_at,
      schemas: reserved.tenants.map(({ schema_name: schema }) => schema),
    };
    const relations = await makeReaderRole(cell, role, () => expectOpening(ctx, reserved.id));
    const opened = await ctx.control.db
      .transaction()
      .execute((tx) => markOpen(tx, ctx, reserved.id, relations));
    return { reader: toReader(opened), connection: { ...addressOf(cell), user: opened.login, password } };
  } catch (error) {
    // What cannot be closed now is closed by the sweep.
    await closeReader(ctx, reserved.id, 'failed').catch((err: unknown) =>
      ctx.log.warn({ err, reader: reserved.id }, 'A reader could not be closed; tried again in a minute'),
    );
    throw error;
  }
}

async function reserve(tx: Tx, ctx: Context, input: OpenReader): Promise<ReaderRecord> {
  const tenants = await tenantsOf(tx, ctx, input.tenants);
  const cellId = tenants[0]!.cell_id;
  if (tenants.some((tenant) => tenant.cell_id !== cellId)) {
    throw new TenantryError(
      'VALIDATION',
      'The tenants live on several cells, and a reader is a login on one. Open one for each cell.',
    );
  }
  const now = ctx.clock();
  const id = `r_${randomBase32(12)}`;
  await tx
    .insertInto('readers')
    .values({
      id,
      login: `tenantry_reader_${randomBase32(12)}`,
      cell_id: cellId,
      state: 'opening',
      reason: input.reason,
      created_by: ctx.actor.name,
      created_at: now,
      expires_at: new Date(now.getTime() + (input.minutes ?? defaultMinutes) * 60_000),
      ended: null,
    })
    .execute();
  await tx
    .insertInto('reader_tenants')
    .values(tenants.map((tenant) => ({ reader_id: id, tenant_id: tenant.id })))
    .execute();
  const row = await lockReader(tx, id);
  const entries = row.tenants.map((tenant) => openEntry(row, tenant));
  await recordAll(tx, ctx, entries, [readerEvent(toReader(row))]);
  return row;
}

/** Locked in one order, so that two readers of the same tenants do not wait for each other for ever. */
async function tenantsOf(tx: Tx, ctx: Context, refs: readonly string[]): Promise<readonly TenantRecord[]> {
  const found = new Map<string, TenantRecord>();
  for (const ref of [...new Set(refs)].toSorted()) {
    const row = await lockTenant(tx, ctx, ref);
    if (!readable.has(row.state)) {
      throw new TenantryError(
        'TENANT_STATE_CONFLICT',
        `The tenant ${row.id} is ${row.state}; a reader sees active, suspended and archived ones.`,
      );
    }
    found.set(row.id, row);
  }
  return [...found.values()];
}

/** Throws when the reader was given up meanwhile: this process was thought dead. */
async function expectOpening(ctx: Context, id: string): Promise<void> {
  const row = await ctx.control.db
    .selectFrom('readers')
    .select('id')
    .where('id', '=', id)
    .where('state', '=', 'opening')
    .executeTakeFirst();
  if (!row) throw givenUp();
}

async function markOpen(
  tx: Tx,
  ctx: Context,
  id: string,
  relations: ReadonlyMap<string, number>,
): Promise<ReaderRecord> {
  const row = await lockReader(tx, id);
  if (row.state !== 'opening') throw givenUp();
  await tx.updateTable('readers').set({ state: 'open' }).where('id', '=', id).execute();
  for (const tenant of row.tenants) {
    await tx
      .updateTable('reader_tenants')
      .set({ relations: relations.get(tenant.schema_name) ?? 0 })
      .where('reader_id', '=', id)
      .where('tenant_id', '=', tenant.id)
      .execute();
  }
  const opened = await lockReader(tx, id);
  await recordAll(tx, ctx, [], [readerEvent(toReader(opened))]);
  return opened;
}

function givenUp(): TenantryError {
  return new TenantryError('INTERNAL', 'Opening the reader took too long, and it was closed. Open another.');
}

function addressOf({ address: { host, port, database, ssl: own } }: Cell) {
  const ssl = publicTls(own);
  return { host, port, database, ...(ssl === undefined ? {} : { ssl }) };
}
