import type { IsolationContext } from '../isolation/context.ts';
import { startDueRuns } from '../isolation/schedule.ts';
import { settleVerdict } from '../isolation/verdict.ts';

/** How often it is asked what is due, in milliseconds: a query when nothing is. */
const everyMs = 5_000;

export interface IsolationClockOptions {
  readonly contextFor: (job: string) => IsolationContext;
}

/**
 * Starts the runs of verification that are due, and notes when one is late. Its own clock and not the queue's, which knows minutes only; what
 * one process starts no other does.
 */
export class IsolationClock {
  readonly #options: IsolationClockOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: IsolationClockOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopped || this.#timer) return;
    this.#timer = setTimeout(() => this.#tick(), 0);
  }

  /** Safe to call without or before a start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #tick(): void {
    this.#looking = this.#look();
  }

  async #look(): Promise<void> {
    const ctx = this.#options.contextFor('isolation');
    try {
      await startDueRuns(ctx);
      await settleVerdict(ctx);
    } catch (err) {
      // The database is away, or is stopping: the summary says by itself that nobody has looked.
      if (!this.#stopped)
        ctx.log.warn({ err }, 'Due runs of verification could not be started; tried again in 5 s');
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.#tick(), everyMs);
  }
}
