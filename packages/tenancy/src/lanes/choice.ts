import type { TenantLine } from '../pool/tenant-line.ts';
import type { Heat } from '../pool/heat.ts';
import type { Lane, LaneName } from './lane.ts';

/** A tenant below this does not get sealed connections: some ten statements a second, for seconds. */
const busyFrom = 64;

/**
 * A tenant's first sealed connection is earned by this share of one connection's traffic, while so much of the pool is
 * leased: each keeps its statements off the slots, where they would cost a change of tenant.
 */
const firstFrom = 0.2;
const mostFirst = 0.3;

/** Who is not busy waits so long for a slot before a login is made for it, where the pool has slots. */
const patienceMs = 100;

/** What {@link LaneChoice} goes by. */
export interface Occupancy {
  readonly maximumPoolSize: number;
  /** Connections of slots that the pool has. */
  readonly leased: number;
  /** Connections of tenants' own logins that the pool has, with those that are being made. */
  readonly sealed: number;
  /** Uses of the whole pool. */
  readonly heat: Heat;
}

/**
 * Which lane a tenant's next connection is made on.
 *
 * On `auto` a tenant that makes up a connection's worth of the traffic gets sealed ones, as many as its share; all others
 * lease. A login costs milliseconds and a lease some tenths of one, so only those who come back soon should log in.
 */
export class LaneChoice {
  readonly lanes: readonly Lane[];
  readonly #sealed: Lane | undefined;
  readonly #leased: Lane | undefined;

  constructor(lanes: readonly Lane[]) {
    this.lanes = lanes;
    this.#sealed = lanes.find(({ name }) => name === 'sealed');
    this.#leased = lanes.find(({ name }) => name === 'leased');
  }

  get(name: LaneName): Lane {
    return (name === 'sealed' ? this.#sealed : this.#leased)!;
  }

  /** Lanes for the tenant's next connection, the better first. */
  order(line: TenantLine, occupancy: Occupancy, now: number): readonly Lane[] {
    const [sealed, leased] = [this.#sealed, this.#leased];
    if (sealed === undefined || leased === undefined) return this.lanes;
    if (line.notLeasedUntil > now) return [sealed];
    if (line.sealed < this.sealedShare(line, occupancy, now)) return [sealed, leased];
    const waited = now - (line.waiting[0]?.since ?? now);
    return occupancy.leased > 0 && waited < patienceMs ? [leased] : [leased, sealed];
  }

  /** How many sealed connections a tenant has earned. */
  sealedShare(line: TenantLine, { maximumPoolSize, sealed, heat }: Occupancy, now: number): number {
    if (this.#sealed === undefined || this.#leased === undefined) return 0;
    const own = line.heat.at(now);
    if (own < busyFrom || line.notSealedUntil > now) return 0;
    const share = (own / heat.at(now)) * maximumPoolSize;
    const earned = Math.floor(share + 0.25);
    const mayHaveOne = share >= firstFrom && (line.sealed > 0 || sealed < maximumPoolSize * mostFirst);
    return earned === 0 && mayHaveOne ? 1 : earned;
  }
}
