import type { Selectable } from 'kysely';
import type { EventMessage } from '@tenantry/contract';
import type { ControlDatabase } from '../db/database.ts';
import { Listener } from '../db/listen.ts';
import type { EventRow } from '../db/types.ts';

/** Somebody who watches the stream. `accepts` decides what they may and want to see. */
export interface Subscriber {
  accepts(event: Selectable<EventRow>): boolean;
  send(message: EventMessage): void;
  /** Events between the last one they had and now are gone: read everything again. */
  resync(lastId: string): void;
}

interface Subscription {
  readonly subscriber: Subscriber;
  last: bigint;
  /** Live events that came while the past was being replayed; undefined afterwards. */
  waiting: Selectable<EventRow>[] | undefined;
}

const batch = 500;
/** How soon events are looked for again after the database could not be asked. */
const retryMs = 500;

/**
 * Tells watchers about events, each once and in order. One reader a process: a notification says only that there is
 * something new, the rows come from the table.
 */
export class EventHub {
  readonly #control: ControlDatabase;
  readonly #listener: Listener;
  readonly #subscriptions = new Set<Subscription>();
  #last = 0n;
  /** The newest event that a notification told of while the table was being read. */
  #told = 0n;
  #reading: Promise<void> | undefined;
  #again = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(control: ControlDatabase, url: string) {
    this.#control = control;
    this.#listener = new Listener(url, 'tenantry_events', (newest) => {
      // Any login of the database can send on any channel, so what came may be no number, or one that there is not.
      if (newest === undefined || !/^[0-9]{1,19}$/.test(newest)) this.wake();
      else this.#tell(BigInt(newest));
    });
  }

  async start(): Promise<void> {
    this.#last = await this.#newest();
    await this.#listener.start();
  }

  async stop(): Promise<void> {
    await this.#listener.stop();
    this.#subscriptions.clear();
    await this.#reading;
    clearTimeout(this.#retry);
  }

  /**
   * Sends what came after `lastId`, or only what comes from now on; gives the way out. Whoever names something that is no
   * id has missed what nobody can know, and is told so.
   */
  async subscribe(subscriber: Subscriber, lastId: string | undefined): Promise<() => void> {
    const subscription: Subscription = { subscriber, last: this.#last, waiting: [] };
    this.#subscriptions.add(subscription);
    try {
      if (lastId !== undefined) await this.#replay(subscription, idOf(lastId));
    } catch (error) {
      this.#subscriptions.delete(subscription);
      throw error;
    }
    const waiting = subscription.waiting ?? [];
    subscription.waiting = undefined;
    for (const event of waiting) deliver(subscription, event);
    return () => this.#subscriptions.delete(subscription);
  }

  async #replay(subscription: Subscription, lastId: bigint | undefined): Promise<void> {
    const oldest = await this.#control.db
      .selectFrom('events')
      .select('id')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    const newest = await this.#newest();
    const first = BigInt(oldest?.id ?? 0);
    if (lastId === undefined || lastId > newest || (lastId + 1n < first && lastId !== 0n)) {
      subscription.last = newest;
      subscription.subscriber.resync(String(newest));
      return;
    }
    subscription.last = lastId;
    for (;;) {
      const rows = await this.#after(subscription.last);
      for (const row of rows) deliver(subscription, row);
      if (rows.length < batch) return;
    }
  }

  /** A notification may be late: what it tells of was read already, when this process woke itself or with the one before. */
  #tell(newest: bigint): void {
    if (newest <= this.#last) return;
    if (this.#reading === undefined) this.wake();
    else if (newest > this.#told) this.#told = newest;
  }

  /** Reads what is new: after a notification, or when this process knows by itself that it has committed something. */
  wake(): void {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    // What was told of before the reading begins, the reading sees; a number that is none costs one reading.
    this.#told = 0n;
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
      if (this.#again || this.#told > this.#last) {
        this.#again = false;
        this.wake();
      }
    });
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const rows = await this.#after(this.#last);
        for (const row of rows) {
          this.#last = BigInt(row.id);
          for (const subscription of this.#subscriptions) {
            if (subscription.waiting) subscription.waiting.push(row);
            else deliver(subscription, row);
          }
        }
        if (rows.length < batch) return;
      }
    } catch {
      // Not left to the listener, which wakes this when it has reconnected: its connection may be well while this one went.
      this.#retry = setTimeout(() => this.wake(), retryMs);
    }
  }

  #after(id: bigint): Promise<Selectable<EventRow>[]> {
    return this.#control.db
      .selectFrom('events')
      .selectAll()
      .where('id', '>', String(id))
      .orderBy('id')
      .limit(batch)
      .execute();
  }

  async #newest(): Promise<bigint> {
    const row = await this.#control.db
      .selectFrom('events')
      .select((eb) => eb.fn.max('id').as('id'))
      .executeTakeFirst();
    return BigInt(row?.id ?? 0);
  }
}

function idOf(text: string): bigint | undefined {
  return /^[0-9]{1,18}$/.test(text) ? BigInt(text) : undefined;
}

function deliver(subscription: Subscription, event: Selectable<EventRow>): void {
  const id = BigInt(event.id);
  if (id <= subscription.last) return;
  subscription.last = id;
  if (!subscription.subscriber.accepts(event)) return;
  const { type, topics, data } = event;
  subscription.subscriber.send({ id: event.id, type, at: event.at.toISOString(), topics, data });
}
