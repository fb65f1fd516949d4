import { randomUUID } from 'node:crypto';
import { TenancyError } from '../errors.ts';
import type { SecurityEvent } from './event.ts';

/** Options of {@link SecurityReporter}; times are milliseconds. */
export interface ReporterOptions {
  /** Address of the control plane. */
  readonly url: string;
  /** An API key of the role `runtime`. */
  readonly token: string;
  readonly requestTimeout: number;
  /** Hears of reports that could not be sent. */
  readonly onError: (error: unknown) => void;
  /** How long events are gathered before they are sent. Default 200. */
  readonly gatherMs?: number;
  /** Between two attempts, doubled up to the most. Default 1,000 and 60,000. */
  readonly retryMs?: { readonly first: number; readonly most: number };
}

/** Different events that wait; of further ones only the number is told. */
const mostWaiting = 1_000;
/** What the control plane takes in one report. */
const mostInReport = 200;
const mostCount = 1_000_000;
/** Answers after which the same report will never be taken. */
const hopeless: ReadonlySet<number> = new Set([400, 413, 415, 422]);

type Item = Omit<SecurityEvent, 'code'> & { readonly key: string };

interface Report {
  readonly id: string;
  readonly items: readonly Item[];
  readonly dropped: number;
}

/**
 * Sends security events to the control plane, equal ones of a minute together. It never waits for anything on a statement's way: what
 * there is no room for is counted and left out, and a control plane that is away is tried again later, under the same report id, so
 * that nothing counts twice.
 */
export class SecurityReporter {
  readonly #options: ReporterOptions;
  readonly #waiting = new Map<string, Item>();
  readonly #stop = new AbortController();
  #dropped = 0;
  #current: Report | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #pause = 0;
  #closed = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Events that wait, and those that there was no room for since the last report. */
  get status(): { readonly waiting: number; readonly dropped: number } {
    return { waiting: this.#waiting.size + (this.#current?.items.length ?? 0), dropped: this.#dropped };
  }

  add(event: SecurityEvent): void {
    if (this.#closed) return;
    const { kind, tenant, cell, lane, sqlState, fingerprint, at } = event;
    const minute = Math.floor(at.getTime() / 60_000);
    const key = [kind, tenant, cell, lane, sqlState, fingerprint, minute].join(' ');
    const before = this.#waiting.get(key);
    if (before === undefined && this.#waiting.size >= mostWaiting) this.#dropped += event.count;
    else if (before === undefined) this.#waiting.set(key, { ...event, key });
    else this.#waiting.set(key, { ...before, count: before.count + event.count, at });
    this.#soon(this.#options.gatherMs ?? 200);
  }

  /** Tries once more to send what is left, for at most a second. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    const deadline = setTimeout(() => this.#stop.abort(), 1_000);
    try {
      await this.#sending;
      if (this.#pause === 0 && !this.#stop.signal.aborted) await this.#send();
    } finally {
      clearTimeout(deadline);
      this.#stop.abort();
    }
  }

  #soon(ms: number): void {
    if (this.#timer !== undefined || this.#sending !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sending = this.#send().finally(() => {
        this.#sending = undefined;
        if (this.#isEmpty) return;
        this.#soon(this.#pause === 0 ? (this.#options.gatherMs ?? 200) : this.#pause * (0.5 + Math.random()));
      });
    }, ms).unref();
  }

  get #isEmpty(): boolean {
    return this.#current === undefined && this.#waiting.size === 0 && this.#dropped === 0;
  }

  async #send(): Promise<void> {
    while (!this.#isEmpty) {
      const report = (this.#current ??= this.#take());
      let status: number;
      try {
        status = await this.#post(report);
      } catch (error) {
        return this.#failed('it cannot be reached, or does not answer in time', error);
      }
      if (status === 202) {
        this.#current = undefined;
        this.#pause = 0;
        continue;
      }
      if (hopeless.has(status)) {
        this.#current = undefined;
        this.#dropped += report.dropped + report.items.reduce((sum, { count }) => sum + count, 0);
      }
      return this.#failed(`it answered with status ${status}`);
    }
  }

  #take(): Report {
    const items = [...this.#waiting.values()].slice(0, mostInReport);
    for (const { key } of items) this.#waiting.delete(key);
    const dropped = this.#dropped;
    this.#dropped = 0;
    return { id: randomUUID(), items, dropped };
  }

  async #post({ id, items, dropped }: Report): Promise<number> {
    const { url, token, requestTimeout } = this.#options;
    const response = await fetch(`${url.replace(/\/+$/, '')}/v1/security-events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ report: id, source: 'lane', events: items.map(reported), dropped }),
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(requestTimeout)]),
      // A redirect would carry the key to somewhere else.
      redirect: 'error',
    });
    await response.arrayBuffer();
    return response.status;
  }

  #failed(reason: string, cause?: unknown): void {
    const { first, most } = this.#options.retryMs ?? { first: 1_000, most: 60_000 };
    this.#pause = Math.min(most, Math.max(first, this.#pause * 2));
    if (this.#closed) return;
    const text = `Security events could not be reported to the control plane: ${reason}. They are kept and sent later.`;
    this.#options.onError(new TenancyError('TENANCY_CONTROL_PLANE', text, { cause }));
  }
}

function reported({ kind, tenant, cell, lane, sqlState, fingerprint, count, firstAt, at }: Item) {
  return {
    kind,
    tenantId: tenant ?? null,
    cell: cell ?? null,
    lane: lane ?? null,
    sqlState: sqlState ?? null,
    fingerprint: fingerprint ?? null,
    count: Math.min(count, mostCount),
    firstAt: firstAt.toISOString(),
    lastAt: at.toISOString(),
  };
}
