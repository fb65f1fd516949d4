/** In so many milliseconds half of it is forgotten. */
const halfLifeMs = 5_000;

/** How much something was used lately: one for every use, forgotten by half every five seconds. */
export class Heat {
  #value = 0;
  #at = performance.now();

  /** The last use. */
  get since(): number {
    return this.#at;
  }

  add(now: number): void {
    this.#value = this.at(now) + 1;
    this.#at = now;
  }

  /** Milliseconds from one use to the next, as it was lately; infinite where there was none. */
  gapAt(now: number): number {
    return halfLifeMs / Math.LN2 / this.at(now);
  }

  at(now: number): number {
    // Cheaper than a power for each statement of a burst.
    if (now - this.#at < 1) return this.#value;
    return this.#value * 2 ** ((this.#at - now) / halfLifeMs);
  }
}
