import type { Tenant, TenantAction } from '@tenantry/contract';
import { deriveCredential } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { changeTenant } from './change.ts';
import { lockTenant } from './find.ts';
import { changePassword } from './login.ts';
import { refuseWhileBusy } from './move.ts';

/**
 * Gives the tenant's login the next version of its derived secret, and ends the connections made with the old one.
 * Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT.
 */
export function rotateTenantCredential(ctx: Context, ref: string, input: TenantAction): Promise<Tenant> {
  return ctx.control.db.transaction().execute(async (tx) => {
    const row = await lockTenant(tx, ctx, ref);
    if (row.state === 'provisioning' || row.state === 'failed' || row.state === 'deleted') {
      throw new TenantryError(
        'TENANT_STATE_CONFLICT',
        `The tenant is ${row.state}; it has no login to rotate.`,
      );
    }
    await refuseWhileBusy(tx, row.id);
    const version = row.credential_version + 1;
    const password = deriveCredential(ctx.cells.credentialKey, row.id, version);
    await changePassword(await ctx.cells.get(row.cell_id), row.id, password);
    return changeTenant(
      tx,
      ctx,
      row,
      'tenant.rotate-credential',
      { credential_version: version },
      input.reason,
    );
  });
}
