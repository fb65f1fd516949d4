/** One address of a cell. */
export interface Host {
  readonly host: string;
  readonly port: number;
}

/**
 * The addresses of a cell, the last one that was the primary first. After a failover the first connection that finds it
 * moves all others there.
 */
export class Hosts {
  readonly #hosts: readonly Host[];
  #primary = 0;

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
  }

  /** In the order to try them. */
  *candidates(): Generator<Host> {
    const first = this.#primary;
    for (let i = 0; i < this.#hosts.length; i++) yield this.#hosts[(first + i) % this.#hosts.length]!;
  }

  /** This one took a connection and is not in recovery. */
  found(host: Host): void {
    this.#primary = Math.max(0, this.#hosts.indexOf(host));
  }

  /** This one froze or broke: try another first. */
  doubt(host: Host): void {
    if (this.#hosts[this.#primary] === host) this.#primary = (this.#primary + 1) % this.#hosts.length;
  }
}
