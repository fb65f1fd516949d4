import type { TestTenant } from '../options.ts';

/** One route of an application, and how to call it. */
export interface Route {
  /** Method and path: `GET /accounts/{id}`. A parameter is filled with the key of a row that `pair()` has planted. */
  readonly route: string;
  /** Values of parameters, where the kit cannot know them. */
  readonly params?:
    | Readonly<Record<string, string>>
    | ((tenant: TestTenant) => Readonly<Record<string, string>>);
  /** Added to the address. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it is. Default for POST, PUT and PATCH: the texts that a row of the table needs. */
  readonly body?: unknown;
  /**
   * False for a route that shows nobody's data and changes none, as a health check: it need not answer its own caller with the
   * caller's canary. Default true.
   */
  readonly control?: boolean;
}

/** An application that is called as a function, or over the network. */
export type Target =
  | {
      /** `(request) => app.fetch(request)` of Hono, or of anything that speaks Fetch. */
      readonly send: (request: Request) => Response | Promise<Response>;
      readonly url?: undefined;
    }
  | {
      /** Where the application listens: `http://127.0.0.1:3000`. */
      readonly url: string;
      readonly send?: undefined;
    };

/** Options of {@link expectIsolated}. */
export type IsolationOptions = Target & {
  /** The two that `pair()` gave. */
  readonly tenants: readonly [TestTenant, TestTenant];
  readonly routes: readonly (string | Route)[];
  /** The headers of a caller who belongs to a tenant. Default `{ 'x-tenant': tenant.slug }`. */
  readonly as?: (
    tenant: TestTenant,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** So many requests of each tenant are under way at once. Default 20. */
  readonly pairs?: number;
  /** Tables that change by themselves, as the queue of a worker. */
  readonly ignoreTables?: readonly string[];
  /** How long one answer may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
};

/** Something that must not be. */
export interface IsolationFinding {
  /**
   * `leak`: an answer held the other's canary. `write`: a table of the other has changed. `blind`: a route never worked for its own
   * caller, so that nothing was checked.
   */
  readonly kind: 'leak' | 'write' | 'blind';
  readonly route: string;
  /** Slug of the tenant who called. */
  readonly caller: string;
  /** Slug of the tenant whose data it is. */
  readonly of: string;
  /** What was special about the request. */
  readonly how: string;
  /** Where the canary stood, or what has changed. */
  readonly detail: string;
}

/** What a check has done. */
export interface IsolationReport {
  readonly requests: number;
  readonly ms: number;
  readonly routes: readonly {
    readonly route: string;
    /** Both tenants got their own canary from it. */
    readonly sawOwn: boolean;
    /** How often it answered with which status. */
    readonly statuses: Readonly<Record<string, number>>;
  }[];
  /** Names of tables of a tenant that were compared. */
  readonly tables: readonly string[];
  /** Attacks that make no sense here, and why. */
  readonly skipped: readonly string[];
}
