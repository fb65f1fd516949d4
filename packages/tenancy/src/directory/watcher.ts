import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { deriveCredential } from '../credential.ts';
import { brokerRole, placementChannel } from '../lease-sql.ts';
import { Hosts, type Host } from '../pool/hosts.ts';
import { lineageOf } from '../pool/lineage.ts';
import { isTenantId, type TenantId } from '../tenant-id.ts';
import type { Placement } from './placement.ts';

export interface WatcherOptions {
  readonly cell: Placement['cell'];
  readonly credentialKey: Uint8Array;
  readonly connectTimeout: number;
  /** How often the connection is asked whether it is alive, in milliseconds. */
  readonly heartbeat: number;
  readonly onNotice: (tenant: TenantId) => void;
  readonly onError: (error: unknown) => void;
}

const firstPause = 100;
const longestPause = 5_000;

/**
 * Hears from a cell that placements have changed, by LISTEN with the broker's login, which reads no data. It connects again
 * for as long as it is open; what was said meanwhile is lost, which {@link PlacementWatcher.listeningSince} tells.
 */
export class PlacementWatcher {
  readonly #options: WatcherOptions;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #cell: Placement['cell'];
  #hosts: Hosts;
  #client: pg.Client | undefined;
  #since: number | undefined;
  #pause = firstPause;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#cell = options.cell;
    this.#hosts = new Hosts(options.cell.hosts);
    this.#ended = this.#run();
  }

  /** Every change since this moment (of `performance.now`) was heard; undefined while it does not listen. */
  get listeningSince(): number | undefined {
    return this.#since;
  }

  /** The cell has moved, or has other hosts: listens there from now on. */
  update(cell: Placement['cell']): void {
    if (this.#cell === cell) return;
    const moved = addressOf(this.#cell) !== addressOf(cell);
    this.#cell = cell;
    if (!moved) return;
    this.#hosts = new Hosts(cell.hosts);
    void this.#drop();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#drop();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#listen();
      } catch (error) {
        if (!signal.aborted) this.#options.onError(error);
      }
      await this.#drop();
      // Applications that lost the same server do not come back in step.
      const pause = this.#pause * (0.5 + Math.random() / 2);
      this.#pause = Math.min(this.#pause * 2, longestPause);
      await delay(pause, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Listens until the connection ends. Rejects when it cannot begin, or the server no longer answers. */
  async #listen(): Promise<void> {
    const client = await this.#connect();
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('notification', ({ payload }) => {
      if (payload !== undefined && isTenantId(payload)) this.#options.onNotice(payload);
    });
    await client.query(`LISTEN ${placementChannel}`);
    this.#since = performance.now();
    this.#pause = firstPause;
    internals(client).unref();
    while (this.#client === client) {
      const over = new AbortController();
      const tick = delay(this.#options.heartbeat, 'tick', { ref: false, signal: over.signal }).catch(
        () => 'over',
      );
      const first = await Promise.race([ended, tick]);
      over.abort();
      if (first !== 'tick') return;
      await client.query('SELECT 1');
    }
  }

  /** The first host that lets the broker in and is no standby: nobody can listen there. */
  async #connect(): Promise<pg.Client> {
    const { credentialKey, connectTimeout } = this.#options;
    let last: unknown;
    for (const host of this.#hosts.candidates()) {
      this.#stop.signal.throwIfAborted();
      const client = new pg.Client({
        ...host,
        database: this.#cell.database,
        ssl: this.#cell.ssl,
        user: brokerRole,
        password: deriveCredential(credentialKey, brokerRole, 1),
        application_name: 'tenantry directory',
        options: '-c role=none -c search_path=',
        connectionTimeoutMillis: connectTimeout,
        query_timeout: connectTimeout,
        keepAlive: true,
      });
      client.on('error', () => {});
      // A `connect` that is overtaken by `end` never settles.
      const ended = new Promise<never>((_resolve, reject) => {
        client.once('end', () => {
          this.#lost(client);
          reject(new Error('The connection was closed.'));
        });
      });
      ended.catch(() => {});
      this.#client = client;
      try {
        await Promise.race([client.connect(), ended]);
        const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
        if (rows[0]?.standby === false && (await this.#isPrimary(host, client))) return client;
        last = new Error('No host of the cell is its primary.');
      } catch (error) {
        last = error;
      }
      await this.#drop();
    }
    throw last;
  }

  /** Not merely one that says so: an old primary that has come back tells of nothing that happens at the new one. */
  async #isPrimary(host: Host, client: pg.Client): Promise<boolean> {
    const { connectTimeout } = this.#options;
    const lineage = this.#hosts.areSeveral ? await lineageOf(client, connectTimeout) : undefined;
    const cut = (): void => internals(client).connection.stream.destroy();
    return this.#hosts.found(host, { client, lineage, doom: () => {}, close: cut });
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#since = undefined;
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#since = undefined;
    if (client === undefined) return;
    // Whoever waits for the end may be the last thing that the process does: Node would leave in the middle.
    internals(client).ref();
    // A server that is frozen would never say goodbye.
    await Promise.race([client.end().catch(() => {}), delay(200, undefined, { ref: false })]);
    internals(client).connection.stream.destroy();
  }
}

/** What the types of `pg` leave out. */
interface ClientInternals {
  ref(): void;
  unref(): void;
  readonly connection: { readonly stream: { destroy(): void } };
}

function internals(client: pg.Client): ClientInternals {
  return client as unknown as ClientInternals;
}

function addressOf({ hosts, database, ssl }: Placement['cell']): string {
  return JSON.stringify([hosts, database, ssl]);
}
