import type { AttackResult } from '../attacks/index.ts';
import type { IsolationHost } from './host.ts';

/** Says on the error stream what a run is at: one line that is written over on a terminal, one line a target elsewhere. */
export class Progress {
  readonly #stream: IsolationHost['stderr'];
  readonly #quiet: boolean;
  #target: string | undefined;
  #done = 0;
  #shownAt = 0;

  constructor({ stderr }: IsolationHost, quiet: boolean) {
    this.#stream = stderr;
    this.#quiet = quiet;
  }

  step(what: string): void {
    if (this.#quiet) return;
    this.#write(what);
    if (this.#stream.isTTY !== true) this.#stream.write(`${what}\n`);
  }

  attacked({ target }: AttackResult): void {
    if (target !== this.#target) {
      this.#target = target;
      this.#done = 0;
      this.step(`Attacking over ${target} …`);
    }
    this.#done += 1;
    if (this.#quiet || this.#stream.isTTY !== true || performance.now() - this.#shownAt < 100) return;
    this.#shownAt = performance.now();
    this.#write(`Attacking over ${target} … ${this.#done}`);
  }

  /** One line that counts up on a terminal; elsewhere a line for every fifth of it. */
  count(what: string, done: number, total: number, detail: string): void {
    if (this.#quiet) return;
    if (this.#stream.isTTY === true) {
      if (performance.now() - this.#shownAt < 100) return;
      this.#shownAt = performance.now();
      this.#write(`${what} … ${done} of ${total}  ${detail}`);
    } else if (done === total || done % Math.ceil(total / 5) === 0)
      this.#stream.write(`${what} … ${done} of ${total}\n`);
  }

  end(): void {
    this.#write('');
  }

  #write(text: string): void {
    if (!this.#quiet && this.#stream.isTTY === true) this.#stream.write(`\r\u001b[2K${text}`);
  }
}
