import pg from 'pg';
import type { AttackLevel } from '../attack.ts';
import type { Answer, HandOver, Session, Side } from '../target.ts';

type Heard = Answer['heard'][number];

/** No attack takes longer, whatever it waits for. */
export const statementTimeoutMs = 10_000;

/** A bare connection of the driver. Several statements in one text go by the simple protocol, which is what it does with them. */
export class RawSession implements Session {
  readonly client: pg.Client;
  readonly #leave: (client: pg.Client, broken: boolean) => Promise<void>;
  #heard: Heard[] = [];
  #broken = false;

  private constructor(client: pg.Client, leave: (client: pg.Client, broken: boolean) => Promise<void>) {
    this.client = client;
    this.#leave = leave;
    client.on('notice', this.#onNotice);
    client.on('notification', this.#onNotification);
    client.once('end', this.#onEnd);
  }

  /** Connects, or takes a connection that is there; `leave` is told when the session is over. */
  static on(client: pg.Client, leave: (client: pg.Client, broken: boolean) => Promise<void>): RawSession {
    return new RawSession(client, leave);
  }

  get pid(): number {
    return (this.client as pg.Client & { readonly processID: number }).processID;
  }

  async query(sql: string, level: AttackLevel): Promise<Answer> {
    this.#heard = [];
    const config = level === 'L3' ? { text: sql } : { text: sql, queryMode: 'extended' };
    const result = (await this.client.query(config)) as pg.QueryResult | pg.QueryResult[];
    const rows = (Array.isArray(result) ? result : [result]).flatMap((each) => each.rows as unknown[]);
    return { rows, heard: this.#heard };
  }

  async release(): Promise<void> {
    this.client.off('notice', this.#onNotice);
    this.client.off('notification', this.#onNotification);
    this.client.off('end', this.#onEnd);
    await this.#leave(this.client, this.#broken).catch(() => {});
  }

  readonly #onNotice = ({
    code,
    message,
    detail,
  }: {
    code?: string | undefined;
    message?: string | undefined;
    detail?: string | undefined;
  }): void => {
    this.#heard.push({ code, text: `${message ?? ''} ${detail ?? ''}` });
  };

  readonly #onNotification = ({ channel, payload }: pg.Notification): void => {
    this.#heard.push({ text: `${channel} ${payload ?? ''}` });
  };

  readonly #onEnd = (): void => {
    this.#broken = true;
  };
}

/** Opens a connection that cannot hang and cannot end the process. */
export async function dial(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({
    application_name: 'tenantry isolation',
    connectionTimeoutMillis: 10_000,
    query_timeout: statementTimeoutMs + 5_000,
    ...config,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/**
 * Connections for one attack after the other: logging in takes longer than most attacks. What one has left in its session is
 * discarded before the next; where that is refused, the connection is closed.
 */
export class Connections {
  readonly #connect: () => Promise<pg.Client>;
  readonly #all = new Set<pg.Client>();
  readonly #idle: pg.Client[] = [];

  constructor(connect: () => Promise<pg.Client>) {
    this.#connect = connect;
  }

  async take(): Promise<pg.Client> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const client = await this.#connect();
    this.#all.add(client);
    return client;
  }

  readonly giveBack = async (client: pg.Client, broken: boolean): Promise<void> => {
    try {
      if (broken) throw new Error('The connection has ended.');
      await client.query('ROLLBACK');
      await client.query('DISCARD ALL');
      this.#idle.push(client);
    } catch {
      await this.end(client);
    }
  };

  readonly end = async (client: pg.Client): Promise<void> => {
    this.#all.delete(client);
    await client.end();
  };

  async close(): Promise<void> {
    await hangUp(this.#all);
  }
}

/** What is sent to a connection when it changes tenant. */
export interface TenantChange {
  /** From the connections, and ready. */
  readonly take: () => Promise<pg.Client>;
  readonly enter: (client: pg.Client, side: Side) => Promise<void>;
  /** Statements, after a ROLLBACK. */
  readonly leave: readonly string[];
}

/**
 * One connection that changes tenant as a pool's does. One that could not be reset is thrown away for another: a statement_timeout of 1 ms
 * that cut the reset off would be a hit by chance. A reset that fails by itself would then hide every poison, so that it is tried
 * first; rejects with PostgreSQL's error where it does.
 */
export async function handOver(
  connections: Connections,
  { take, enter, leave }: TenantChange,
): Promise<HandOver> {
  let client = await take();
  const reset = async (): Promise<void> => {
    await client.query('ROLLBACK');
    for (const sql of leave) await client.query(sql);
  };
  await enter(client, 'a');
  await reset();
  return {
    async as(side) {
      await enter(client, side);
      return RawSession.on(client, async () => {
        try {
          await reset();
        } catch {
          await connections.end(client);
          client = await take();
        }
      });
    },
    close: () => connections.end(client),
  };
}

/** Closes connections whose server may be gone. */
export async function hangUp(clients: Iterable<pg.Client>): Promise<void> {
  await Promise.all([...clients].map((client) => client.end().catch(() => {})));
}
