import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { TenancyError } from '../errors.ts';
import { assertTenantSql } from '../lanes/session.ts';
import type { Connection } from './connection.ts';
import { isCommit } from './statements.ts';
import { TenantQuery, type Settle } from './tenant-query.ts';
import { internalsOf } from './wire.ts';

type Callback = (error: Error | null | undefined, result?: pg.QueryResult) => void;

/** What {@link TenantClient.query} takes: a text, a configuration, or something that speaks for itself, like a cursor. */
export type Queryable = string | pg.QueryConfig | pg.Submittable;

/** What the driver calls on something that brings its own protocol. */
const handlers = [
  'handleRowDescription',
  'handleDataRow',
  'handlePortalSuspended',
  'handleCommandComplete',
  'handleEmptyQuery',
  'handleReadyForQuery',
  'handleError',
  'handleCopyInResponse',
  'handleCopyData',
] as const;

/**
 * A connection for as long as one caller holds it; a `pg.PoolClient` to libraries. Once released it refuses everything:
 * the connection behind it may be another tenant's by then.
 *
 * Node calls what listens to a connection as part of whoever's work has opened it. So callbacks, listeners and cursors are bound
 * to the work of who has given them.
 */
export class TenantClient extends EventEmitter {
  readonly #connection: Connection;
  #onRelease: ((client: TenantClient, error: Error | boolean | undefined) => void) | undefined;
  #types: pg.CustomTypesConfig | undefined;

  constructor(
    connection: Connection,
    onRelease: (client: TenantClient, error: Error | boolean | undefined) => void,
  ) {
    super();
    this.#connection = connection;
    this.#onRelease = onRelease;
    connection.listener = AsyncResource.bind(
      (event: 'notice' | 'notification' | 'error', payload: unknown) => {
        // Nobody listening is no reason to end the process: the next statement says that the connection is lost.
        if (event !== 'error' || this.listenerCount('error') > 0) this.emit(event, payload);
      },
    );
  }

  get processID(): number {
    return internalsOf(this.#connection.client).processID;
  }

  /** `I`, `T` or `E`: no transaction, one, or a failed one; as of the last answer. */
  getTransactionStatus(): string {
    return this.#connection.status;
  }

  /** In all forms of `pg`: a text or a configuration, with values or without, with a callback or as a promise. */
  query(config: Queryable, values?: unknown, callback?: Callback): unknown {
    if (config === null || config === undefined)
      throw new TypeError('There is no query: it is null or undefined.');
    if (typeof config === 'object' && 'submit' in config) return this.#submit(config, values ?? callback);
    const done = typeof values === 'function' ? (values as Callback) : (callback ?? callbackOf(config));
    const query = new TenantQuery(this.#typed(config), typeof values === 'function' ? undefined : values);
    if (done !== undefined) return this.send(query, textOf(config), AsyncResource.bind(done));
    return new Promise<pg.QueryResult>((resolve, reject) => {
      this.send(query, textOf(config), (error, result) => (error ? reject(error) : resolve(result!)));
    }).catch((error: Error) => {
      // A stack that leads to the caller instead of to the socket.
      Error.captureStackTrace(error);
      throw error;
    });
  }

  /** The way of all statements: what must hold before a COMMIT goes along with it. */
  send(query: TenantQuery, text: string, settle: Settle): void {
    if (this.#onRelease === undefined) return queueMicrotask(() => settle(released()));
    const { lane, tenant, status } = this.#connection;
    if (lane === 'leased' && status !== 'E' && isCommit(text)) {
      query.prefix = [assertTenantSql(tenant!)];
      query.isAssertion = true;
    }
    this.#connection.send(query, settle);
  }

  /** Gives the connection back; with an error, or true, it is closed instead. Throws when called again. */
  release(error?: Error | boolean): void {
    const onRelease = this.#onRelease;
    if (onRelease === undefined)
      throw new Error('Release called on client which has already been released to the pool.');
    this.#onRelease = undefined;
    this.#connection.listener = undefined;
    onRelease(this, error);
    this.emit('release', error);
  }

  /** Closes the connection. */
  end(callback?: () => void): Promise<void> | undefined {
    if (this.#onRelease !== undefined) this.release(true);
    if (callback === undefined) return Promise.resolve();
    callback();
    return undefined;
  }

  connect(): Promise<never> {
    return Promise.reject(new Error('The client is connected already. You cannot reuse a client.'));
  }

  /** For this holder alone; the connection's next one has the defaults. */
  setTypeParser(oid: number, format: unknown, parse?: (value: string) => unknown): void {
    const parser = (parse ?? format) as (value: string) => unknown;
    const before = this.#types ?? pg.types;
    const getTypeParser = (id: number, as?: 'text' | 'binary'): unknown =>
      id === oid ? parser : before.getTypeParser(id, as);
    this.#types = { getTypeParser: getTypeParser as typeof pg.types.getTypeParser };
  }

  getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
    return (this.#types ?? pg.types).getTypeParser(oid, format);
  }

  /** Of no effect: the pool keeps the process alive for as long as it is open. */
  ref(): void {}

  unref(): void {}

  #submit(submittable: pg.Submittable, callback: unknown): pg.Submittable {
    if (this.#onRelease === undefined) throw released();
    // A query of pg would go by the simple protocol where it has no values.
    const query = submittable as { queryMode?: string; callback?: unknown };
    if (submittable instanceof pg.Query) query.queryMode = 'extended';
    if (typeof callback === 'function') query.callback ??= callback;
    const bound = submittable as unknown as Record<string, unknown>;
    for (const name of handlers) {
      const handle = bound[name];
      if (typeof handle === 'function')
        bound[name] = AsyncResource.bind(handle as () => void, undefined, submittable);
    }
    this.#connection.sendCustom(submittable);
    return submittable;
  }

  #typed(config: string | pg.QueryConfig): string | pg.QueryConfig {
    if (this.#types === undefined || (typeof config === 'object' && config.types !== undefined))
      return config;
    return typeof config === 'string'
      ? { text: config, types: this.#types }
      : { ...config, types: this.#types };
  }
}

// `instanceof pg.Client` holds, without the constructor that would make a connection.
Object.setPrototypeOf(TenantClient.prototype, pg.Client.prototype);

export function textOf(config: string | pg.QueryConfig): string {
  return typeof config === 'string' ? config : (config.text ?? '');
}

/** `pg` takes a callback in the configuration too. */
export function callbackOf(config: string | pg.QueryConfig): Callback | undefined {
  const callback =
    typeof config === 'string' ? undefined : (config as { readonly callback?: unknown }).callback;
  return typeof callback === 'function' ? (callback as Callback) : undefined;
}

function released(): TenancyError {
  return new TenancyError(
    'TENANCY_CLOSED',
    'The client was released; the connection behind it may be another tenant’s by now. Take a new one from the pool.',
  );
}
