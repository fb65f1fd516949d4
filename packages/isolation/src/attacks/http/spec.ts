/** One of the two tenants of an application that is attacked over HTTP. Both are the caller's own, made for it. */
export interface HttpTenant {
  /** As in a report; no secret. */
  readonly name: string;
  /** How a request of it authenticates: `{ "authorization": "Bearer …" }`, `{ "x-api-key": "…" }`, `{ "host": "acme.example.com" }`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that its own answers show and nobody else's may: names of rows that only it has. At least eight characters each. */
  readonly marks: readonly string[];
  /** What applications call it by: id, slug. Put where an application might look for a tenant. */
  readonly ids: readonly string[];
  /** Values of the parameters of routes: `{ "account": "42" }`. */
  readonly params?: Readonly<Record<string, string>>;
}

/** A route of the application, and how to call it. */
export interface HttpRoute {
  /** Method and path, with the query where it needs one: `GET /accounts/{account}`. */
  readonly route: string;
  /** Sent as JSON. `{word}` in a text of it becomes a word of the run, by which a write into the other tenant is seen. */
  readonly body?: unknown;
  /** False where it shows no data of its caller, so that its answer need not hold a mark. Default: true for GET. */
  readonly shows?: boolean;
  /** It never ends: it is read for a moment. */
  readonly stream?: boolean;
}

/** An application to be attacked over HTTP. */
export interface HttpSpec {
  /** `https://staging.example.com`; a path before the routes' is kept. */
  readonly url: string;
  readonly tenants: readonly [HttpTenant, HttpTenant];
  readonly routes: readonly (string | HttpRoute)[];
  /** Credentials that have to be refused, by what is wrong with them: `{ "expired": { "authorization": "Bearer …" } }`. */
  readonly refused?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Sent along with every request, as what a gateway before the application asks for. They name no tenant. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long one answer may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Requests of each tenant at once, in the races. Default 20. */
  readonly atOnce?: number;
}

/** A request before it is sent. */
export interface HttpCall {
  readonly method: string;
  /** With the query, and not mended by anybody. */
  readonly path: string;
  /** Names in lower case; a name may stand more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  readonly stream?: boolean;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}
