import type { TestTenant } from '../options.ts';
import { bodyNaming } from './body.ts';
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
  const login = tellingCookie(pretence, tell);
  if (login !== undefined && fieldNames.includes(login))
    skipped.push(`cookie ${login}: it alone says who calls`);
  const cookieNames = fieldNames.filter((name) => name !== login);
  const body = (value: string) => bodyNaming(base, fieldNames, value);
  if (base.body !== undefined && body(victim.slug) === undefined)
    skipped.push(`body of ${route.name}: it is neither JSON nor a form, so no field was added to it`);
  for (const value of [victim.slug, victim.tenant]) {
    add(`query tenant=${value}`, { path: withQuery(base.path, value) });
    add(`cookie tenant=${value}`, { headers: withCookies(base, cookieNames, value) });
    const naming = body(value);
    if (naming !== undefined) add(`body tenant: ${value}`, { body: naming });
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

/** In the place of what the request has of those names: most parsers take the first of two. */
function withQuery(path: string, value: string): string {
  const [bare, query] = [path.replace(/\?.*$/s, ''), /\?(.*)$/s.exec(path)?.[1]];
  const params = new URLSearchParams(query);
  for (const name of fieldNames) params.set(name, value);
  return `${bare}?${params.toString()}`;
}

/** The cookie that is all in which the two callers differ: it says who calls, whatever it is called. */
function tellingCookie(
  { callerHeaders, victimHeaders }: Pretence,
  tell: readonly string[],
): string | undefined {
  if (tell.length !== 1 || tell[0] !== 'cookie') return undefined;
  const [own, others] = [callerHeaders, victimHeaders].map((headers) => cookiesOf(Object.entries(headers)));
  const both = new Set([...own!.keys(), ...others!.keys()]);
  const differing = [...both].filter((name) => own!.get(name) !== others!.get(name));
  return differing.length === 1 ? differing[0] : undefined;
}

/** In the place of the request's own cookies of those names: most parsers take the first of two. */
function withCookies(base: Call, names: readonly string[], value: string): Call['headers'] {
  const cookies = cookiesOf(base.headers);
  for (const name of names) cookies.set(name, value);
  const text = Array.from(cookies, ([name, own]) => `${name}=${own}`).join('; ');
  return withHeader(base, 'cookie', text);
}

function cookiesOf(headers: Call['headers']): Map<string, string> {
  const own = headers.find(([name]) => name.toLowerCase() === 'cookie')?.[1] ?? '';
  const pairs = own.split(';').flatMap((text) => {
    const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/s.exec(text) ?? [];
    return name === undefined ? [] : [[name, value!] as const];
  });
  return new Map(pairs);
}
