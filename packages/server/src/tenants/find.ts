import { isTenantId } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { TenantryError } from '../errors.ts';
import { selectTenants, type TenantRecord } from './rows.ts';

/**
 * A tenant by id or slug. Throws TENANT_NOT_FOUND for one that does not exist and for one that the caller may not see,
 * without a difference between the two.
 */
export async function findTenant(ctx: Context, ref: string): Promise<TenantRecord> {
  return visible(ctx, await byRef(selectTenants(ctx.control.db), ref));
}

/** The same, locked against other changes until the transaction ends. */
export async function lockTenant(tx: Tx, ctx: Context, ref: string): Promise<TenantRecord> {
  return visible(ctx, await byRef(selectTenants(tx).forUpdate('tenants'), ref));
}

function byRef(query: ReturnType<typeof selectTenants>, ref: string): Promise<TenantRecord | undefined> {
  // A text with a NUL cannot be sent to PostgreSQL, and is the name of nothing.
  if (ref.includes('\0')) return Promise.resolve(undefined);
  return query.where(isTenantId(ref) ? 'tenants.id' : 'tenants.slug', '=', ref).executeTakeFirst();
}

function visible(ctx: Context, row: TenantRecord | undefined): TenantRecord {
  if (!row || (ctx.onlyTenant !== null && row.id !== ctx.onlyTenant))
    throw new TenantryError('TENANT_NOT_FOUND');
  return row;
}

/**
 * The id of the tenant that a filter names. A tenant that is gone is still found by its id, because its history stays;
 * a slug that nobody has finds nothing.
 */
export async function findTenantId(ctx: Context, ref: string | undefined): Promise<string | undefined> {
  if (ref === undefined || isTenantId(ref)) return ref;
  const row = await byRef(selectTenants(ctx.control.db), ref);
  return row?.id ?? 'none';
}
