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
  run(tenant: TenantId, query: TenantQuery, plain: boolean, settle: Settle): void {
    const known = this.#remembered(tenant);
    if (known !== undefined) return this.#poolOf(known).run(known, query, plain, settle);
    this.placementOf(tenant).then((placement) => {
      let pool: CellPool;
      // What is thrown here would reach nobody.
      try {
        pool = this.#poolOf(placement);
      } catch (error) {
        return settle(error as Error);
      }
      pool.run(placement, query, plain, settle);
    }, settle);
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
    for (const { pool } of this.#cells.values()) pool.suspend();
  }

  resume(): void {
    this.#suspended = false;
    for (const { pool } of this.#cells.values()) pool.resume();
  }

  softEvict(tenant?: TenantId): void {
    for (const { pool } of this.#cells.values()) softEvict(pool, tenant);
  }

  status(): readonly PoolStatus[] {
    return Array.from(this.#cells.values(), ({ pool }) => pool.status());
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    await Promise.all(Array.from(this.#cells.values(), (open) => closeCell(open, deadlineMs)));
    this.#cells.clear();
    this.#known.clear();
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
    const open = this.#cells.get(cell.id);
    if (open?.told.has(cell)) return open.pool;
    const print = JSON.stringify(cell);
    if (open?.print === print) {
      open.told.add(cell);
      return open.pool;
    }
    if (this.#closed)
      throw new TenancyError('TENANCY_CLOSED', 'The tenancy was closed; no new work is taken.');
    // The cell has moved, or has other slots: what is under way may end where it is.
    if (open !== undefined) void closeCell(open, this.settings.queryTimeout);
    const pool = this.#openPool(cell);
    this.#cells.set(cell.id, { pool, housekeeper: new Housekeeper(pool), told: new WeakSet([cell]), print });
    return pool;
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
