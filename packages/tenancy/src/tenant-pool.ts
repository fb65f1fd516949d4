import { AsyncResource } from 'node:async_hooks';
import pg from 'pg';
import type { Engine } from './engine.ts';
import { TenancyError } from './errors.ts';
import { isPlain } from './pool/statements.ts';
import { callbackOf, textOf, type TenantClient } from './pool/tenant-client.ts';
import { TenantQuery, type Settle } from './pool/tenant-query.ts';
import type { TenantId } from './tenant-id.ts';

type ConnectCallback = (
  error: Error | undefined,
  client: TenantClient | undefined,
  release: (error?: Error | boolean) => void,
) => void;

/**
 * A `pg.Pool` to every library that takes one. It has no connections of its own: each call asks whose it is at that very
 * moment, and goes to that tenant's.
 *
 * `connect` events are not emitted, since what they would set in a session is gone at its next change of tenant. `end`
 * ends this view; the connections end with the tenancy.
 */
export class TenantPool extends pg.Pool {
  readonly #engine: Engine;
  readonly #whose: () => TenantId;

  /** `whose` throws where it is nobody's call. */
  constructor(engine: Engine, whose: () => TenantId) {
    super({ max: engine.settings.maximumPoolSize });
    this.#engine = engine;
    this.#whose = whose;
    this.query = ((config: unknown, values?: unknown, callback?: unknown) =>
      this.#query(config, values, callback)) as pg.Pool['query'];
    this.connect = ((callback?: ConnectCallback) => this.#connect(callback)) as pg.Pool['connect'];
    this.end = ((callback?: () => void) => this.#end(callback)) as pg.Pool['end'];
    const count = (name: 'total' | 'idle' | 'waiting') => ({
      get: () => engine.status().reduce((sum, status) => sum + status[name], 0),
    });
    Object.defineProperties(this, {
      totalCount: count('total'),
      idleCount: count('idle'),
      waitingCount: count('waiting'),
      // Kysely would log in with it, as nobody, to cancel a query.
      Client: { value: undefined },
    });
  }

  #query(config: unknown, values: unknown, callback: unknown): Promise<pg.QueryResult> | undefined {
    const given = callbackIn(config, values, callback);
    if (given !== undefined) {
      // It is called from an event of a connection, which is whoever's work has read from it last.
      const done = AsyncResource.bind(given);
      try {
        this.#run(config, typeof values === 'function' ? undefined : values, done);
      } catch (error) {
        queueMicrotask(() => done(error as Error));
      }
      return undefined;
    }
    return new Promise<pg.QueryResult>((resolve, reject) => {
      this.#run(config, values, (error, result) => (error ? reject(error) : resolve(result!)));
    }).catch((error: Error) => {
      // A stack that leads to the caller instead of to the socket.
      Error.captureStackTrace(error);
      throw error;
    });
  }

  #run(config: unknown, values: unknown, settle: Settle): void {
    const tenant = this.#tenant();
    if (typeof config === 'object' && config !== null && 'submit' in config) {
      throw new TenancyError(
        'TENANCY_OPTION',
        'A cursor or a stream needs a client of its own: take one with pool.connect(), and release it.',
      );
    }
    if (typeof config !== 'string' && (typeof config !== 'object' || config === null))
      throw new TypeError('A query is a text or a configuration.');
    const query = new TenantQuery(config as string | pg.QueryConfig, values);
    query.isPlain = isPlain(textOf(config as string | pg.QueryConfig));
    this.#engine.run(tenant, query, settle);
  }

  #connect(callback: ConnectCallback | undefined): Promise<TenantClient> | undefined {
    const client = this.#hold();
    if (callback === undefined) return client;
    void tell(client, callback);
    return undefined;
  }

  async #hold(): Promise<TenantClient> {
    const client = await this.#engine.hold(this.#tenant());
    client.once('release', (error: unknown) => this.emit('release', error, client));
    this.emit('acquire', client);
    return client;
  }

  #tenant(): TenantId {
    if (this.ending)
      throw new TenancyError('TENANCY_CLOSED', 'Cannot use a pool after calling end on the pool.');
    return this.#whose();
  }

  #end(callback: (() => void) | undefined): Promise<void> | undefined {
    if (this.ending) {
      const error = new Error('Called end on pool more than once');
      if (callback === undefined) return Promise.reject(error);
      (callback as (error: Error) => void)(error);
      return undefined;
    }
    Object.assign(this, { ending: true, ended: true });
    if (callback === undefined) return Promise.resolve();
    queueMicrotask(callback);
    return undefined;
  }
}

function callbackIn(config: unknown, values: unknown, callback: unknown): Settle | undefined {
  if (typeof values === 'function') return values as Settle;
  if (typeof callback === 'function') return callback as Settle;
  return typeof config === 'object' && config !== null ? callbackOf(config as pg.QueryConfig) : undefined;
}

/** What the callback throws is thrown where nobody catches it, as with `pg`. */
async function tell(client: Promise<TenantClient>, callback: ConnectCallback): Promise<void> {
  try {
    const held = await client;
    process.nextTick(callback, undefined, held, (error?: Error | boolean) => held.release(error));
  } catch (error) {
    process.nextTick(callback, error, undefined, () => {});
  }
}
