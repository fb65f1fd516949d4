import type { SecurityEventKind, SecurityEventSource } from '@tenantry/contract';
import { expectedCounts, type Refusal } from './refusal.ts';

/** Refusals that this process has taken in since it started, by what can be a label of a metric. */
export interface CountedRefusals {
  readonly kind: SecurityEventKind;
  /** Empty where there is none. */
  readonly sqlState: string;
  readonly source: SecurityEventSource;
  readonly count: number;
}

/** Counts that only grow. No tenant is in them: their number has no bound. */
export class SecurityCounters {
  readonly #counts = new Map<string, CountedRefusals>();
  #dropped = 0;

  constructor() {
    for (const [kind, sqlState, source] of expectedCounts) this.#add(kind, sqlState, source, 0);
  }

  add(refusal: Refusal, source: SecurityEventSource): void {
    this.#add(refusal.kind, refusal.sqlState ?? '', source, refusal.count);
  }

  addDropped(count: number): void {
    this.#dropped += count;
  }

  get all(): readonly CountedRefusals[] {
    return [...this.#counts.values()];
  }

  /** Refusals that reporters had no room for. */
  get dropped(): number {
    return this.#dropped;
  }

  #add(kind: SecurityEventKind, sqlState: string, source: SecurityEventSource, count: number): void {
    const key = `${kind} ${sqlState} ${source}`;
    const before = this.#counts.get(key)?.count ?? 0;
    this.#counts.set(key, { kind, sqlState, source, count: before + count });
  }
}
