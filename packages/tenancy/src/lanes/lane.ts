import type { Placement } from '../directory/index.ts';
import type { Connection } from '../pool/connection.ts';

export type LaneName = 'sealed' | 'leased';

/** One way in which a connection becomes a tenant's. The SQL above it is the same. */
export interface Lane {
  readonly name: LaneName;
  /** True when {@link Lane.open} could succeed now: there is a slot left, for instance. */
  canOpen(): boolean;
  /** A new connection that is the tenant's. */
  open(placement: Placement): Promise<Connection>;
  /** Makes a quiet connection the tenant's, whosever it was; undefined where the lane cannot. */
  readonly switch: ((connection: Connection, placement: Placement) => Promise<void>) | undefined;
  /**
   * Sends what removes all that a tenant has left in the session of its own connection, and leaves it the tenant's. What is
   * sent behind it is refused where that is.
   */
  clean(connection: Connection, placement: Placement): void;
  /** Told when one of its connections was closed. */
  onClosed(connection: Connection): void;
  close(): Promise<void>;
}
