import type { HttpCall, HttpRoute, HttpTenant } from './spec.ts';

/** A route that was taken apart. */
export interface PlannedRoute {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly isRead: boolean;
  /** Its answer has to hold a mark of its caller. */
  readonly shows: boolean;
  readonly stream: boolean;
  readonly body: unknown;
  /** Names of its parameters. */
  readonly params: readonly string[];
}

/** Throws a RangeError for what is no route. */
export function planRoute(given: string | HttpRoute): PlannedRoute {
  const route: HttpRoute = typeof given === 'string' ? { route: given } : given;
  const match = /^(GET|HEAD|POST|PUT|PATCH|DELETE|QUERY) (\/\S*)$/.exec(route.route);
  if (match === null)
    throw new RangeError(`A route looks like "GET /accounts/{account}"; not "${route.route}".`);
  const [, method, path] = match as unknown as readonly [string, string, string];
  return {
    name: route.route,
    method,
    path,
    isRead: method === 'GET' || method === 'HEAD' || method === 'QUERY',
    shows: route.shows ?? method === 'GET',
    stream: route.stream ?? false,
    body: route.body,
    params: [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!),
  };
}

/** A request of a tenant for what is its own; `of` replaces whose parameters are filled in, and how they are written. */
export function callOf(
  route: PlannedRoute,
  caller: HttpTenant,
  word: string,
  of: HttpTenant = caller,
  write: (value: string) => string = encodeURIComponent,
): HttpCall {
  const path = route.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
    write(of.params?.[name] ?? of.ids[0] ?? ''),
  );
  const body = route.body === undefined ? undefined : JSON.stringify(route.body).replaceAll('{word}', word);
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...caller.headers,
  };
  return {
    method: route.method,
    path,
    headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    ...(body === undefined ? {} : { body }),
    ...(route.stream ? { stream: true } : {}),
  };
}

/** The same request with a header more, or another in its place. */
export function withHeader(call: HttpCall, name: string, value: string): HttpCall {
  return { ...call, headers: [...call.headers.filter(([own]) => own !== name), [name, value]] };
}

export function withHeaders(call: HttpCall, headers: Readonly<Record<string, string>>): HttpCall {
  return Object.entries(headers).reduce((made, [name, value]) => withHeader(made, name, value), call);
}

export function withoutHeaders(call: HttpCall, names: readonly string[]): HttpCall {
  return { ...call, headers: call.headers.filter(([name]) => !names.includes(name)) };
}

/** The same request with another method, or another body. */
export function withMethod(call: HttpCall, method: string): HttpCall {
  return { ...call, method };
}

export function withBody(call: HttpCall, body: string): HttpCall {
  return { ...call, body };
}

export function withQuery(call: HttpCall, query: string): HttpCall {
  return { ...call, path: `${call.path}${call.path.includes('?') ? '&' : '?'}${query}` };
}

/** In one line, as a report shows it, without what it authenticates with. */
export function lineOf(call: HttpCall, secret: readonly string[]): string {
  const shown = call.headers.filter(([name]) => name !== 'content-type');
  const headers = shown.map(
    ([name, value]) => `${name}: ${secret.some((each) => value.includes(each)) ? '‹its credential›' : value}`,
  );
  return `${call.method} ${call.path}${headers.length === 0 ? '' : ` (${headers.join('; ')})`}`.slice(0, 300);
}
