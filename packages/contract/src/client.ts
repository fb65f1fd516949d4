import { csrfHeader } from './console.ts';
import { endpoints, type Endpoint, type EndpointName, type Input, type Output } from './endpoints.ts';
import type { Problem } from './schemas/common.ts';

export interface ClientOptions {
  /** Where the control plane is, as `http://127.0.0.1:7700`; a path prefix is kept. */
  readonly url: string;
  /** An API key. Absent in a browser that has a session: its cookie goes along by itself. */
  readonly token?: string;
  /** Gives the `csrfToken` of the session (see `Me`), sent with everything but GET. */
  readonly csrfToken?: () => string | undefined;
  readonly fetch?: typeof fetch;
}

type Scalar = string | number | boolean | null | undefined;

/** A part that the endpoint does not have, or in which nothing is required. */
type MayBeAbsent<V> = undefined extends V ? true : Partial<V> extends V ? true : false;
type Present<T> = { [K in keyof T as MayBeAbsent<T[K]> extends true ? never : K]: T[K] };
type Optional<T> = { [K in keyof T as MayBeAbsent<T[K]> extends true ? K : never]?: T[K] };

/** What a call takes: the parts that the endpoint has, and an idempotency key or a signal for any of them. */
export type Call<N extends EndpointName> = Present<Input<N>> &
  Optional<Input<N>> & {
    readonly idempotencyKey?: string;
    readonly ifMatch?: number;
    readonly signal?: AbortSignal;
    readonly headers?: Readonly<Record<string, string>>;
  };

/** An answer that is not a success. `problem.code` is stable. */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** The control plane did not answer at all. */
export class UnreachableError extends Error {
  constructor(url: string, options?: ErrorOptions) {
    super(
      `Nothing answers at ${url}. Start the control plane with "npm start", or set TENANTRY_URL.`,
      options,
    );
    this.name = 'UnreachableError';
  }
}

export interface Client {
  /** Calls an endpoint and gives its body; throws ApiError or UnreachableError. */
  call<N extends EndpointName>(name: N, input: Call<N>): Promise<Output<N>>;
  /** Calls an endpoint whose answer is a stream or a download. */
  open(name: EndpointName, input: Partial<Call<EndpointName>>): Promise<Response>;
}

/**
 * A typed client of the API.
 *
 * ```ts
 * const client = createClient({ url: 'http://127.0.0.1:7700', token });
 * const { operation, tenant } = await client.call('createTenant', { body: { slug: 'acme' } });
 * ```
 */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? fetch;

  async function open(name: EndpointName, input: Partial<Call<EndpointName>>): Promise<Response> {
    const endpoint: Endpoint = endpoints[name];
    const url = options.url.replace(/\/+$/, '') + pathOf(endpoint, input.params) + queryOf(input.query);
    const headers = new Headers(
      options.token === undefined ? [] : [['authorization', `Bearer ${options.token}`]],
    );
    for (const [header, value] of Object.entries(input.headers ?? {})) headers.set(header, value);
    const csrfToken = endpoint.method === 'GET' ? undefined : options.csrfToken?.();
    if (csrfToken !== undefined) headers.set(csrfHeader, csrfToken);
    if (input.idempotencyKey) headers.set('idempotency-key', input.idempotencyKey);
    if (input.ifMatch !== undefined) headers.set('if-match', `"${input.ifMatch}"`);
    const body = endpoint.body ? JSON.stringify(input.body ?? {}) : undefined;
    if (body !== undefined) headers.set('content-type', 'application/json');
    let response: Response;
    try {
      response = await send(url, {
        method: endpoint.method,
        headers,
        body: body ?? null,
        signal: input.signal ?? null,
      });
    } catch (error) {
      if (input.signal?.aborted) throw error;
      throw new UnreachableError(options.url, { cause: error });
    }
    if (!response.ok) throw new ApiError(await problemOf(response));
    return response;
  }

  return {
    open,
    async call(name, input) {
      const response = await open(name, input);
      return (await response.json()) as Output<typeof name>;
    },
  };
}

function pathOf(endpoint: Endpoint, params: unknown): string {
  const values = (params ?? {}) as Record<string, string>;
  return endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}

function queryOf(query: unknown): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries((query ?? {}) as Record<string, Scalar>)) {
    if (value !== undefined && value !== null) search.set(key, `${value}`);
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as Partial<Problem>;
    if (typeof body.code === 'string') return body as Problem;
  } catch {
    // Not from the control plane: a proxy in between answered.
  }
  return {
    type: 'about:blank',
    title: response.statusText || 'Unexpected answer',
    status: response.status,
    code: 'UNEXPECTED_ANSWER',
    detail: `The server answered ${response.status} with something that is not a problem body.`,
  };
}
