import type { Tenant } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { findTenant } from './find.ts';
import { toTenant } from './rows.ts';

/** A tenant by id or slug. Throws TENANT_NOT_FOUND. */
export async function getTenant(ctx: Context, ref: string): Promise<Tenant> {
  return toTenant(await findTenant(ctx, ref));
}
