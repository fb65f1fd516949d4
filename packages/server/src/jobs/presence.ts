import pg from 'pg';
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
    void this.#say('SELECT pg_advisory_lock_shared(hashtextextended($1, 1))', name);
    try {
      return await work();
    } finally {
      const left = (this.#held.get(name) ?? 1) - 1;
      if (left === 0) this.#held.delete(name);
      else this.#held.set(name, left);
      void this.#say('SELECT pg_advisory_unlock_shared(hashtextextended($1, 1))', name);
    }
  }

  /** True when no living process shows `name`, this one included. */
  async isAbandoned(name: string): Promise<boolean> {
    if (this.#held.has(name)) return false;
    const client = await this.#connected();
    if (!client) return false;
    const { rows } = await client.query<{ free: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 1)) AS free',
      [name],
    );
    if (!rows[0]!.free) return false;
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 1))', [name]);
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
  #say(sql: string, name: string): Promise<void> {
    this.#said = this.#said.then(() => this.#sayNow(sql, name));
    return this.#said;
  }

  async #sayNow(sql: string, name: string): Promise<void> {
    try {
      await (await this.#connected())?.query(sql, [name]);
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
