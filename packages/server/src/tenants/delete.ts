import type { Tenant, TenantAction } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { moveTenant } from './move.ts';

/**
 * Shuts the tenant out and sets the day of its purge, `gracePeriod` seconds from now. Until then `resume` brings it back.
 * Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT.
 */
export function deleteTenant(
  ctx: Context,
  ref: string,
  input: TenantAction,
  gracePeriod: number,
): Promise<Tenant> {
  const purgeAfter = new Date(ctx.clock().getTime() + gracePeriod * 1000);
  return moveTenant(ctx, ref, 'deleting', 'tenant.delete', { purge_after: purgeAfter }, input.reason);
}
