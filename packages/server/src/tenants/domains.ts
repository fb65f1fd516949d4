import type { Selectable } from 'kysely';
import type { TenantDomain, TenantDomainList } from '@tenantry/contract';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { emit } from '../db/emit.ts';
import type { TenantDomainRow } from '../db/types.ts';
import { TenantryError } from '../errors.ts';
import { checkDomain } from './domain.ts';
import { findTenant, lockTenant } from './find.ts';
import type { TenantRecord } from './rows.ts';

/** More than this belongs behind a wildcard. */
const mostDomains = 100;

/** The custom domains of a tenant, by name. Throws TENANT_NOT_FOUND. */
export async function listTenantDomains(ctx: Context, ref: string): Promise<TenantDomainList> {
  const { id } = await findTenant(ctx, ref);
  const rows = await ctx.control.db
    .selectFrom('tenant_domains')
    .selectAll()
    .where('tenant_id', '=', id)
    .orderBy('domain')
    .execute();
  return { items: rows.map(toDomain) };
}

/**
 * Gives a tenant a custom domain. That the customer owns it is for the caller to know. Repeating it changes nothing.
 * Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT, DOMAIN_INVALID, DOMAIN_TAKEN.
 */
export async function addTenantDomain(ctx: Context, ref: string, name: string): Promise<TenantDomain> {
  const domain = checkDomain(name);
  return ctx.control.db.transaction().execute(async (tx) => {
    const tenant = await lockTenant(tx, ctx, ref);
    if (tenant.state === 'deleted' || tenant.state === 'failed') {
      const text = `The tenant is ${tenant.state}; it cannot be given a domain any more.`;
      throw new TenantryError('TENANT_STATE_CONFLICT', text);
    }
    const added = await tx
      .insertInto('tenant_domains')
      .values({ domain, tenant_id: tenant.id })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!added) return ownDomain(tx, tenant, domain);
    await refuseTooMany(tx, tenant);
    await tell(tx, ctx, tenant, 'tenant.add-domain', added);
    return toDomain(added);
  });
}

/** Takes a custom domain from a tenant; applications stop routing it within a second. Throws TENANT_NOT_FOUND, DOMAIN_NOT_FOUND. */
export function removeTenantDomain(ctx: Context, ref: string, name: string): Promise<TenantDomain> {
  return ctx.control.db.transaction().execute(async (tx) => {
    const tenant = await lockTenant(tx, ctx, ref);
    const removed = await tx
      .deleteFrom('tenant_domains')
      .where('tenant_id', '=', tenant.id)
      .where('domain', '=', checkDomain(name))
      .returningAll()
      .executeTakeFirst();
    if (!removed) throw new TenantryError('DOMAIN_NOT_FOUND');
    await tell(tx, ctx, tenant, 'tenant.remove-domain', removed);
    return toDomain(removed);
  });
}

async function ownDomain(tx: Tx, tenant: TenantRecord, domain: string): Promise<TenantDomain> {
  const row = await tx
    .selectFrom('tenant_domains')
    .selectAll()
    .where('domain', '=', domain)
    .where('tenant_id', '=', tenant.id)
    .executeTakeFirst();
  if (!row) {
    const text = `The domain ${domain} leads to another tenant. Take it from that one first.`;
    throw new TenantryError('DOMAIN_TAKEN', text);
  }
  return toDomain(row);
}

async function refuseTooMany(tx: Tx, tenant: TenantRecord): Promise<void> {
  const { count } = await tx
    .selectFrom('tenant_domains')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('tenant_id', '=', tenant.id)
    .executeTakeFirstOrThrow();
  if (Number(count) <= mostDomains) return;
  const text = `A tenant has at most ${mostDomains} domains. Use a wildcard that leads to its slug.`;
  throw new TenantryError('DOMAIN_INVALID', text);
}

async function tell(
  tx: Tx,
  ctx: Context,
  tenant: TenantRecord,
  action: 'tenant.add-domain' | 'tenant.remove-domain',
  row: Selectable<TenantDomainRow>,
): Promise<void> {
  const domain = toDomain(row);
  const change = action === 'tenant.add-domain' ? { after: domain } : { before: domain };
  await record(tx, ctx, {
    action,
    target: { kind: 'tenant', id: tenant.id },
    tenantId: tenant.id,
    ...change,
  });
  await emit(tx, {
    type: action === 'tenant.add-domain' ? 'tenant.domain-added' : 'tenant.domain-removed',
    topics: ['tenants', `tenant:${tenant.id}`],
    tenantId: tenant.id,
    data: { tenant: { id: tenant.id, slug: tenant.slug }, domain },
  });
}

function toDomain(row: Selectable<TenantDomainRow>): TenantDomain {
  return { domain: row.domain, createdAt: row.created_at.toISOString() };
}
