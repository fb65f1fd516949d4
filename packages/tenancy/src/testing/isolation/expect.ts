import { TestingError } from '../errors.ts';
import { kitOf } from '../members.ts';
import type { TestTenant } from '../options.ts';
import { readRows } from '../plant/read.ts';
import type { PlantedTable } from '../plant/rows.ts';
import { Check, worked } from './check.ts';
import { IsolationError } from './error.ts';
import type { IsolationOptions, IsolationReport } from './options.ts';
import { planRoute, type PlannedRoute } from './route.ts';

/**
 * Drives an application's own routes as two tenants whose rows have the same keys, and fails on any byte of the one in an
 * answer to the other, and on any row of the one that a request of the other has changed.
 *
 * Each route is called by each tenant, by both at once, and by each with the other named in headers, host, query, cookies, path and
 * body; what the other then has is compared with what it had. A route that never worked for its own caller fails too.
 *
 * ```ts
 * await expectIsolated({
 *   tenants: await tenants.pair(),
 *   send: (request) => app.fetch(request),
 *   as: (tenant) => ({ authorization: `Bearer ${tokenOf(tenant)}` }),
 *   routes: ['GET /accounts', 'GET /accounts/{id}', 'POST /accounts', 'DELETE /accounts/{id}'],
 * });
 * ```
 * Rejects with IsolationError, and with TESTING_OPTION for a route that cannot be called. It writes: use tenants of its own.
 */
export async function expectIsolated(options: IsolationOptions): Promise<IsolationReport> {
  const start = performance.now();
  const { tenants, pairs = 20, as = (tenant: TestTenant) => ({ 'x-tenant': tenant.slug }) } = options;
  const rows = new Map<TestTenant, readonly PlantedTable[]>();
  for (const tenant of tenants) {
    const { cell, planted } = kitOf(tenant);
    rows.set(tenant, planted.length > 0 ? planted : await readRows(cell, tenant));
  }
  if (tenants[0] === tenants[1])
    throw new TestingError('TESTING_OPTION', 'Pass two tenants that are not the same.');
  const routes = options.routes.map((route) => planRoute(route, rows));
  if (routes.length === 0) throw new TestingError('TESTING_OPTION', 'Pass at least one route.');
  const headers = new Map<TestTenant, Readonly<Record<string, string>>>();
  for (const tenant of tenants) headers.set(tenant, await as(tenant));
  const check = new Check(options, headers);
  const reads = routes.filter(({ isRead }) => isRead);

  for (const route of reads) await readOneAfterTheOther(check, route, tenants);
  for (const route of reads) await readAtOnce(check, route, tenants, pairs);
  for (const tenant of tenants) await check.remember(tenant);
  for (const route of routes) if (route.isRead) await attackBoth(check, route, tenants);
  for (const route of routes) if (!route.isRead) await attackBoth(check, route, tenants);
  for (const route of reads) await readOneAfterTheOther(check, route, tenants);

  if (!check.findings.some(({ kind }) => kind !== 'blind')) addBlind(check, reads, tenants);
  if (check.findings.length > 0) throw new IsolationError(distinct(check));
  return {
    requests: check.requests,
    ms: Math.round(performance.now() - start),
    routes: routes.map((route) => ({
      route: route.name,
      sawOwn: check.sawOwn(route) === 2,
      statuses: check.statuses.get(route) ?? {},
    })),
    tables: check.tables,
    skipped: [...check.skipped],
  };
}

type Two = readonly [TestTenant, TestTenant];

/** What is cached for the one is asked for by the other next. */
async function readOneAfterTheOther(check: Check, route: PlannedRoute, [a, b]: Two): Promise<void> {
  for (const tenant of [b, a, b, a])
    await check.own(route, tenant, `right after ${check.other(tenant).slug}`);
}

async function readAtOnce(check: Check, route: PlannedRoute, tenants: Two, pairs: number): Promise<void> {
  await Promise.all(
    Array.from({ length: pairs }, () => tenants)
      .flat()
      .map((tenant) => check.own(route, tenant, 'both at once')),
  );
}

/** Each as the other; then everything of the other is compared. */
async function attackBoth(check: Check, route: PlannedRoute, tenants: Two): Promise<void> {
  for (const caller of tenants) {
    const other = check.other(caller);
    const answer = await check.own(route, caller, 'as itself');
    // A form that answers with a redirection has worked when a row has changed; one to a login has not.
    const isBlind = !route.isRead && route.options.control !== false && !worked(answer);
    if (isBlind && !(await check.hasChanged(caller))) {
      const detail = `it answered ${answer.status} to its own caller, so nothing was checked. Pass what it needs in { route: '${route.name}', body, params, headers }.`;
      check.found({ kind: 'blind', caller, of: caller, route, how: 'as itself', detail });
    }
    await check.compare(route, other, 'as itself');
    await check.attack(route, caller);
    if (route.isRead && route.method === 'GET') await harmless(check, route, caller);
    await check.compare(route, other, 'one of the attacks');
    await check.remember(caller);
  }
}

/** HEAD and OPTIONS of the same address: they may be refused. */
async function harmless(check: Check, route: PlannedRoute, caller: TestTenant): Promise<void> {
  for (const method of ['HEAD', 'OPTIONS']) {
    const call = { ...check.base(route, caller), method };
    await check.call(route, caller, call, method);
  }
}

/** A check that could not have failed is none. */
function addBlind(check: Check, reads: readonly PlannedRoute[], [a]: Two): void {
  for (const route of reads) {
    if (route.method !== 'GET' || route.options.control === false || check.sawOwn(route) === 2) continue;
    const statuses = Object.keys(check.statuses.get(route) ?? {}).join(', ');
    const detail =
      `no answer held the caller's own canary (it answered ${statuses}), so nothing was checked. Pass { route: '${route.name}', params, query } ` +
      'so that it shows planted rows, or control: false for a route that shows nobody’s data.';
    check.found({ kind: 'blind', caller: a, of: a, route, how: 'as itself', detail });
  }
}

/** The same thing found forty times at once is one finding. */
function distinct(check: Check) {
  const seen = new Set<string>();
  return check.findings.filter(({ kind, route, caller, how }) => {
    const key = [kind, route, caller, how].join('\0');
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
