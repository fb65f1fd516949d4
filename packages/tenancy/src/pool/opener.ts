import type { LaneChoice } from '../lanes/choice.ts';
import { isHostsFault, isRefusedLogin } from '../lanes/dial.ts';
import type { Lane } from '../lanes/lane.ts';
import type { Placement } from '../directory/index.ts';
import { sqlStateOf, tenantNotFound } from '../errors.ts';
import type { TenantId } from '../tenant-id.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { Inventory } from './inventory.ts';
import { lifetimeOf } from './life.ts';
import type { CloseReason, PoolEvent } from './metrics.ts';
import type { PoolSettings } from './options.ts';
import { credentialRefused, isLeaseRefused, isPassing, isUnusable } from './refusals.ts';
import type { TenantLine } from './tenant-line.ts';

const retryMs = { first: 25, most: 500 } as const;
/** A changed password is told within a second; a login is refused for good only after that. */
const credentialPatienceMs = 1_500;
/** PostgreSQL refused a tenant's lease: for so long none is asked for again where there is another lane. */
const noLeaseMs = 10_000;
/** A connection that was idle for so long is hardly missed: taking it is cheaper than a login. */
const longIdleMs = 50;

/** A tenant that was away for so many of its usual pauses has hardly ever just paused: one in fifty. */
const missedGaps = 4;
/** A tenant whose sealed connection was taken for want of use gets none for so long. */
const notSealedMs = 5_000;

/** What making connections needs of the pool that they are made for. */
export interface OpenerPool extends ConnectionOwner {
  readonly cellId: string;
  readonly settings: PoolSettings;
  readonly isClosing: boolean;
  /** A connection has become the tenant's. */
  ready(connection: Connection, line: TenantLine): void;
  remove(connection: Connection, reason: CloseReason, quietly?: boolean): void;
  /** Nobody who waits for the tenant gets a connection. */
  refuseAll(line: TenantLine, error: unknown): void;
  /** Something may be had that could not be had before. */
  dispatch(): void;
  emit(event: PoolEvent): void;
}

export interface OpenerOptions {
  readonly pool: OpenerPool;
  readonly inventory: Inventory;
  readonly choice: LaneChoice;
  /** Where a tenant is now, past any cache that a refused login has shown to be stale. */
  readonly refresh: (tenant: TenantId) => Promise<Placement | undefined>;
}

/** Makes connections into tenants': opens them, lets them change hands, and deals with what does not work out. */
export class Opener {
  readonly choice: LaneChoice;
  /** What went wrong last; null again when something works. */
  lastFailure: unknown;
  readonly #pool: OpenerPool;
  readonly #inventory: Inventory;
  readonly #refresh: OpenerOptions['refresh'];
  #retry: NodeJS.Timeout | undefined;
  #backOff = 0;

  constructor({ pool, inventory, choice, refresh }: OpenerOptions) {
    this.#pool = pool;
    this.#inventory = inventory;
    this.choice = choice;
    this.#refresh = refresh;
  }

  /** The cell is away: nothing is tried before the pause is over. */
  get isPausing(): boolean {
    return this.#retry !== undefined;
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry);
    await Promise.all(this.choice.lanes.map((lane) => lane.close()));
  }

  /** Begins to make a connection the tenant's: another's idle one, or a new one, which may cost an idle one its place. */
  obtain(line: TenantLine, now: number): boolean {
    if (this.#inventory.isExhausted) return false;
    const order = this.choice.order(line, this.#inventory, now);
    for (const lane of order) {
      if (lane.switch !== undefined) {
        const idle = this.#inventory.slotFor(line);
        if (
          idle !== undefined &&
          (idle.tenant === undefined || now - idle.quietSince > longIdleMs || this.#inventory.isFull)
        ) {
          void this.#switch(idle, line, lane, lane.switch);
          return true;
        }
      }
      if (!lane.canOpen()) continue;
      if (!this.#inventory.isFull || this.#makeRoom(line, lane, now)) {
        void this.open(line, lane);
        return true;
      }
    }
    // Nothing to open: an idle slot of anybody will do.
    const leased = order.find((lane) => lane.switch !== undefined);
    const idle = leased && this.#inventory.slotFor(line);
    if (idle === undefined) return false;
    void this.#switch(idle, line, leased!, leased!.switch!);
    return true;
  }

  #makeRoom(line: TenantLine, lane: Lane, now: number): boolean {
    const idle = this.#leastWanted(line, lane, now);
    if (idle === undefined) return false;
    // Nobody gets a second connection at the cost of one that was in use a moment ago: they would take it in turns.
    if (line.connections > 0 && now - idle.quietSince <= longIdleMs) return false;
    const isMissed = this.#isMissed(idle, now);
    // A busy tenant's own connection is not given up for one more slot: a slot that is there is free in a moment.
    if (lane.name === 'leased' && this.#inventory.leased > 0 && isMissed) return false;
    // What made its tenant busy is over, and the memory of that must not make it log in again at once.
    const owner = this.#inventory.ownerOf(idle);
    if (idle.lane === 'sealed' && !isMissed && owner !== undefined && owner !== line)
      owner.notSealedUntil = now + notSealedMs;
    this.#pool.remove(idle, 'makes room', true);
    return true;
  }

  /** True for a sealed connection that its tenant will most likely want again soon, by how often it was there lately. */
  #isMissed(idle: Connection, now: number): boolean {
    const owner = this.#inventory.ownerOf(idle);
    if (idle.lane !== 'sealed' || owner === undefined) return false;
    const soon = missedGaps * owner.heat.gapAt(now) * owner.sealed;
    const away = now - Math.max(idle.quietSince, this.#inventory.awakeSince);
    return away <= Math.max(longIdleMs, Math.min(soon, notSealedMs));
  }

  /** The idle connection that is given up for one on this lane: a sealed one whose tenant is not busy any more, else a slot. */
  #leastWanted(line: TenantLine, { name }: Lane, now: number): Connection | undefined {
    const [sealed, leased] = [this.#inventory.leastRecent('sealed'), this.#inventory.leastRecent('leased')];
    if (sealed === undefined || name === 'leased' || this.choice.lanes.length === 1) return sealed ?? leased;
    // Two tenants that are about as busy would log in by turns, where one of them could lease instead.
    const rival = this.#inventory.ownerOf(sealed)?.heat.at(now) ?? 0;
    if (line.heat.at(now) > 2 * rival) return sealed;
    return leased ?? (line.connections === 0 && !this.#couldLease(line, now) ? sealed : undefined);
  }

  /** True where a slot will do for the tenant: one that the pool has, or one that is there to be had. */
  #couldLease(line: TenantLine, now: number): boolean {
    if (line.notLeasedUntil > now) return false;
    return this.#inventory.leased > 0 || this.choice.get('leased').canOpen();
  }

  /** A busy tenant gets another connection while there is room, without anybody waiting for it. */
  grow(line: TenantLine, now: number): void {
    if (
      line.opening > 0 ||
      this.#inventory.isFull ||
      line.connections >= this.#pool.settings.maximumPerTenant
    )
      return;
    if (this.isPausing) return;
    this.obtain(line, now);
  }

  async #switch(
    connection: Connection,
    line: TenantLine,
    lane: Lane,
    doSwitch: NonNullable<Lane['switch']>,
  ): Promise<void> {
    const before = this.#inventory.ownerOf(connection);
    if (before !== undefined) {
      this.#inventory.leaveIdle(connection, before);
      before.connections -= 1;
    }
    this.#inventory.use(connection, 'starting');
    const started = performance.now();
    line.opening += 1;
    line.connections += 1;
    try {
      await doSwitch(connection, line.placement);
      // A plain statement takes with it what makes the session its tenant's. For anything else it has to be that before.
      const [next] = line.waiting;
      const isPlain = next?.kind === 'statement' && next.query.isPlain;
      if (!isPlain && !(await connection.enter())) throw connection.loss;
    } catch (error) {
      line.opening -= 1;
      line.connections -= 1;
      connection.tenant = undefined;
      this.#pool.remove(connection, 'in doubt');
      return this.#openFailed(line, lane, error);
    }
    line.opening -= 1;
    const now = performance.now();
    this.#pool.emit({
      type: 'switched',
      cell: this.#pool.cellId,
      tenant: line.tenant,
      tookMs: now - started,
    });
    this.#pool.ready(connection, line);
  }

  async open(line: TenantLine, lane: Lane): Promise<void> {
    const started = performance.now();
    this.#inventory.opening += 1;
    line.opening += 1;
    line.connections += 1;
    if (lane.name === 'sealed') line.sealed += 1;
    let connection: Connection;
    try {
      connection = await lane.open(line.placement);
    } catch (error) {
      this.#inventory.opening -= 1;
      line.opening -= 1;
      line.connections -= 1;
      if (lane.name === 'sealed') line.sealed -= 1;
      return this.#openFailed(line, lane, error);
    }
    this.#inventory.opening -= 1;
    line.opening -= 1;
    this.#backOff = 0;
    const now = performance.now();
    connection.owner = this.#pool;
    connection.lifetime = lifetimeOf(this.#pool.settings);
    this.#inventory.add(connection);
    this.#pool.emit({ type: 'opened', cell: this.#pool.cellId, lane: lane.name, tookMs: now - started });
    this.#pool.ready(connection, line);
  }

  #openFailed(line: TenantLine, lane: Lane, error: unknown): void {
    this.lastFailure = error;
    this.#pool.emit({ type: 'open-failed', cell: this.#pool.cellId, lane: lane.name, error });
    if (this.#pool.isClosing) return this.#pool.dispatch();
    if (isUnusable(error)) {
      line.notLeasedUntil = performance.now() + noLeaseMs;
      return this.choice.lanes.length === 1 ? this.#pool.refuseAll(line, error) : this.#pool.dispatch();
    }
    if (isLeaseRefused(lane, error)) {
      line.notLeasedUntil = performance.now() + noLeaseMs;
      this.#pool.emit({
        type: 'lane-refused',
        cell: this.#pool.cellId,
        tenant: line.tenant,
        lane: lane.name,
        sqlState: sqlStateOf(error),
      });
    }
    if (isRefusedLogin(error) || isLeaseRefused(lane, error)) return void this.#refused(line, lane, error);
    if (isPassing(error)) {
      line.notBefore = performance.now() + retryMs.first;
      setTimeout(() => this.#pool.dispatch(), retryMs.first).unref();
      return;
    }
    if (!isHostsFault(error)) return this.#pool.refuseAll(line, error);
    this.#backOff = Math.min(retryMs.most, Math.max(retryMs.first, this.#backOff * 2));
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#pool.dispatch();
    }, this.#backOff);
  }

  /** PostgreSQL does not let the tenant in: it may have been closed, moved or given another password since we looked. */
  async #refused(line: TenantLine, lane: Lane, error: unknown): Promise<void> {
    const used = line.placement;
    const until = performance.now() + credentialPatienceMs;
    line.opening += 1;
    try {
      for (;;) {
        const now = await this.#refresh(line.tenant);
        if (now === undefined) return this.#pool.refuseAll(line, tenantNotFound());
        line.placement = now;
        if (now.credentialVersion !== used.credentialVersion || now.cell.id !== used.cell.id) return;
        if (isLeaseRefused(lane, error) && this.choice.lanes.length > 1) return;
        if (performance.now() > until) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      this.#pool.refuseAll(line, credentialRefused(error, lane));
    } catch (failure) {
      this.#pool.refuseAll(line, failure);
    } finally {
      line.opening -= 1;
      this.#pool.dispatch();
    }
  }
}
