import { isTenancyError, type Tenancy, type TenantId } from '../support/tenancy.ts';

export interface LoadOptions {
  readonly tenancy: Tenancy;
  readonly tenants: readonly TenantId[];
  readonly callers: number;
  /** Begins what every row of it holds. */
  readonly name: string;
}

/** One write of a caller: what its row holds, unlike any other. */
type Write = (tenancy: Tenancy, tenant: TenantId, body: string) => Promise<unknown>;

const insert = 'INSERT INTO notes (body) VALUES ($1)';

/** A statement by itself: where its answer is lost nobody knows, and nobody asks again. */
const alone: Write = (tenancy, tenant, body) => tenancy.for(tenant).query(insert, [body]);

/** A transaction with a key: asked for until it is acknowledged. */
const keyed: Write = (tenancy, tenant, body) =>
  tenancy.for(tenant).transaction(
    async (tx) => {
      await tx.query(insert, [body]);
      // So that there is a middle to be interrupted in.
      await tx.query('SELECT 1');
    },
    { idempotencyKey: body, retry: { attempts: 2 } },
  );

/** Between two attempts while the server is away, so that it is not hammered. */
const pauseMs = 10;

/** Callers that write without pause, half of them single statements and half transactions with a key. */
export class Load {
  /** Writes that were acknowledged, by tenant. */
  readonly acknowledged = new Map<TenantId, Set<string>>();
  readonly #options: LoadOptions;
  readonly #callers: Promise<void>[];
  readonly #waiting = new Set<number>();
  readonly #lastOf = new Map<TenantId, number>();
  #stopped = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    for (const tenant of options.tenants) this.acknowledged.set(tenant, new Set());
    this.#callers = Array.from({ length: options.callers }, (_, caller) => this.#call(caller));
  }

  /** Acknowledged writes of all tenants. */
  get count(): number {
    let count = 0;
    for (const writes of this.acknowledged.values()) count += writes.size;
    return count;
  }

  /** Callers that wait for an answer at this moment. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Tenants whose last write was acknowledged before a moment of `performance.now()`. */
  without(since: number): readonly TenantId[] {
    return this.#options.tenants.filter((tenant) => (this.#lastOf.get(tenant) ?? 0) < since);
  }

  /** Resolves with the moment when every tenant has had a write acknowledged since; undefined where that takes too long. */
  async backSince(since: number, ms: number): Promise<number | undefined> {
    while (this.without(since).length > 0) {
      if (performance.now() > since + ms) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return performance.now();
  }

  /** No new writes; resolves when the callers have ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#callers);
  }

  async #call(caller: number): Promise<void> {
    const { tenancy, tenants, name } = this.#options;
    const tenant = tenants[caller % tenants.length]!;
    const write = caller < this.#options.callers / 2 ? alone : keyed;
    for (let n = 0; !this.#stopped; n++) {
      const body = `${name} ${caller}-${n}`;
      for (;;) {
        this.#waiting.add(caller);
        try {
          await write(tenancy, tenant, body);
          this.acknowledged.get(tenant)!.add(body);
          this.#lastOf.set(tenant, performance.now());
          break;
        } catch (error) {
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
          // A refused lane is the one error that says that nothing was run.
          const nothingRan = isTenancyError(error) && error.code === 'TENANCY_LANE_VIOLATION';
          if ((write === alone && !nothingRan) || this.#stopped) break;
        } finally {
          this.#waiting.delete(caller);
        }
      }
    }
  }
}
