import pg from 'pg';
import { advisoryKey, takeAdvisoryLock, tryAdvisoryLock, type AdvisoryLock } from '../db/advisory-lock.ts';
import { clientConfig } from '../db/database.ts';

/**
 * Shows other processes what this one is working on: an advisory lock a piece of work, all on one connection, which
 * PostgreSQL takes back in the moment the process dies. So the next one to start need not wait for missed heartbeats.
 *
 * It is a hint and no permission. Where the connection is lost the work goes on unseen, and who then takes it over makes
 * this worker notice at its next write.
 */
export class Presence {
  readonly #url: string;
  readonly #held = new Map<string, number>();
  #client: Promise<pg.Client | undefined> | undefined;
  #said: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** Shows `name` while `work` runs; does not wait until it can be seen. */
  async during<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    void this.#say((client) => takeAdvisoryLock(client, shownBy(name)));
    try {
      return await work();
    } finally {
      const left = (this.#held.get(name) ?? 1) - 1;
      if (left === 0) this.#held.delete(name);
      else this.#held.set(name, left);
      void this.#say((client) =>
        client.query(`SELECT pg_advisory_unlock_shared(${advisoryKey(shownBy(name))})`),
      );
    }
  }

  /** True when no living process shows `name`, this one included. */
  async isAbandoned(name: string): Promise<boolean> {
    if (this.#held.has(name)) return false;
    const client = await this.#connected();
    if (!client) return false;
    const lock: AdvisoryLock = { ...shownBy(name), shared: false };
    if (!(await tryAdvisoryLock(client, lock))) return false;
    await client.query(`SELECT pg_advisory_unlock(${advisoryKey(lock)})`);
    return true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#said;
    const client = await this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  /** One statement after the other: they share a connection. */
  #say(words: (client: pg.Client) => Promise<unknown>): Promise<void> {
    this.#said = this.#said.then(() => this.#sayNow(words));
    return this.#said;
  }

  async #sayNow(words: (client: pg.Client) => Promise<unknown>): Promise<void> {
    try {
      const client = await this.#connected();
      if (client) await words(client);
    } catch {
      // The connection went: heartbeats tell of this process until the next piece of work makes another.
    }
  }

  #connected(): Promise<pg.Client | undefined> {
    if (this.#stopped) return Promise.resolve(undefined);
    this.#client ??= this.#connect();
    return this.#client;
  }

  async #connect(): Promise<pg.Client | undefined> {
    const client = new pg.Client(clientConfig(this.#url, 'tenantry presence'));
    const lost = () => {
      this.#client = undefined;
    };
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      return client;
    } catch {
      this.#client = undefined;
      return undefined;
    }
  }
}

/** Waited for a few times only: what it shows is a hint, and the next piece of work waits behind it. */
function shownBy(name: string): AdvisoryLock {
  return { name, seed: 1, shared: true, waits: 5 };
}
