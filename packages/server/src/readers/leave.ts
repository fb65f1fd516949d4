import { recordAll } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import { closeEntry, readerEvent } from './record.ts';
import { takeSchema } from './role.ts';
import { lockReader, toReader } from './rows.ts';

/**
 * Takes a tenant from every reader that sees it, before its schema is dropped: a reader that is in the middle of a
 * transaction holds locks on its tables, and the drop would wait for as long as it likes. The connections of such a reader
 * are ended; it can come back for its other tenants. Safe to run again.
 */
export async function leaveTenant(ctx: Context, tenantId: string): Promise<void> {
  const readers = await ctx.control.db
    .selectFrom('reader_tenants')
    .innerJoin('readers', 'readers.id', 'reader_tenants.reader_id')
    .innerJoin('tenants', 'tenants.id', 'reader_tenants.tenant_id')
    .select(['readers.id', 'readers.login', 'readers.cell_id', 'tenants.schema_name'])
    .where('reader_tenants.tenant_id', '=', tenantId)
    .where('reader_tenants.left_at', 'is', null)
    .where('readers.state', '<>', 'closed')
    .execute();
  for (const { id, login, cell_id: cellId, schema_name: schema } of readers) {
    await takeSchema(await ctx.cells.get(cellId), login, schema);
    await markLeft(ctx, id, tenantId);
  }
}

async function markLeft(ctx: Context, id: string, tenantId: string): Promise<void> {
  await ctx.control.db.transaction().execute(async (tx) => {
    const before = await lockReader(tx, id);
    const tenant = before.tenants.find((each) => each.id === tenantId);
    // Closed meanwhile, or taken by another: both have said so.
    if (!tenant || tenant.left_at !== null || before.state === 'closed') return;
    await tx
      .updateTable('reader_tenants')
      .set({ left_at: ctx.clock() })
      .where('reader_id', '=', id)
      .where('tenant_id', '=', tenantId)
      .execute();
    const after = await lockReader(tx, id);
    await recordAll(tx, ctx, [closeEntry(before, tenant, 'purged')], [readerEvent(toReader(after))]);
  });
}
