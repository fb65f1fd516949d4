import type { Placement } from '../directory/index.ts';
import type { TenantId } from '../tenant-id.ts';
import type { Connection } from './connection.ts';
import { Heat } from './heat.ts';
import type { Settle, TenantQuery } from './tenant-query.ts';

export interface Statement {
  readonly query: TenantQuery;
  readonly settle: Settle;
}

/** Somebody who waits for a connection: to run one statement on it, or to hold it. */
export type Waiter = {
  readonly since: number;
  readonly deadline: number;
} & (
  | ({ readonly kind: 'statement' } & Statement)
  | {
      readonly kind: 'hold';
      readonly resolve: (connection: Connection) => void;
      readonly reject: (error: unknown) => void;
    }
);

/** What a pool knows of one tenant: its connections, and who waits for one. */
export class TenantLine {
  readonly tenant: TenantId;
  placement: Placement;
  readonly waiting: Waiter[] = [];
  /** Nobody uses them; the last one used is the last. */
  readonly idle: Connection[] = [];
  /** They serve single statements, and can take more of them. */
  readonly shared: Connection[] = [];
  /** All that are its own, in whatever use, with those that are being made. */
  connections = 0;
  sealed = 0;
  opening = 0;
  /** So many times somebody behind it was served since it was its turn. */
  passedOver = 0;
  readonly heat = new Heat();
  /** Until then no lease is asked for: PostgreSQL refused one. */
  notLeasedUntil = 0;
  /** Until then it gets no more sealed connections: one was taken from it, because it did not use it. */
  notSealedUntil = 0;
  /** Until then no connection is made: one could not be had, for a reason that is this tenant's. */
  notBefore = 0;

  constructor(placement: Placement) {
    this.tenant = placement.tenant;
    this.placement = placement;
  }

  /** The shared connection with the least under way, where there is one that can take a statement now. */
  leastLoaded(most: number, now: number, notBehind: number): Connection | undefined {
    let best: Connection | undefined;
    for (const connection of this.shared) {
      if (connection.doomed !== undefined || connection.dirty || connection.retireFor !== undefined) continue;
      if (connection.underWay >= most || now - connection.headSince > notBehind) continue;
      if (best === undefined || connection.underWay < best.underWay) best = connection;
    }
    return best;
  }
}
