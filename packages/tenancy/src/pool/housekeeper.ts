import type { TenantId } from '../tenant-id.ts';
import type { CellPool } from './cell-pool.ts';
import type { Connection } from './connection.ts';

/** Tenants that nobody has asked for in so long are forgotten. */
const forgetMs = 60_000;

/**
 * What a pool does without being asked: closes connections that are old or were idle for long, pings the others, opens
 * those that shall always be there.
 */
export class Housekeeper {
  readonly #pool: CellPool;
  readonly #timer: NodeJS.Timeout;

  constructor(pool: CellPool) {
    this.#pool = pool;
    const { idleTimeout, maxLifetime, keepaliveTime, minimumIdle } = pool.settings;
    const times = [idleTimeout, maxLifetime, keepaliveTime, minimumIdle > 0 ? 1_000 : 0].filter(
      (ms) => ms > 0,
    );
    const every = Math.max(10, Math.min(1_000, ...times.map((ms) => ms / 4)));
    this.#timer = setInterval(() => this.#round(), every).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #round(): void {
    const { inventory, settings } = this.#pool;
    const { idleTimeout, keepaliveTime, minimumIdle } = settings;
    const now = performance.now();
    let idle = inventory.idleCount;
    for (const connection of inventory.all) {
      if (connection.use !== 'idle') continue;
      if (now - connection.createdAt > connection.lifetime) this.#pool.remove(connection, 'lifetime');
      else if (idleTimeout > 0 && now - connection.usedSince > idleTimeout && idle > minimumIdle) {
        this.#pool.remove(connection, 'idle');
        idle -= 1;
      } else if (keepaliveTime > 0 && now - connection.quietSince > keepaliveTime)
        void this.#ping(connection);
    }
    if (minimumIdle > 0) this.#fillUp(now);
    inventory.forgetBefore(now - forgetMs);
  }

  /** Asks an idle connection whether it still answers, which also shows firewalls that it is used. */
  async #ping(connection: Connection): Promise<void> {
    const { inventory } = this.#pool;
    const line = inventory.ownerOf(connection)!;
    const { usedSince } = connection;
    inventory.leaveIdle(connection, line);
    inventory.use(connection, 'starting');
    await this.#pool.validate(connection, line);
    // A ping is no use: it is idle for as long as it was.
    if (connection.use === 'idle') connection.usedSince = usedSince;
  }

  /** Opens what is missing of `minimumIdle`, for the tenants that are used most. */
  #fillUp(now: number): void {
    const { inventory, settings, opener, isOpen } = this.#pool;
    let missing = settings.minimumIdle - inventory.idleCount - inventory.opening;
    if (missing <= 0 || !isOpen || opener.isPausing) return;
    const busiest = [...inventory.lines.values()].toSorted((a, b) => b.heat.at(now) - a.heat.at(now));
    for (const line of busiest) {
      if (missing <= 0 || inventory.isFull) return;
      if (line.connections >= settings.maximumPerTenant) continue;
      const lane = opener.choice.lanes.find((other) => other.canOpen());
      if (lane === undefined) return;
      missing -= 1;
      void opener.open(line, lane);
    }
  }
}

/** Closes a tenant's connections, or all, as soon as nobody uses them. */
export function softEvict(pool: CellPool, tenant: TenantId | undefined): void {
  for (const connection of pool.inventory.all) {
    if (tenant !== undefined && connection.tenant !== tenant) continue;
    if (connection.use === 'idle') pool.remove(connection, 'evicted');
    else connection.retireFor ??= 'evicted';
  }
}
