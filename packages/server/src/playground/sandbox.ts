import { sandboxLabel } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { findTenant } from '../tenants/find.ts';
import type { TenantRecord } from '../tenants/rows.ts';

/**
 * A tenant that may be queried. Whoever may run queries is shown rows, so it is never a customer's: only a tenant that somebody with
 * tenants:write has labelled so. Throws TENANT_NOT_FOUND, SANDBOX_ONLY.
 */
export async function findSandbox(ctx: Context, ref: string): Promise<TenantRecord> {
  const tenant = await findTenant(ctx, ref);
  if (tenant.labels[sandboxLabel.key] !== sandboxLabel.value) {
    throw new TenantryError(
      'SANDBOX_ONLY',
      `The tenant has not the label ${sandboxLabel.key}=${sandboxLabel.value}. Queries show rows, so they run on sandbox tenants only; POST /v1/playground makes two.`,
    );
  }
  if (tenant.state !== 'active') {
    throw new TenantryError(
      'SANDBOX_ONLY',
      `The tenant is ${tenant.state}; only an active one can be queried.`,
    );
  }
  return tenant;
}
