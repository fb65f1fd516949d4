import type { Tenant, TenantAction } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { moveTenant } from './move.ts';

/**
 * Makes a suspended or archived tenant active again, or takes a deletion back while its grace period lasts.
 * Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT.
 */
export function resumeTenant(ctx: Context, ref: string, input: TenantAction): Promise<Tenant> {
  return moveTenant(ctx, ref, 'active', 'tenant.resume', { purge_after: null }, input.reason);
}
