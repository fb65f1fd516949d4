import type { Tenant, TenantState } from '@tenantry/contract';
import type { Updateable } from 'kysely';
import type { Context } from '../db/context.ts';
import type { TenantRow } from '../db/types.ts';
import { refuseWhileBusy } from '../operations/busy.ts';
import { changeTenant } from './change.ts';
import { lockTenant } from './find.ts';
import { closeLogin, readLogins } from './login.ts';
import { settleCutOff, settleLogin } from './settle.ts';
import { checkMove } from './states.ts';

/**
 * Moves a tenant to another state. PostgreSQL enforces it before the state is committed when a tenant is shut out, and
 * after it when it is let in: whatever is cut off in between, a tenant that is shown as suspended is not open. What was
 * cut off is settled to what the row says.
 */
export async function moveTenant(
  ctx: Context,
  ref: string,
  to: TenantState & ('active' | 'suspended' | 'archived' | 'deleting'),
  action: string,
  set: Updateable<TenantRow>,
  reason: string | undefined,
): Promise<Tenant> {
  let touched: string | undefined;
  try {
    const tenant = await ctx.control.db.transaction().execute(async (tx) => {
      const row = await lockTenant(tx, ctx, ref);
      checkMove(row.state, to);
      await refuseWhileBusy(tx, row.id);
      const cell = await ctx.cells.get(row.cell_id);
      if (to === 'active') {
        // Only asks whether the cell is there; its login is opened when the row is committed.
        await readLogins(cell, row.schema_name);
      } else {
        touched = row.id;
        await closeLogin(cell, row.schema_name);
      }
      return changeTenant(tx, ctx, row, action, { ...set, state: to, state_reason: reason ?? null }, reason);
    });
    if (to === 'active') await settleLogin(ctx, tenant.id, 'resumed');
    return tenant;
  } catch (error) {
    if (touched !== undefined) await settleCutOff(ctx, touched);
    throw error;
  }
}
