import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';

/** Why a slug cannot be had: another tenant has it, or it stays with one that was purged. */
export async function slugConflict(ctx: Context, slug: string): Promise<TenantryError> {
  const holder = await ctx.control.db
    .selectFrom('tenants')
    .select('state')
    .where('slug', '=', slug)
    .executeTakeFirst();
  if (holder?.state !== 'deleted') {
    return new TenantryError(
      'SLUG_TAKEN',
      `The slug "${slug}" belongs to another tenant. Choose another one.`,
    );
  }
  return new TenantryError(
    'SLUG_RETIRED',
    `The slug "${slug}" belonged to a tenant that was purged. Old links would lead to the new tenant, so it is not given again.`,
  );
}
