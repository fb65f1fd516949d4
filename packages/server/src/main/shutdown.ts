import type { Logger } from 'pino';

/** What has been started, stopped in reverse order. Running it twice is the same as once. */
export class Shutdown {
  readonly #log: Logger;
  readonly #parts: { readonly name: string; readonly stop: () => Promise<void> }[] = [];
  #running: Promise<void> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  get begun(): boolean {
    return this.#running !== undefined;
  }

  add(name: string, stop: () => Promise<void>): void {
    this.#parts.push({ name, stop });
  }

  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    for (const { name, stop } of this.#parts.toReversed()) {
      try {
        await stop();
      } catch (err) {
        // The parts before it still have to be stopped.
        this.#log.error({ err, part: name }, 'A part of the control plane did not stop cleanly');
      }
    }
  }
}
