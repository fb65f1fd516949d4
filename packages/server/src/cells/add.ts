import { sql } from 'kysely';
import { cellLanes, type AddCell, type Cell } from '@tenantry/contract';
import { randomBase32 } from '@tenantry/tenancy';
import { record } from '../audit/record.ts';
import { parseCellUrl } from '../db/cells/address.ts';
import type { Context } from '../db/context.ts';
import { emit } from '../db/emit.ts';
import { isUniqueViolation } from '../db/pg-errors.ts';
import { seal } from '../db/secrets.ts';
import { TenantryError } from '../errors.ts';
import { expectNewDatabase } from './expect-new.ts';
import { expectFit, inspectCell } from './inspect.ts';
import { migrateReference } from './reference.ts';
import { defaultSlots, leasedSlots, toCell } from './rows.ts';

/**
 * Adds a PostgreSQL database as a cell: checks it, prepares it, stores its connection string encrypted.
 * Throws CELL_NAME_TAKEN, CELL_DATABASE_TAKEN, CELL_UNREACHABLE, CELL_LOGIN_REFUSED, CELL_VERSION_UNSUPPORTED, CELL_UNFIT, VALIDATION.
 */
export async function addCell(ctx: Context, input: AddCell): Promise<Cell> {
  const { label, login } = parseCellUrl(input.url);
  const allowedExtensions = input.allowedExtensions ?? [];
  const lanes = input.lanes ?? [...cellLanes];
  const slots = input.slots ?? defaultSlots;
  // Prepares only what is fit and no cell yet: a database that is refused stays as it was.
  await expectFreeName(ctx, input.name);
  const found = await inspectCell(input.url, input.name, allowedExtensions);
  expectFit(found);
  await expectNewDatabase(ctx, ctx.control.db, input.url, found.systemIdentifier);
  const inspection = await inspectCell(input.url, input.name, allowedExtensions, {
    slots: leasedSlots({ lanes, slots }),
    credentialKey: ctx.cells.credentialKey,
  });
  const id = `c_${randomBase32(12)}`;
  try {
    const added = await ctx.control.db.transaction().execute(async (tx) => {
      // Whoever adds the same database at the same moment, under another name, has the lock before or after.
      await sql`LOCK TABLE tenantry.cells IN SHARE ROW EXCLUSIVE MODE`.execute(tx);
      await expectNewDatabase(ctx, tx, input.url, inspection.systemIdentifier);
      const row = await tx
        .insertInto('cells')
        .values({
          id,
          name: input.name,
          kind: 'external',
          is_default: false,
          url_encrypted: seal(ctx.cells.credentialKey, id, input.url),
          host: label,
          login,
          server_version: inspection.serverVersion,
          system_identifier: inspection.systemIdentifier,
          allowed_extensions: allowedExtensions,
          lanes,
          slots,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const cell = toCell({ ...row, tenant_count: '0', spare_count: '0' });
      await record(tx, ctx, { action: 'cell.add', target: { kind: 'cell', id }, after: cell });
      await emit(tx, { type: 'cell.added', topics: ['cells'], data: { cell } });
      return cell;
    });
    await migrateReference(ctx, id);
    return added;
  } catch (error) {
    if (isUniqueViolation(error, 'cells_name_key')) throw new TenantryError('CELL_NAME_TAKEN');
    throw error;
  }
}

/** Before anything is done with the database; what is added at the same moment meets the unique name. */
async function expectFreeName(ctx: Context, name: string): Promise<void> {
  const row = await ctx.control.db
    .selectFrom('cells')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst();
  if (row) throw new TenantryError('CELL_NAME_TAKEN');
}
