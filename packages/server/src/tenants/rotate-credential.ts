import type { Tenant, TenantAction } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { refuseWhileBusy } from '../operations/busy.ts';
import { changeTenant } from './change.ts';
import { lockTenant } from './find.ts';
import { setSecret, settleCutOff } from './settle.ts';

/**
 * Gives the tenant's login the next version of its derived secret, and ends the connections made with the old one.
 * Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT.
 */
export async function rotateTenantCredential(
  ctx: Context,
  ref: string,
  input: TenantAction,
): Promise<Tenant> {
  let touched: string | undefined;
  try {
    return await ctx.control.db.transaction().execute(async (tx) => {
      const row = await lockTenant(tx, ctx, ref);
      if (row.state === 'provisioning' || row.state === 'failed' || row.state === 'deleted') {
        const text = `The tenant is ${row.state}; it has no login to rotate.`;
        throw new TenantryError('TENANT_STATE_CONFLICT', text);
      }
      await refuseWhileBusy(tx, row.id);
      const version = row.credential_version + 1;
      const cell = await ctx.cells.get(row.cell_id);
      touched = row.id;
      await setSecret(ctx, cell, row.schema_name, version);
      const set = { credential_version: version };
      return changeTenant(tx, ctx, row, 'tenant.rotate-credential', set, input.reason);
    });
  } catch (error) {
    // Otherwise nobody could log in: the version that applications read would give the old secret.
    if (touched !== undefined) await settleCutOff(ctx, touched);
    throw error;
  }
}
