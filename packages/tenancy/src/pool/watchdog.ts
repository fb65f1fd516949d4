/**
 * A timer for whatever a connection answers next. It is never stopped between two statements, which would cost more than
 * letting it run out; it does not keep the process alive, as the open socket does that.
 */
export class Watchdog {
  readonly #ms: number;
  readonly #onTimeOut: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, onTimeOut: () => void) {
    this.#ms = ms;
    this.#onTimeOut = onTimeOut;
  }

  /** Starts from the beginning. */
  watch(): void {
    if (this.#timer !== undefined) {
      this.#timer.refresh();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onTimeOut();
    }, this.#ms).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
