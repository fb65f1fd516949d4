import { TestingError } from '../errors.ts';
import type { TestTenant } from '../options.ts';
import type { PlantedTable } from '../plant/rows.ts';
import type { Route } from './options.ts';

/** What stands in the tables of each tenant. */
export type Rows = ReadonlyMap<TestTenant, readonly PlantedTable[]>;

/** A route as it is called. */
export interface PlannedRoute {
  readonly name: string;
  readonly method: string;
  readonly isRead: boolean;
  readonly options: Route;
  /** The path for a tenant, without the query; several where it is not known which key the route takes. */
  readonly paths: (tenant: TestTenant) => readonly string[];
  /** The same with another tenant named where the path names one; undefined where it names none. */
  readonly pathNaming: (tenant: TestTenant, named: TestTenant) => string | undefined;
  readonly body: (tenant: TestTenant) => unknown;
}

const reads = ['GET', 'HEAD', 'OPTIONS'];
const withBody = ['POST', 'PUT', 'PATCH'];

/** Reads a route. Throws TESTING_OPTION where a parameter cannot be filled. */
export function planRoute(given: string | Route, rows: Rows): PlannedRoute {
  const options: Route = typeof given === 'string' ? { route: given } : given;
  const [, method, template] = /^([A-Za-z]+)\s+(\/\S*)$/.exec(options.route.trim()) ?? [];
  if (method === undefined || template === undefined)
    throw new TestingError(
      'TESTING_OPTION',
      `${JSON.stringify(options.route)} is no route; write it as 'GET /accounts/{id}'.`,
    );
  const verb = method.toUpperCase();
  const path = template.replaceAll(/:([A-Za-z_]\w*)/g, '{$1}');
  const fill = (tenant: TestTenant, named: TestTenant, at: number): string =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string, start: number) => {
      const value = valueOf(options, path.slice(0, start), name, {
        rows,
        tenant,
        named,
        at,
        last: verb === 'DELETE',
      });
      if (value === undefined) throw unknown(options.route, name);
      return encodeURIComponent(value);
    });
  return {
    name: `${verb} ${template}`,
    method: verb,
    isRead: reads.includes(verb),
    options,
    paths: (tenant) => [...new Set([0, 1, 2].map((at) => fill(tenant, tenant, at)))],
    pathNaming: (tenant, named) => (namesTenant(path) ? fill(tenant, named, 0) : undefined),
    body(tenant) {
      if (!withBody.includes(verb)) return options.body;
      if (typeof options.body === 'function')
        return (options.body as (tenant: TestTenant) => unknown)(tenant);
      return options.body ?? likelyBody(tableFor(rows, tenant, path.replaceAll(/\/\{\w+\}/g, '')), tenant);
    },
  };
}

interface Filling {
  readonly rows: Rows;
  readonly tenant: TestTenant;
  readonly named: TestTenant;
  /** Which of the keys that could be meant. */
  readonly at: number;
  /** The last row that was planted, instead of the first. */
  readonly last: boolean;
}

const tenantParameter = /^(?:tenant|org|organi[sz]ation|workspace)(?:_?(?:id|slug|name|key))?$/i;

function namesTenant(path: string): boolean {
  return [...path.matchAll(/\{(\w+)\}/g)].some(([, name]) => tenantParameter.test(name!));
}

function valueOf(options: Route, before: string, name: string, filling: Filling): string | undefined {
  const { rows, tenant, named, at, last } = filling;
  const given = typeof options.params === 'function' ? options.params(tenant) : options.params;
  if (given?.[name] !== undefined) return given[name];
  if (tenantParameter.test(name)) return /id$/i.test(name) ? named.tenant : named.slug;
  const own = name.replace(/(?:_?(?:uu)?id|_?key|_?code)$/i, '');
  const table =
    (own === '' ? undefined : tableFor(rows, tenant, `/${own}`)) ??
    tableFor(rows, tenant, before.replaceAll(/\{\w+\}/g, ''));
  if (table === undefined) return undefined;
  const row = table.rows.at(last ? -1 : 0);
  const exact = Object.keys(row ?? {}).find((column) => bare(column) === bare(name));
  const keys = [
    ...(exact === undefined ? [] : [exact]),
    ...(table.primaryKey.length === 1 ? table.primaryKey : []),
    ...table.uniqueColumns,
  ];
  const values = [...new Set(keys)].flatMap((key) => row?.[key] ?? []);
  return values[at] ?? values[0];
}

/** The table of the last part of a path: `/accounts` is accounts, account, or app_accounts. */
function tableFor(rows: Rows, tenant: TestTenant, path: string): PlantedTable | undefined {
  const planted = rows.get(tenant) ?? [];
  for (const part of path
    .split('/')
    .filter((text) => text !== '')
    .toReversed()) {
    const wanted = singular(bare(part));
    const named = (test: (name: string) => boolean) =>
      planted.find(({ name, rows: own }) => own.length > 0 && test(singular(bare(name))));
    const table = named((name) => name === wanted) ?? named((name) => name.endsWith(wanted));
    if (table !== undefined) return table;
  }
  return undefined;
}

/** What a row cannot do without, in the names that JSON mostly has: texts are the caller's own, the rest as in a planted row. */
function likelyBody(table: PlantedTable | undefined, { canary }: TestTenant): Record<string, unknown> {
  const row = table?.rows[0] ?? {};
  const fields = (table?.needed ?? []).map(({ name, kind }) => {
    const planted = row[name] ?? null;
    if (kind === 'number') return [camel(name), Number(planted)];
    if (kind === 'boolean') return [camel(name), planted === 'true' || planted === 't'];
    return [camel(name), planted?.startsWith(canary) ? `${canary}written` : planted];
  });
  return Object.fromEntries(fields) as Record<string, unknown>;
}

function camel(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function singular(name: string): string {
  return name.replace(/ies$/, 'y').replace(/(?:(?<=s|x|ch|sh)es|(?<!s)s)$/, '');
}

function unknown(route: string, name: string): TestingError {
  return new TestingError(
    'TESTING_OPTION',
    `It is not clear what {${name}} of ${route} is: no planted table is named like it. Write { route: '${route}', params: { ${name}: '…' } }.`,
  );
}
