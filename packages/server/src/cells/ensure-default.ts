import { cellLanes } from '@tenantry/contract';
import { randomBase32 } from '@tenantry/tenancy';
import { record } from '../audit/record.ts';
import { parseCellUrl } from '../db/cells/address.ts';
import type { Context } from '../db/context.ts';
import { expectFit, inspectCell } from './inspect.ts';
import { defaultSlots, leasedSlots } from './rows.ts';

export interface DefaultCell {
  readonly kind: 'embedded' | 'external';
  readonly url: string;
  readonly allowedExtensions: readonly string[];
}

/**
 * Makes the database of the control plane its default cell, and brings the cell's row up to date with the configuration:
 * another port, another server version, other extensions. Gives the cell's id.
 */
export async function ensureDefaultCell(ctx: Context, input: DefaultCell): Promise<string> {
  const known = await ctx.control.db
    .selectFrom('cells')
    .select(['lanes', 'slots'])
    .where('is_default', '=', true)
    .executeTakeFirst();
  const inspection = await inspectCell(input.url, 'default', input.allowedExtensions, {
    slots: leasedSlots(known ?? { lanes: cellLanes, slots: defaultSlots }),
    credentialKey: ctx.cells.credentialKey,
  });
  expectFit(inspection);
  const { label, login } = parseCellUrl(input.url);
  const facts = {
    kind: input.kind,
    host: label,
    login,
    server_version: inspection.serverVersion,
    system_identifier: inspection.systemIdentifier,
    allowed_extensions: [...input.allowedExtensions],
  };
  return ctx.control.db.transaction().execute(async (tx) => {
    const updated = await tx
      .updateTable('cells')
      .set(facts)
      .where('is_default', '=', true)
      .returning('id')
      .executeTakeFirst();
    if (updated) return updated.id;
    const id = `c_${randomBase32(12)}`;
    const created = await tx
      .insertInto('cells')
      .values({ id, name: 'default', is_default: true, url_encrypted: null, ...facts })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (created) {
      const after = { name: 'default', kind: input.kind, host: label, login };
      await record(tx, ctx, { action: 'cell.add', target: { kind: 'cell', id }, after });
      return id;
    }
    // Another control plane that started at the same moment made it.
    const other = await tx
      .selectFrom('cells')
      .select('id')
      .where('is_default', '=', true)
      .executeTakeFirstOrThrow();
    return other.id;
  });
}
