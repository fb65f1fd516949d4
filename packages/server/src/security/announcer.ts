import type { SecurityEventSource } from '@tenantry/contract';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { emit, type EventInput } from '../db/emit.ts';
import { keyOf, sum, type Refusal } from './refusal.ts';

interface Delta {
  readonly source: SecurityEventSource;
  readonly refusal: Refusal;
}

/** Told at once, then at most so often: what comes meanwhile is added up. */
const everyMs = 1_000;
/** Different refusals that wait to be told of; more are told of without their tenant and fingerprint. */
const mostWaiting = 2_000;
/** Messages of one round, each of one tenant, and refusals in one message. */
const mostMessages = 50;
const mostInMessage = 20;

export interface AnnouncerOptions {
  readonly db: Database;
  readonly log: Logger;
  /** Watchers of this process need not wait for PostgreSQL's notification. */
  readonly wake: () => void;
}

/**
 * Tells watchers and the log what was refused: sums of a second, never single refusals, so that an attack floods neither. What
 * cannot be told because the database is away is told later.
 */
export class SecurityAnnouncer {
  readonly #options: AnnouncerOptions;
  #waiting = new Map<string, Delta>();
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;
  #stopped = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  add(refusals: readonly Refusal[], source: SecurityEventSource): void {
    for (const refusal of refusals) {
      const isFull = this.#waiting.size >= mostWaiting && !this.#waiting.has(keyOf(refusal, source));
      const told = isFull ? { ...refusal, tenantId: null, cell: null, fingerprint: null } : refusal;
      const key = keyOf(told, source);
      const before = this.#waiting.get(key);
      this.#waiting.set(key, { source, refusal: before ? sum(before.refusal, told) : told });
      this.#log(told, source);
    }
    if (this.#timer === undefined) this.#round();
  }

  /** Tells what is left, and no more after that. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#telling;
    await this.#tell();
  }

  #round(): void {
    this.#telling = this.#tell();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.size > 0 && !this.#stopped) this.#round();
    }, everyMs).unref();
  }

  async #tell(): Promise<void> {
    const { messages, deltas } = this.#take();
    if (messages.length === 0) return;
    try {
      await this.#options.db.transaction().execute((tx) => emit(tx, ...messages));
      this.#options.wake();
    } catch (err) {
      for (const [key, { source, refusal }] of deltas) {
        const newer = this.#waiting.get(key);
        this.#waiting.set(key, { source, refusal: newer ? sum(refusal, newer.refusal) : refusal });
      }
      this.#options.log.warn({ err }, 'Watchers could not be told of refusals; they are told later');
    }
  }

  /** The next messages, a tenant each; the rest stays for the next round. */
  #take(): { messages: EventInput[]; deltas: (readonly [string, Delta])[] } {
    const byTenant = new Map<string | null, [string, Delta][]>();
    const taken: [string, Delta][] = [];
    for (const entry of this.#waiting) {
      const { tenantId } = entry[1].refusal;
      const others = byTenant.get(tenantId);
      if (others === undefined && byTenant.size >= mostMessages) continue;
      if (others !== undefined && others.length >= mostInMessage) continue;
      byTenant.set(tenantId, [...(others ?? []), entry]);
      taken.push(entry);
    }
    for (const [key] of taken) this.#waiting.delete(key);
    const messages = Array.from(byTenant, ([tenantId, entries]) =>
      messageOf(
        tenantId,
        entries.map(([, delta]) => delta),
      ),
    );
    return { messages, deltas: taken };
  }

  /** A line of JSON with stable names, for filters in whatever reads the log. */
  #log({ kind, tenantId, cell, lane, sqlState, fingerprint, count }: Refusal, source: string): void {
    const fields = {
      event: 'security_event',
      kind,
      source,
      tenantId,
      cell,
      lane,
      sqlState,
      fingerprint,
      count,
    };
    this.#options.log.warn(fields, 'Refused');
  }
}

function messageOf(tenantId: string | null, deltas: readonly Delta[]): EventInput {
  return {
    type: 'security.events',
    topics: tenantId === null ? ['security'] : ['security', `security:${tenantId}`],
    tenantId,
    data: {
      tenantId,
      events: deltas.map(({ source, refusal: { tenantId: _, ...refusal } }) => ({ source, ...refusal })),
    },
  };
}
