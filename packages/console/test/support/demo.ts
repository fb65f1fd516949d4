import type { Tenant } from '@tenantry/contract';
import type { Site } from './site.ts';

/** Names that strain a layout: long ones, right-to-left ones, one in another script, one without a space to break at. */
export const awkwardNames = [
  ['al-noor', 'شركة النور للتجارة والمقاولات العامة'],
  ['shalom-systems', 'שלום מערכות בע״מ'],
  ['mirai', '株式会社未来テクノロジーズ'],
  [
    'long-name',
    'The Honourable Company of Merchants, Navigators and Cartographers of the Northern Archipelago and its Dependencies, Limited',
  ],
  [
    'donaudampfschifffahrt',
    'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
  ],
] as const;

const plainNames = [
  ['northwind', 'Northwind Traders', 'enterprise'],
  ['globex', 'Globex Corporation', 'enterprise'],
  ['initech', 'Initech', 'standard'],
  ['umbrella', 'Umbrella Health', 'business'],
  ['acme', 'Acme GmbH & Co. KG', 'business'],
] as const;

/** A believable fleet: tenants in several states, a failed operation, findings of several kinds, security events, a report. */
export interface Demo {
  readonly tenants: ReadonlyMap<string, Tenant>;
  /** An operation that failed. */
  readonly failed: string | undefined;
}

export async function fillWithDemo(site: Site): Promise<Demo> {
  const tenants = new Map<string, Tenant>();
  for (const [slug, name, plan] of plainNames) tenants.set(slug, await site.tenant(slug, { name, plan }));
  for (const [slug, name] of awkwardNames) tenants.set(slug, await site.tenant(slug, { name }));
  const on = (slug: string) => ({ params: { tenant: slug }, body: { reason: 'unpaid invoice of October' } });
  await site.admin.call('suspendTenant', on('umbrella'));
  await site.admin.call('archiveTenant', on('initech'));
  for (const { operation } of (await site.admin.call('preparePlayground', {})).operations)
    await site.finished(operation.id);
  await reportRefusals(site, [...tenants.values()]);
  const items = (await site.admin.call('listOperations', { query: { state: 'failed', limit: 1 } })).items;
  return { tenants, failed: items[0]?.id };
}

/** A few refusals, as applications report them. */
async function reportRefusals(site: Site, tenants: readonly Tenant[]): Promise<void> {
  const kinds = ['denied', 'foreign-name', 'role-switch', 'guard', 'login-refused'] as const;
  const now = Date.now();
  const events = kinds.map((kind, at) => ({
    kind,
    tenantId: tenants[at % tenants.length]?.id ?? null,
    cell: null,
    lane: 'sealed' as const,
    sqlState:
      kind === 'guard'
        ? null
        : kind === 'foreign-name'
          ? '42P01'
          : kind === 'login-refused'
            ? '28P01'
            : '42501',
    fingerprint: '0123456789abcdef',
    count: at * 7 + 1,
    firstAt: new Date(now - 50_000).toISOString(),
    lastAt: new Date(now - at * 1000).toISOString(),
  }));
  const body = { report: crypto.randomUUID(), source: 'lane' as const, dropped: 0, events };
  await site.admin.call('reportSecurityEvents', { body });
}
