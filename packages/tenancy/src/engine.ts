import type { Directory, Placement } from './directory/index.ts';
import { TenancyError, tenantNotFound } from './errors.ts';
import { LaneChoice } from './lanes/choice.ts';
import type { Dialling } from './lanes/dial.ts';
import type { Lane, LaneName } from './lanes/lane.ts';
import { LeasedLane } from './lanes/leased.ts';
import { SealedLane } from './lanes/sealed.ts';
import { CellPool } from './pool/cell-pool.ts';
import { Housekeeper, softEvict } from './pool/housekeeper.ts';
import { Hosts } from './pool/hosts.ts';
import type { PoolStatus } from './pool/metrics.ts';
import type { PoolSettings } from './pool/options.ts';
import { TenantClient } from './pool/tenant-client.ts';
import type { Settle, TenantQuery } from './pool/tenant-query.ts';
import { isTenantId, type TenantId } from './tenant-id.ts';

export interface EngineOptions {
  readonly directory: Directory;
  readonly credentialKey: Uint8Array;
  readonly lane: 'auto' | LaneName;
  readonly settings: PoolSettings;
  readonly applicationName: string;
  /** Runs a function as nobody's work. */
  readonly outside: <T>(fn: () => T) => T;
  /** Hears of work for tenants that are not there, or not open. */
  readonly onClosedTenant: (tenant: TenantId) => void;
}

/** How long a placement is used without asking the directory again, which has a cache of its own and is asked with a wait. */
const rememberMs = 250;
/** A description of a cell that comes back so long after another has replaced it is the newer one again, not one that was cached. */
const replacedMs = 10_000;
/** No timer runs for longer. */
const longestMs = 2 ** 31 - 1;

interface Known {
  readonly placement: Placement;
  readonly until: number;
}

interface OpenCell {
  readonly pool: CellPool;
  readonly housekeeper: Housekeeper;
  /** What describes it, as it was told with one tenant or another: no two need be one object. */
  readonly told: WeakSet<Placement['cell']>;
  readonly print: string;
}

/** Brings statements of tenants to the cells where they live. */
export class Engine {
  readonly settings: PoolSettings;
  readonly #options: EngineOptions;
  readonly #known = new Map<TenantId, Known>();
  readonly #cells = new Map<string, OpenCell>();
  /** Pools of replaced descriptions that still have work, by print. */
  readonly #retiring = new Map<string, OpenCell>();
  /** When each description was replaced, by print. */
  readonly #replacedAt = new Map<string, number>();
  /** Retired pools that have no work any more, until they are closed. */
  readonly #ending = new Set<Promise<void>>();
  readonly #stopListening: () => void;
  /** How many changes of tenants were heard of. */
  #changes = 0;
  #suspended = false;
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.settings = options.settings;
    this.#stopListening = options.directory.onChange((tenant) => this.#changed(tenant));
  }

  /** Runs one statement as a tenant. */
  run(tenant: TenantId, query: TenantQuery, settle: Settle): void {
    const known = this.#remembered(tenant);
    if (known !== undefined) return this.#poolOf(known).run(known, query, settle);
    void this.#runWhereFound(tenant, query, settle);
  }

  /** What is thrown on the way to the pool is the statement's outcome, since nobody awaits this. */
  async #runWhereFound(tenant: TenantId, query: TenantQuery, settle: Settle): Promise<void> {
    let placement: Placement;
    let pool: CellPool;
    try {
      placement = await this.placementOf(tenant);
      pool = this.#poolOf(placement);
    } catch (error) {
      return settle(error as Error);
    }
    pool.run(placement, query, settle);
  }

  /** A connection of a tenant for one caller, which has to release it. */
  async hold(tenant: TenantId): Promise<TenantClient> {
    // Before the first wait, after which the stack no longer leads to the caller.
    const taken =
      this.settings.leakDetectionThreshold === 0 ? undefined : new Error('A client was taken here.');
    const placement = this.#remembered(tenant) ?? (await this.placementOf(tenant));
    const pool = this.#poolOf(placement);
    const connection = await pool.hold(placement);
    const callOffLeak = this.#watchForLeak(pool, tenant, taken);
    return new TenantClient(connection, (_client, error) => {
      callOffLeak?.();
      pool.release(connection, error ? 'released with an error' : undefined);
    });
  }

  /** Where a tenant lives. Rejects with TENANT_NOT_FOUND for one that is unknown or not active. */
  async placementOf(tenant: TenantId): Promise<Placement> {
    if (this.#closed)
      throw new TenancyError('TENANCY_CLOSED', 'The tenancy was closed; no new work is taken.');
    const changes = this.#changes;
    const placement = await this.#options.directory.find(tenant);
    // The directory answers to slugs and domains too: an id must not find somebody who is called like it.
    if (placement === undefined || placement.tenant !== tenant) {
      this.#options.onClosedTenant(tenant);
      throw tenantNotFound();
    }
    // An answer from before a change must not be remembered after it.
    if (changes === this.#changes)
      this.#known.set(tenant, { placement, until: performance.now() + rememberMs });
    return placement;
  }

  suspend(): void {
    this.#suspended = true;
    for (const { pool } of this.#open) pool.suspend();
  }

  resume(): void {
    this.#suspended = false;
    for (const { pool } of this.#open) pool.resume();
  }

  softEvict(tenant?: TenantId): void {
    for (const { pool } of this.#open) softEvict(pool, tenant);
  }

  status(): readonly PoolStatus[] {
    return this.#open.map(({ pool }) => pool.status());
  }

  /** Rejects with TENANCY_OPTION for a deadline that is none; all is closed at once then, since nobody can ask again. */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    const isUsable = typeof deadlineMs === 'number' && deadlineMs >= 0;
    const waitMs = isUsable ? Math.min(deadlineMs, longestMs) : 0;
    await Promise.all([...this.#open.map((open) => closeCell(open, waitMs)), ...this.#ending]);
    this.#cells.clear();
    this.#retiring.clear();
    this.#known.clear();
    if (!isUsable)
      throw new TenancyError('TENANCY_OPTION', 'deadlineMs must be a number of milliseconds from 0.');
  }

  /** Every pool, those in use before those that retire. */
  get #open(): readonly OpenCell[] {
    return [...this.#cells.values(), ...this.#retiring.values()];
  }

  #remembered(tenant: TenantId): Placement | undefined {
    const known = this.#known.get(tenant);
    if (known === undefined) return undefined;
    if (known.until > performance.now()) return known.placement;
    this.#known.delete(tenant);
    return undefined;
  }

  /** Whatever it was, what is cached of the tenant may be wrong, and so may what its connections have prepared. */
  #changed(tenant: TenantId): void {
    this.#changes += 1;
    this.#known.delete(tenant);
    this.softEvict(tenant);
  }

  #poolOf({ cell }: Placement): CellPool {
    const current = this.#cells.get(cell.id);
    if (current?.told.has(cell)) return current.pool;
    const print = JSON.stringify(cell);
    const known = current?.print === print ? current : this.#retiring.get(print);
    if (known !== undefined) {
      known.told.add(cell);
      return known.pool;
    }
    if (this.#closed)
      throw new TenancyError('TENANCY_CLOSED', 'The tenancy was closed; no new work is taken.');
    const pool = this.#openPool(cell);
    const opened = { pool, housekeeper: new Housekeeper(pool), told: new WeakSet([cell]), print };
    if (current !== undefined && this.#isOlder(print)) this.#retire(opened);
    else {
      this.#cells.set(cell.id, opened);
      // The cell has moved, or has other slots: what is under way may end where it is.
      if (current !== undefined) this.#replace(current);
    }
    return pool;
  }

  /** True for a description that another has replaced, and that somebody has still cached. */
  #isOlder(print: string): boolean {
    return performance.now() - (this.#replacedAt.get(print) ?? Number.NEGATIVE_INFINITY) < replacedMs;
  }

  #replace(open: OpenCell): void {
    for (const print of this.#replacedAt.keys()) if (!this.#isOlder(print)) this.#replacedAt.delete(print);
    this.#replacedAt.set(open.print, performance.now());
    this.#retire(open);
  }

  #retire(open: OpenCell): void {
    this.#retiring.set(open.print, open);
    open.housekeeper.stop();
    open.pool.retire(() => {
      if (!this.#retiring.delete(open.print)) return;
      const ending = closeCell(open, 0).finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    });
  }

  #openPool(cell: Placement['cell']): CellPool {
    const { credentialKey, settings, applicationName, outside, directory, onClosedTenant } = this.#options;
    const to: Dialling = {
      cell,
      hosts: new Hosts(cell.hosts),
      settings,
      applicationName,
      outside,
      onRefusedLogin: ({ lane, user }, sqlState) => {
        // A slot is nobody's while it logs in.
        const tenant = isTenantId(user) ? user : undefined;
        settings.metrics({ type: 'login-refused', cell: cell.id, tenant, lane, sqlState });
      },
    };
    const lanes = laneNames(this.#options.lane, cell).map((name): Lane =>
      name === 'sealed' ? new SealedLane(to, credentialKey) : new LeasedLane(to, credentialKey),
    );
    const refresh = async (tenant: TenantId): Promise<Placement | undefined> => {
      this.#known.delete(tenant);
      const placement = await directory.find(tenant, { fresh: true });
      if (placement === undefined) onClosedTenant(tenant);
      return placement;
    };
    const pool = new CellPool({ cellId: cell.id, choice: new LaneChoice(lanes), settings, refresh });
    if (this.#suspended) pool.suspend();
    return pool;
  }

  #watchForLeak(pool: CellPool, tenant: TenantId, taken: Error | undefined): (() => void) | undefined {
    if (taken === undefined) return undefined;
    const heldMs = this.settings.leakDetectionThreshold;
    const timer = setTimeout(() => {
      pool.emit({ type: 'leak', cell: pool.cellId, tenant, heldMs, stack: taken.stack ?? taken.message });
    }, heldMs);
    timer.unref();
    return () => clearTimeout(timer);
  }
}

function laneNames(wanted: 'auto' | LaneName, cell: Placement['cell']): readonly LaneName[] {
  const allowed = cell.lanes.filter((name) => wanted === 'auto' || name === wanted);
  if (allowed.length === 0) {
    throw new TenancyError(
      'TENANCY_OPTION',
      `The cell does not allow the lane "${wanted}". Use another, or allow it: tenantry cell update --lanes.`,
    );
  }
  return allowed;
}

async function closeCell({ pool, housekeeper }: OpenCell, deadlineMs: number): Promise<void> {
  housekeeper.stop();
  await pool.close(deadlineMs);
}
