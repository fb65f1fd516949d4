import type { Tenant, TenantAction } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { moveTenant } from './move.ts';

/** Keeps the data and lets nobody in. Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT. */
export function archiveTenant(ctx: Context, ref: string, input: TenantAction): Promise<Tenant> {
  return moveTenant(ctx, ref, 'archived', 'tenant.archive', {}, input.reason);
}
