import type { Tenant, TenantAction } from '@tenantry/contract';
import { deriveCredential } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { isConnectionError } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import { changeTenant } from './change.ts';
import { lockTenant } from './find.ts';
import { changePassword } from './login.ts';
import { refuseWhileBusy } from './move.ts';

/**
 * Gives the tenant's login the next version of its derived secret, and ends the connections made with the old one.
 * Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT.
 */
export async function rotateTenantCredential(
  ctx: Context,
  ref: string,
  input: TenantAction,
): Promise<Tenant> {
  let undo: (() => Promise<void>) | undefined;
  try {
    return await ctx.control.db
      .transaction()
      .execute((tx) => rotate(tx, ctx, ref, input, (how) => (undo = how)));
  } catch (error) {
    // Otherwise nobody could log in: the version that applications read would give the old secret.
    if (!isConnectionError(error)) {
      await undo?.().catch((err: unknown) =>
        ctx.log.error({ err }, 'A credential could not be put back; rotate it again'),
      );
    }
    throw error;
  }
}

async function rotate(
  tx: Tx,
  ctx: Context,
  ref: string,
  input: TenantAction,
  onFailure: (undo: () => Promise<void>) => void,
): Promise<Tenant> {
  const row = await lockTenant(tx, ctx, ref);
  if (row.state === 'provisioning' || row.state === 'failed' || row.state === 'deleted') {
    throw new TenantryError(
      'TENANT_STATE_CONFLICT',
      `The tenant is ${row.state}; it has no login to rotate.`,
    );
  }
  await refuseWhileBusy(tx, row.id);
  const version = row.credential_version + 1;
  const cell = await ctx.cells.get(row.cell_id);
  const setSecret = (number: number) =>
    changePassword(cell, row.id, deriveCredential(ctx.cells.credentialKey, row.id, number));
  onFailure(() => setSecret(row.credential_version));
  await setSecret(version);
  return changeTenant(
    tx,
    ctx,
    row,
    'tenant.rotate-credential',
    { credential_version: version },
    input.reason,
  );
}
