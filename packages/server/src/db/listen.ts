import pg from 'pg';
import { clientConfig } from './database.ts';

const reconnectMs = 500;

/**
 * Listens on a channel of the control database, for as long as it takes: a lost connection is made again, and
 * `onMessage` is also called, without a payload, after each (re)connection, since messages may have been missed.
 */
export class Listener {
  readonly #url: string;
  readonly #channel: string;
  readonly #onMessage: (payload?: string) => void;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(url: string, channel: string, onMessage: (payload?: string) => void) {
    this.#url = url;
    this.#channel = channel;
    this.#onMessage = onMessage;
  }

  async start(): Promise<void> {
    const client = new pg.Client({ ...clientConfig(this.#url, 'tenantry listen'), query_timeout: 0 });
    this.#client = client;
    client.on('notification', ({ payload }) => this.#onMessage(payload));
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    await client.connect();
    await client.query(`LISTEN ${pg.escapeIdentifier(this.#channel)}`);
    this.#onMessage();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  /** Both `error` and `end` may report the same loss. */
  #lost(client: pg.Client): void {
    if (this.#stopped || this.#client !== client) return;
    this.#client = undefined;
    this.#timer = setTimeout(() => {
      this.start().catch(() => {
        if (!this.#client || this.#stopped) return;
        this.#lost(this.#client);
      });
    }, reconnectMs);
  }
}
