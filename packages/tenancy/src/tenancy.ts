import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import { TenantContext, type CapturedContext } from './context/context.ts';
import type { Directory } from './directory/index.ts';
import { Engine } from './engine.ts';
import { TenancyError, tenantNotFound } from './errors.ts';
import type { LaneName } from './lanes/lane.ts';
import type { PoolStatus } from './pool/metrics.ts';
import { poolSettings, type PoolOptions, type PoolSettings } from './pool/options.ts';
import type { SecurityEvent } from './security/event.ts';
import { signalOf } from './security/pool-signal.ts';
import { SecuritySignals } from './security/signals.ts';
import { TenantPool } from './tenant-pool.ts';
import { isTenantId, type TenantId } from './tenant-id.ts';
import type { TransactionOptions } from './transactions/options.ts';
import { runTransaction } from './transactions/run.ts';
import type { Transaction } from './transactions/transaction.ts';

export interface TenancyOptions {
  /** Knows where tenants are; closed with the tenancy. */
  readonly directory: Directory;
  /** The control plane's credential key: 32 bytes, or their base64. */
  readonly credentialKey: Uint8Array | string;
  /**
   * How a connection becomes a tenant's: `sealed` logs in as it, `leased` is a slot that is lent to it, `auto` is sealed
   * for who is busy and leased for the others. Only what the cell allows. Default `auto`.
   */
  readonly lane?: 'auto' | LaneName;
  readonly pool?: PoolOptions;
  /** Shown in pg_stat_activity. Default `tenantry`. */
  readonly applicationName?: string;
  /** As {@link Tenancy.on}, from the beginning. A directory of a control plane reports the same by itself. */
  readonly onSecurityEvent?: (event: SecurityEvent) => void;
}

/** One tenant's door to its data. */
export interface TenantHandle {
  readonly tenant: TenantId;
  /** A `pg.Pool` of this tenant, wherever it is used. */
  readonly pool: TenantPool;
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(
    config: string | pg.QueryConfig,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<R>>;
  transaction<T>(fn: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
}

/** What {@link createTenancy} gives. */
export interface Tenancy extends Omit<TenantHandle, 'tenant'> {
  /** A `pg.Pool` of whoever's work it is at the moment of each call; throws TENANT_CONTEXT_MISSING where it is nobody's. */
  readonly pool: TenantPool;
  /** Runs a function, and all that it begins, as a tenant. See {@link TenantContext.run}. */
  run<T>(tenant: TenantId, fn: () => T): T;
  /** The tenant whose work this is. Throws TENANT_CONTEXT_MISSING. */
  current(): TenantId;
  /** The tenant whose work this is, or undefined. */
  peek(): TenantId | undefined;
  /** Runs a function as nobody's work. */
  exit<T>(fn: () => T): T;
  capture(): CapturedContext;
  restore<T>(captured: CapturedContext | null | undefined, fn: () => T): T;
  bind<A extends readonly unknown[], R>(fn: (...args: A) => R): (...args: A) => R;
  /** A tenant's door, in whatever context. Throws TENANT_NOT_FOUND for what is no tenant id. */
  for(tenant: TenantId): TenantHandle;
  /** The id of an active tenant, by id, slug or domain. Rejects with TENANT_NOT_FOUND. */
  resolve(ref: string): Promise<TenantId>;
  /**
   * Hears what was refused: statements, logins, lanes, work that is nobody's. The first of its kind at once, equal ones of the
   * second after it as one event. Gives the function that stops it.
   *
   * ```ts
   * tenancy.on('security', ({ kind, tenant, sqlState, count }) => log.warn({ kind, tenant, sqlState, count }, 'refused'));
   * ```
   */
  on(event: 'security', listener: (event: SecurityEvent) => void): () => void;
  /** What the pools hold, a line for each cell. */
  status(): readonly PoolStatus[];
  /** Callers wait until `resume`, or their time is over. What is under way goes on. */
  suspend(): void;
  resume(): void;
  /** Closes a tenant's connections, or all, as soon as nobody uses them. */
  softEvict(tenant?: TenantId): void;
  /** Takes no new work, lets what is under way end for `deadlineMs` (default 10,000), closes all. Harmless when called again. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

/** What the application keeps of a request in a storage of its own is not kept for as long as a connection lives. */
const asAtTheStart = AsyncLocalStorage.snapshot();

/**
 * The library's front door: queries of tenants over connections that belong to them.
 *
 * ```ts
 * const tenancy = createTenancy({ directory, credentialKey });
 * await tenancy.run(tenant, () => tenancy.pool.query('SELECT * FROM notes'));
 * ```
 * Throws TENANCY_OPTION.
 */
export function createTenancy(options: TenancyOptions): Tenancy {
  const { directory, lane = 'auto', applicationName = 'tenantry', onSecurityEvent } = options;
  if (!['auto', 'sealed', 'leased'].includes(lane))
    throw new TenancyError('TENANCY_OPTION', 'lane must be auto, sealed or leased.');
  const signals = new SecuritySignals();
  const outside = <T>(fn: () => T): T => asAtTheStart(() => context.exit(fn));
  if (onSecurityEvent !== undefined) signals.on((event) => outside(() => onSecurityEvent(event)));
  if (directory.report !== undefined) signals.on((event) => directory.report!(event));
  const context = new TenantContext(({ code }) =>
    signals.record({
      kind: code === 'TENANT_NOT_FOUND' ? 'tenant-closed' : 'context',
      code,
      tenant: context.peek(),
    }),
  );
  const engine = new Engine({
    directory,
    lane,
    applicationName,
    outside,
    credentialKey: keyOf(options.credentialKey),
    settings: settingsOf(options.pool, signals, outside),
    onClosedTenant: (tenant) => signals.record({ kind: 'tenant-closed', code: 'TENANT_NOT_FOUND', tenant }),
  });
  const pool = new TenantPool(engine, () => context.current());
  let closing: Promise<void> | undefined;
  return {
    pool,
    run: (tenant, fn) => context.run(tenant, fn),
    current: () => context.current(),
    peek: () => context.peek(),
    exit: (fn) => context.exit(fn),
    capture: () => context.capture(),
    restore: (captured, fn) => context.restore(captured, fn),
    bind: (fn) => context.bind(fn),
    query: queryOf(pool),
    transaction: async (fn, how) => runTransaction(engine, context.current(), fn, how),
    for: (tenant) => handleOf(engine, tenant),
    async resolve(ref) {
      const placement = await directory.find(ref);
      if (placement === undefined) throw tenantNotFound();
      return placement.tenant;
    },
    on: (_event, listener) => signals.on((event) => outside(() => listener(event))),
    status: () => engine.status(),
    suspend: () => engine.suspend(),
    resume: () => engine.resume(),
    softEvict: (tenant) => engine.softEvict(tenant),
    close: ({ deadlineMs = 10_000 } = {}) => (closing ??= closeAll(engine, directory, signals, deadlineMs)),
  };
}

async function closeAll(
  engine: Engine,
  directory: Directory,
  signals: SecuritySignals,
  deadlineMs: number,
): Promise<void> {
  try {
    await engine.close(deadlineMs);
  } finally {
    signals.close();
    await directory.close();
  }
}

function handleOf(engine: Engine, tenant: TenantId): TenantHandle {
  if (!isTenantId(tenant)) throw tenantNotFound();
  const pool = new TenantPool(engine, () => tenant);
  return {
    tenant,
    pool,
    query: queryOf(pool),
    transaction: (fn, how) => runTransaction(engine, tenant, fn, how),
  };
}

function queryOf(pool: TenantPool): TenantHandle['query'] {
  return (config, values) => pool.query(config as string, values as unknown[]);
}

/** What pools see refused, lanes and logins and statements, is for the operator's eyes too. */
function settingsOf(
  options: PoolOptions | undefined,
  signals: SecuritySignals,
  outside: <T>(fn: () => T) => T,
): PoolSettings {
  const settings = poolSettings(options);
  return {
    ...settings,
    metrics(event) {
      const signal = signalOf(event);
      if (signal !== undefined) signals.record(signal);
      if (options?.metrics !== undefined) outside(() => settings.metrics(event));
    },
  };
}

function keyOf(key: Uint8Array | string): Uint8Array {
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : key;
  if (bytes.byteLength === 32) return bytes;
  throw new TenancyError('TENANCY_OPTION', 'credentialKey must be 32 bytes, or the base64 of 32 bytes.');
}
