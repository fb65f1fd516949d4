import type { Tenant, TenantState } from '@tenantry/contract';
import type { Updateable } from 'kysely';
import type { Context } from '../db/context.ts';
import { isConnectionError } from '../db/pg-errors.ts';
import type { TenantRow } from '../db/types.ts';
import { TenantryError } from '../errors.ts';
import { changeTenant } from './change.ts';
import { lockTenant } from './find.ts';
import { closeLogin, openLogin } from './login.ts';
import { checkMove } from './states.ts';

/**
 * Moves a tenant to another state. PostgreSQL enforces it before the state is committed: a tenant that is shown as
 * suspended is shut out. If the change then fails, the login is put back as it was.
 */
export async function moveTenant(
  ctx: Context,
  ref: string,
  to: TenantState & ('active' | 'suspended' | 'archived' | 'deleting'),
  action: string,
  set: Updateable<TenantRow>,
  reason: string | undefined,
): Promise<Tenant> {
  let undo: (() => Promise<void>) | undefined;
  try {
    return await ctx.control.db.transaction().execute(async (tx) => {
      const row = await lockTenant(tx, ctx, ref);
      checkMove(row.state, to);
      await refuseWhileBusy(tx, row.id);
      const cell = await ctx.cells.get(row.cell_id);
      if (to === 'active') {
        undo = () => closeLogin(cell, row.id);
        await openLogin(cell, row.id);
      } else {
        await closeLogin(cell, row.id);
        if (row.state === 'active') undo = () => openLogin(cell, row.id);
      }
      return changeTenant(tx, ctx, row, action, { ...set, state: to, state_reason: reason ?? null }, reason);
    });
  } catch (error) {
    // When the connection went away the commit may have gone through: then the tenant had better stay shut out.
    if (to === 'active' || !isConnectionError(error)) {
      await undo?.().catch((err: unknown) =>
        ctx.log.error({ err }, 'A login could not be put back as it was; resume or suspend the tenant again'),
      );
    }
    throw error;
  }
}

/** Throws TENANT_BUSY while an operation on the tenant is not finished. */
export async function refuseWhileBusy(tx: Parameters<typeof lockTenant>[0], tenant: string): Promise<void> {
  const busy = await tx
    .selectFrom('operations')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('finished_at', 'is', null)
    .executeTakeFirst();
  if (busy)
    throw new TenantryError(
      'TENANT_BUSY',
      `The operation ${busy.id} on this tenant is not finished. Wait for it.`,
    );
}
