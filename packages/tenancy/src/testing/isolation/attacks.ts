import type { TestTenant } from '../options.ts';
import type { Call } from './call.ts';
import type { PlannedRoute } from './route.ts';

/** A request of one tenant that names the other. */
export interface Attack {
  readonly how: string;
  readonly call: Call;
}

/** A caller, and whom it pretends to be. */
export interface Pretence {
  readonly caller: TestTenant;
  readonly victim: TestTenant;
  readonly callerHeaders: Readonly<Record<string, string>>;
  readonly victimHeaders: Readonly<Record<string, string>>;
}

const headerNames = [
  'x-tenant',
  'x-tenant-id',
  'x-tenant-slug',
  'x-org',
  'x-organization-id',
  'x-workspace',
  'x-schema',
];
const fieldNames = ['tenant', 'tenantId', 'tenant_id', 'tenantSlug', 'org', 'organizationId', 'schema'];

/**
 * The same request with the victim in every place where applications look for a tenant. What alone tells one caller from the
 * other is left alone: to change it is to be the other.
 */
export function attacksOn(
  route: PlannedRoute,
  base: Call,
  pretence: Pretence,
): { readonly attacks: readonly Attack[]; readonly skipped: readonly string[] } {
  const { caller, victim } = pretence;
  const skipped: string[] = [];
  const attacks: Attack[] = [];
  const tell = tellingHeaders(pretence);
  const add = (how: string, change: Partial<Call>): void => {
    attacks.push({ how, call: { ...base, ...change } });
  };
  for (const name of new Set([...headerNames, ...tell.filter((header) => namesTenant(pretence, header))])) {
    const own = base.headers.find(([header]) => header === name)?.[1];
    if (own !== undefined && tell.length === 1 && tell[0] === name) {
      skipped.push(`header ${name}: it alone says who calls`);
      continue;
    }
    const values =
      own === undefined
        ? [victim.slug, victim.tenant]
        : [renamed(own, caller, victim), victim.slug, victim.tenant];
    for (const value of new Set(values))
      add(`header ${name}: ${value}`, { headers: withHeader(base, name, value) });
    if (own !== undefined) {
      add(`header ${name} twice`, { headers: [...base.headers, [name, renamed(own, caller, victim)]] });
    }
  }
  for (const [name, value] of hosts(base, victim, caller)) {
    if (name === 'host' && tell.length === 1 && tell[0] === 'host')
      skipped.push('header host: it alone says who calls');
    else add(`header ${name}: ${value}`, { headers: withHeader(base, name, value) });
  }
  for (const value of [victim.slug, victim.tenant]) {
    const query = fieldNames.map((name) => `${name}=${encodeURIComponent(value)}`).join('&');
    add(`query tenant=${value}`, { path: `${base.path}${base.path.includes('?') ? '&' : '?'}${query}` });
    const cookie = fieldNames.map((name) => `${name}=${value}`).join('; ');
    add(`cookie tenant=${value}`, { headers: withCookie(base, cookie) });
    const body = withFields(base.body, value);
    if (body !== undefined) add(`body tenant: ${value}`, { body });
  }
  const path = route.pathNaming(caller, victim);
  if (path !== undefined && tell.length === 0) skipped.push('path: it alone says who calls');
  else if (path !== undefined)
    add('the other in the path', { path: path + (/\?.*$/s.exec(base.path)?.[0] ?? '') });
  return { attacks, skipped };
}

/** Headers in which the two callers differ. */
function tellingHeaders({ callerHeaders, victimHeaders }: Pretence): readonly string[] {
  const names = new Set([...Object.keys(callerHeaders), ...Object.keys(victimHeaders)]);
  return [...names]
    .filter((name) => callerHeaders[name] !== victimHeaders[name])
    .map((name) => name.toLowerCase());
}

/** Not a credential: changing one of those is a login as the other. */
function namesTenant({ caller, callerHeaders }: Pretence, header: string): boolean {
  if (['host', 'authorization', 'cookie'].includes(header)) return false;
  const value = Object.entries(callerHeaders).find(([name]) => name.toLowerCase() === header)?.[1] ?? '';
  return header.includes('tenant') && (value === caller.slug || value === caller.tenant);
}

function renamed(text: string, caller: TestTenant, victim: TestTenant): string {
  return text.replaceAll(caller.slug, victim.slug).replaceAll(caller.tenant, victim.tenant);
}

function hosts(base: Call, victim: TestTenant, caller: TestTenant): readonly (readonly [string, string])[] {
  const own = base.headers.find(([name]) => name === 'host')?.[1];
  const host = own?.includes(caller.slug)
    ? renamed(own, caller, victim)
    : `${victim.slug}.${own ?? 'localhost'}`;
  return [
    ['host', host],
    ['x-forwarded-host', host],
    ['forwarded', `host=${host}`],
    ['x-original-host', host],
    ['origin', `https://${host}`],
  ];
}

function withHeader(base: Call, name: string, value: string): Call['headers'] {
  return [...base.headers.filter(([header]) => header !== name), [name, value]];
}

function withCookie(base: Call, more: string): Call['headers'] {
  const own = base.headers.find(([name]) => name === 'cookie')?.[1];
  return withHeader(base, 'cookie', own === undefined ? more : `${own}; ${more}`);
}

function withFields(body: string | undefined, value: string): string | undefined {
  if (body === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return JSON.stringify({ ...parsed, ...Object.fromEntries(fieldNames.map((name) => [name, value])) });
  } catch {
    return undefined;
  }
}
