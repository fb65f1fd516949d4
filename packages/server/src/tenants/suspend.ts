import type { Tenant, TenantAction } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { moveTenant } from './move.ts';

/** Closes the tenant's login and ends its connections. The data stays. Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT. */
export function suspendTenant(ctx: Context, ref: string, input: TenantAction): Promise<Tenant> {
  return moveTenant(ctx, ref, 'suspended', 'tenant.suspend', {}, input.reason);
}
