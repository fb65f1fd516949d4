import { planRoute } from '../attacks/http/calls.ts';
import type { HttpRoute, HttpSpec, HttpTenant } from '../attacks/index.ts';
import { IsolationError } from '../isolation-error.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Fields = Readonly<Record<string, unknown>>;

/**
 * The part `application` of the file of `--config`: two tenants, how requests of each authenticate, and routes. `${NAME}` in a header is
 * taken from the environment, so that no secret stands in the file. Throws ISOLATION_OPTION.
 *
 * ```json
 * { "application": {
 *     "tenants": [
 *       { "name": "acme", "headers": { "authorization": "Bearer ${ACME_TOKEN}" }, "marks": ["Canary of acme"], "ids": ["acme"], "params": { "account": "42" } },
 *       { "name": "globex", "headers": { "authorization": "Bearer ${GLOBEX_TOKEN}" }, "marks": ["Canary of globex"], "ids": ["globex"], "params": { "account": "43" } }
 *     ],
 *     "routes": ["GET /accounts", "GET /accounts/{account}", { "route": "POST /accounts", "body": { "name": "{word}" } }]
 * } }
 * ```
 */
export function httpSpec(config: unknown, url: string, env: Env): HttpSpec {
  const part = isRecord(config) ? config['application'] : undefined;
  if (!isRecord(part))
    return refuse('--application needs a file of --config with "application": two tenants and routes.');
  known(part, '"application"', ['tenants', 'routes', 'refused', 'headers', 'timeoutMs', 'atOnce']);
  const { tenants, routes, refused = {}, headers, timeoutMs, atOnce } = part;
  if (!Array.isArray(tenants) || tenants.length !== 2) return refuse('"tenants" must be a list of two.');
  if (!Array.isArray(routes) || routes.length === 0)
    return refuse('"routes" must be a list, as ["GET /accounts"].');
  if (!isRecord(refused))
    return refuse('"refused" must be an object of headers, by what is wrong with them.');
  for (const [name, value] of Object.entries({ timeoutMs, atOnce }))
    if (value !== undefined && (!Number.isSafeInteger(value) || (value as number) < 1))
      return refuse(`"${name}" must be a whole number from 1.`);
  const [first, second] = tenants.map((each) => tenantOf(each, env));
  if (JSON.stringify(first!.headers) === JSON.stringify(second!.headers))
    return refuse('Both tenants have the same headers: there would be nobody to attack.');
  return {
    url,
    tenants: [first!, second!],
    routes: routes.map(routeOf),
    refused: Object.fromEntries(
      Object.entries(refused).map(([what, wrong]) => [what, headersOf(wrong, `"refused.${what}"`, env)]),
    ),
    ...(headers === undefined ? {} : { headers: headersOf(headers, '"headers"', env) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs: timeoutMs as number }),
    ...(atOnce === undefined ? {} : { atOnce: atOnce as number }),
  };
}

function tenantOf(given: unknown, env: Env): HttpTenant {
  if (!isRecord(given)) return refuse('A tenant must be an object.');
  known(given, 'A tenant', ['name', 'headers', 'marks', 'ids', 'params']);
  const { name, headers, marks, ids, params = {} } = given;
  if (typeof name !== 'string' || name === '') return refuse('A tenant needs a "name".');
  if (!isTexts(ids) || ids.length === 0)
    return refuse(`"ids" of ${name} must be a list: what the application calls it, as ["acme"].`);
  if (!isTexts(marks) || marks.length === 0 || marks.some((mark) => mark.length < 8))
    return refuse(
      `"marks" of ${name} must be a list of texts of at least eight characters that only its own answers show.`,
    );
  if (!isRecord(params) || !Object.values(params).every((value) => typeof value === 'string'))
    return refuse(`"params" of ${name} must be texts by the names of parameters.`);
  return {
    name,
    headers: headersOf(headers, `"headers" of ${name}`, env),
    marks,
    ids,
    params: params as Readonly<Record<string, string>>,
  };
}

function headersOf(given: unknown, what: string, env: Env): Readonly<Record<string, string>> {
  if (!isRecord(given) || !Object.values(given).every((value) => typeof value === 'string'))
    return refuse(`${what} must be texts by the names of headers.`);
  return Object.fromEntries(
    Object.entries(given as Readonly<Record<string, string>>).map(([name, value]) => [
      name.toLowerCase(),
      value.replaceAll(
        /\$\{(\w+)\}/g,
        (_, variable: string) => env[variable] || refuse(`${what}: the variable ${variable} is not set.`),
      ),
    ]),
  );
}

function routeOf(given: unknown): string | HttpRoute {
  const route = typeof given === 'string' ? { route: given } : given;
  if (!isRecord(route) || typeof route['route'] !== 'string')
    return refuse('A route is a text, as "GET /accounts", or an object with "route".');
  known(route, `The route ${route['route']}`, ['route', 'body', 'shows', 'stream']);
  try {
    planRoute(route['route']);
  } catch (error) {
    return refuse((error as Error).message);
  }
  return route as unknown as HttpRoute;
}

function known(given: Fields, what: string, keys: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !keys.includes(key));
  if (unknown !== undefined) refuse(`${what} has no "${unknown}"; it has ${keys.join(', ')}.`);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '');
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(message: string): never {
  throw new IsolationError('ISOLATION_OPTION', `The file of --config: ${message}`);
}
