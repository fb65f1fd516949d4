import type { LaneName } from '../lanes/lane.ts';
import type { Connection } from './connection.ts';
import { refuse } from './refusals.ts';
import type { TenantLine, Waiter } from './tenant-line.ts';

/**
 * For so long a connection serves its tenant, and others wait: some three times as long as it takes to make it another's,
 * which is a login for sealed ones.
 */
const turnMs = { leased: 3, sealed: 30 } as const;

/**
 * A slot that has served a tenant before makes it its own in half the time. So among those whose turn is near one that it knows
 * goes first, and whoever is the first is passed over so many times at most: nobody further back loses anything by it.
 */
const near = 16;
const mostPassedOver = 8;

/** Who waits for a connection: tenants in turn, and each tenant's callers in the order in which they came. */
export class Turns {
  readonly #lines = new Set<TenantLine>();
  readonly #maximumPerTenant: number;
  readonly #every: number;
  readonly #onLate: (line: TenantLine, waiter: Waiter) => void;
  readonly #onSweep: () => void;
  #sweeper: NodeJS.Timeout | undefined;

  /** `onLate` hears of each caller whose time is over, `onSweep` of each look at the time. */
  constructor(
    limits: { readonly maximumPerTenant: number; readonly connectionTimeout: number },
    onLate: (line: TenantLine, waiter: Waiter) => void,
    onSweep: () => void,
  ) {
    this.#maximumPerTenant = limits.maximumPerTenant;
    this.#every = Math.min(100, Math.max(1, limits.connectionTimeout / 4));
    this.#onLate = onLate;
    this.#onSweep = onSweep;
  }

  get size(): number {
    return this.#lines.size;
  }

  get callers(): number {
    let callers = 0;
    for (const { waiting } of this.#lines) callers += waiting.length;
    return callers;
  }

  /** Whose turn it is, first; a copy, since who is served moves to the end. `free`: the connection that can be had now. */
  inTurn(free?: Connection): readonly TenantLine[] {
    const lines = [...this.#lines];
    if (free?.lane !== 'leased') return lines;
    const next = lines.filter(({ opening, waiting }) => opening < waiting.length);
    const first = next[0];
    if (first === undefined || first.passedOver >= mostPassedOver) return lines;
    const known = next.slice(0, near).find(({ tenant }) => free.visited.has(tenant));
    if (known === undefined || known === first) return lines;
    first.passedOver += 1;
    return [known, ...next.filter((line) => line !== known)];
  }

  push(line: TenantLine, waiter: Waiter): void {
    line.waiting.push(waiter);
    this.#lines.add(line);
    this.#sweeper ??= setTimeout(() => this.#sweep(), this.#every);
  }

  /** The tenant's first caller, whose turn is over with that. */
  shift(line: TenantLine): Waiter {
    const waiter = line.waiting.shift()!;
    line.passedOver = 0;
    this.#lines.delete(line);
    if (line.waiting.length > 0) this.#lines.add(line);
    return waiter;
  }

  /** True when it is another tenant's turn: somebody waits for one, and this one's has lasted long enough. */
  isOver(line: TenantLine, now: number, lane: LaneName, since: number): boolean {
    if (now - since <= turnMs[lane]) return false;
    for (const other of this.#lines) {
      if (other === line || other.connections >= this.#maximumPerTenant) continue;
      return now - other.waiting[0]!.since > turnMs[lane];
    }
    return false;
  }

  refuse(line: TenantLine, error: unknown): void {
    this.#lines.delete(line);
    for (const waiter of line.waiting.splice(0)) refuse(waiter, error);
  }

  refuseEverybody(error: unknown): void {
    for (const line of this.#lines) this.refuse(line, error);
    clearTimeout(this.#sweeper);
  }

  /** One timer for all who wait, instead of one for each. */
  #sweep(): void {
    this.#sweeper = undefined;
    const now = performance.now();
    for (const line of this.#lines) {
      while (line.waiting.length > 0 && line.waiting[0]!.deadline <= now)
        this.#onLate(line, line.waiting.shift()!);
      if (line.waiting.length === 0) this.#lines.delete(line);
    }
    this.#onSweep();
    if (this.#lines.size > 0) this.#sweeper ??= setTimeout(() => this.#sweep(), this.#every);
  }
}
