import type { CloseReason } from './metrics.ts';
import { isBefore, type Lineage } from './lineage.ts';

/** One address of a cell. */
export interface Host {
  readonly host: string;
  readonly port: number;
}

/** What {@link Hosts} knows of a connection. */
export interface HostedConnection {
  readonly client: { once(event: 'end', listener: () => void): unknown };
  readonly lineage: Lineage | undefined;
  doom(reason: CloseReason): void;
  close(reason: CloseReason): void;
}

/**
 * The addresses of a cell, the last one that was the primary first. After a failover the first connection that finds it
 * moves all others there, those that are open too.
 *
 * A server that was the primary once and comes back (thawed, restarted, reachable again) says that it is one still, and takes
 * writes that nobody will ever see. Its timeline tells it from the real one.
 */
export class Hosts {
  readonly #hosts: readonly Host[];
  readonly #open = new Map<HostedConnection, Host>();
  #first = 0;
  #lineage: Lineage | undefined;

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
  }

  /** There is somewhere to fail over to, so a primary has to be told from one that was. */
  get areSeveral(): boolean {
    return this.#hosts.length > 1;
  }

  /** In the order to try them. */
  *candidates(): Generator<Host> {
    const first = this.#first;
    for (let i = 0; i < this.#hosts.length; i++) yield this.#hosts[(first + i) % this.#hosts.length]!;
  }

  /**
   * This one took a connection and is not in recovery. False where another has been the primary since: it must not be used.
   * One that is the primary now ends what is open to others: frozen, they would not answer.
   */
  found(host: Host, connection: HostedConnection): boolean {
    if (!this.areSeveral) return true;
    const { lineage } = connection;
    if (isBefore(lineage, this.#lineage)) return false;
    this.#lineage = lineage ?? this.#lineage;
    this.#first = Math.max(0, this.#hosts.indexOf(host));
    this.#open.set(connection, host);
    connection.client.once('end', () => this.#open.delete(connection));
    for (const [other, where] of this.#open) {
      if (where === host) continue;
      this.#open.delete(other);
      other.doom('not primary');
      other.close('not primary');
    }
    return true;
  }

  /** This one froze or broke: try another first. */
  doubt(host: Host): void {
    if (this.#hosts[this.#first] === host) this.#first = (this.#first + 1) % this.#hosts.length;
  }
}
