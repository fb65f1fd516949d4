import { performance } from 'node:perf_hooks';
import type { AttackResult, Verdict } from '../result.ts';
import { lineOf } from './calls.ts';
import type { HttpAnswer, HttpCall } from './spec.ts';

/** So many requests of an attack are shown. */
const shown = 8;

const rank: readonly Verdict[] = ['hit', 'unexpected', 'held'];

/** What the requests of one attack have come to, over all routes. */
export class Tally {
  readonly #about: Pick<AttackResult, 'attack' | 'title'> & { readonly expected: readonly string[] };
  readonly #secrets: readonly string[];
  readonly #lines: string[] = [];
  readonly #started = performance.now();
  #requests = 0;
  /** A rate limit is in nobody's way who takes his time: what met one was not tried. */
  #limited = 0;
  #verdict: Verdict = 'held';
  #state: string | null = null;
  #message: string | null = null;

  constructor(
    about: { readonly id: string; readonly title: string },
    expected: readonly string[],
    secrets: readonly string[],
  ) {
    this.#about = { attack: about.id, title: about.title, expected };
    this.#secrets = secrets;
  }

  get requests(): number {
    return this.#requests;
  }

  /** A request, its answer, and what was wrong with that. */
  add(
    call: HttpCall,
    answer: HttpAnswer,
    wrong?: { readonly verdict: 'hit' | 'unexpected'; readonly message: string },
  ): void {
    this.#requests += 1;
    if (answer.status === 429) return void (this.#limited += 1);
    const line = `${lineOf(call, this.#secrets)} → ${answer.status}`;
    const verdict = wrong?.verdict ?? 'held';
    if (rank.indexOf(verdict) < rank.indexOf(this.#verdict)) {
      this.#verdict = verdict;
      this.#state = String(answer.status);
      this.#message = wrong?.message ?? null;
      this.#lines.length = 0;
    }
    if (verdict !== this.#verdict || this.#lines.length >= shown) return;
    this.#state ??= String(answer.status);
    if (!this.#lines.includes(line)) this.#lines.push(line);
  }

  #whyNone(): string {
    return this.#limited > 0
      ? 'Every request of it met a rate limit.'
      : 'No route and no credential of the application fits it.';
  }

  result(): AttackResult {
    const none = this.#requests === this.#limited;
    return {
      ...this.#about,
      family: 'http',
      level: 'http',
      target: 'http',
      kind: 'lane',
      verdict: none ? 'skipped' : this.#verdict,
      state: this.#state,
      message: none ? this.#whyNone() : this.#message,
      steps:
        this.#requests > this.#lines.length
          ? [...this.#lines, `… ${this.#requests} requests in all`]
          : this.#lines,
      residual: null,
      tookMs: Math.round(performance.now() - this.#started),
    };
  }
}
