import type { LaneName } from '../lanes/lane.ts';
import type { Placement } from '../directory/index.ts';
import type { TenantId } from '../tenant-id.ts';
import type { Connection, Use } from './connection.ts';
import { Heat } from './heat.ts';
import type { PoolStatus } from './metrics.ts';
import { TenantLine } from './tenant-line.ts';

/** A pool of which nobody has wanted anything for so long was asleep. */
const asleepMs = 100;

/** The connections of a cell and the tenants they belong to, counted. */
export class Inventory {
  readonly lines = new Map<TenantId, TenantLine>();
  readonly all = new Set<Connection>();
  /** Uses of the whole pool. */
  readonly heat = new Heat();
  /** Since when it is in use without having been asleep: that a tenant was away before tells nothing about that tenant. */
  awakeSince = performance.now();
  /** Connections that are being made. */
  opening = 0;
  /** Connections of slots. */
  leased = 0;
  readonly maximumPoolSize: number;
  /** Least recently used first. */
  readonly #idle = { sealed: new Set<Connection>(), leased: new Set<Connection>() };

  constructor(maximumPoolSize: number) {
    this.maximumPoolSize = maximumPoolSize;
  }

  get isFull(): boolean {
    return this.all.size + this.opening >= this.maximumPoolSize;
  }

  /** Connections of tenants' own logins, with those that are being made. */
  get sealed(): number {
    return this.all.size + this.opening - this.leased;
  }

  /** Nothing is to be had before somebody gives something back. */
  get isExhausted(): boolean {
    return this.isFull && this.idleCount === 0;
  }

  get idleCount(): number {
    return this.#idle.sealed.size + this.#idle.leased.size;
  }

  /** The tenant's line, which has been asked for once more. */
  lineOf(placement: Placement, now: number): TenantLine {
    let line = this.lines.get(placement.tenant);
    if (line === undefined) this.lines.set(placement.tenant, (line = new TenantLine(placement)));
    else line.placement = placement;
    if (now - this.heat.since > asleepMs) this.awakeSince = now;
    line.heat.add(now);
    this.heat.add(now);
    return line;
  }

  /** The line of whose the connection is; undefined for a slot that holds nobody. */
  ownerOf({ tenant }: Connection): TenantLine | undefined {
    return tenant === undefined ? undefined : this.lines.get(tenant);
  }

  /** The idle connection that was used least recently. */
  leastRecent(lane: LaneName): Connection | undefined {
    for (const connection of this.#idle[lane]) return connection;
    return undefined;
  }

  /**
   * The idle slot to give to a tenant: one that has served it before, whose backend knows its tables already, where that is
   * not in use all the time; else the one that was used least recently.
   */
  slotFor({ tenant }: TenantLine): Connection | undefined {
    for (const connection of this.#idle.leased) if (connection.visited.has(tenant)) return connection;
    return this.leastRecent('leased');
  }

  use(connection: Connection, use: Use, now = performance.now()): void {
    connection.use = use;
    connection.usedSince = now;
  }

  enterIdle(connection: Connection, line: TenantLine, now: number): void {
    this.use(connection, 'idle', now);
    connection.quietSince = now;
    line.idle.push(connection);
    this.#idle[connection.lane].add(connection);
  }

  leaveIdle(connection: Connection, line: TenantLine): void {
    connection.turnSince = performance.now();
    if (line.idle.at(-1) === connection) line.idle.pop();
    else drop(line.idle, connection);
    this.#idle[connection.lane].delete(connection);
  }

  add(connection: Connection): void {
    this.all.add(connection);
    if (connection.lane === 'leased') this.leased += 1;
  }

  /** Forgets a connection; false where it was forgotten already. */
  remove(connection: Connection): boolean {
    if (!this.all.delete(connection)) return false;
    if (connection.lane === 'leased') this.leased -= 1;
    this.#idle[connection.lane].delete(connection);
    const line = this.ownerOf(connection);
    if (line === undefined) return true;
    drop(line.idle, connection);
    drop(line.shared, connection);
    line.connections -= 1;
    if (connection.lane === 'sealed') line.sealed -= 1;
    return true;
  }

  /** Forgets tenants that have no connections and were not asked for since. */
  forgetBefore(time: number): void {
    for (const [tenant, line] of this.lines)
      if (line.connections + line.opening + line.waiting.length === 0 && line.heat.since < time)
        this.lines.delete(tenant);
  }

  status(cell: string, waiting: number): PoolStatus {
    const holders = new Map<TenantId, number>();
    let [idle, sealed] = [0, 0];
    for (const { use, tenant, lane } of this.all) {
      if (lane === 'sealed') sealed += 1;
      if (use === 'idle') idle += 1;
      else if (tenant !== undefined) holders.set(tenant, (holders.get(tenant) ?? 0) + 1);
    }
    const total = this.all.size;
    return {
      cell,
      total,
      idle,
      active: total - idle,
      opening: this.opening,
      waiting,
      sealed,
      leased: total - sealed,
      holders,
    };
  }
}

export function drop<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at !== -1) list.splice(at, 1);
}
