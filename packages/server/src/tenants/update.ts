import type { Tenant, UpdateTenant } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { isUniqueViolation } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import { changeTenant } from './change.ts';
import { lockTenant } from './find.ts';
import { checkSlug } from './slug.ts';
import { slugConflict } from './slug-conflict.ts';

/**
 * Changes slug, name, plan or labels. A new slug frees the old one at once.
 * Throws TENANT_NOT_FOUND, SLUG_*, VERSION_CONFLICT when `ifMatch` is not the tenant's version, TENANT_STATE_CONFLICT.
 */
export async function updateTenant(
  ctx: Context,
  ref: string,
  input: UpdateTenant,
  ifMatch?: number,
): Promise<Tenant> {
  const slug = input.slug === undefined ? undefined : checkSlug(input.slug);
  try {
    return await ctx.control.db.transaction().execute(async (tx) => {
      const row = await lockTenant(tx, ctx, ref);
      if (ifMatch !== undefined && ifMatch !== row.version) {
        throw new TenantryError(
          'VERSION_CONFLICT',
          `The tenant is at version ${row.version}. Read it again, then repeat the change.`,
        );
      }
      if (row.state === 'deleted' || row.state === 'failed') {
        throw new TenantryError(
          'TENANT_STATE_CONFLICT',
          `The tenant is ${row.state}; it cannot be changed any more.`,
        );
      }
      return changeTenant(tx, ctx, row, 'tenant.update', {
        ...(slug === undefined ? {} : { slug }),
        ...(input.name === undefined ? {} : { name: input.name }),
        ...(input.plan === undefined ? {} : { plan: input.plan }),
        ...(input.labels === undefined ? {} : { labels: JSON.stringify(input.labels) }),
      });
    });
  } catch (error) {
    if (slug !== undefined && isUniqueViolation(error, 'tenants_slug_key'))
      throw await slugConflict(ctx, slug);
    throw error;
  }
}
