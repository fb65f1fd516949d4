import type { SecurityEvent, SecuritySignal } from './event.ts';

export type SecurityListener = (event: SecurityEvent) => void;

/** Equal signals of so long are one event. */
const windowMs = 1_000;
/** Different signals that are kept apart at a time; further ones are told without their tenant and fingerprint. */
const mostWindows = 1_000;

interface Window {
  readonly signal: SecuritySignal;
  count: number;
  firstAt: Date;
  lastAt: Date;
}

/**
 * Tells listeners what was refused: the first of each kind at once, the equal ones of the next second together. So an attack of
 * thousands of statements a second costs listeners one call a second, and no statement waits for any.
 */
export class SecuritySignals {
  readonly #listeners = new Set<SecurityListener>();
  readonly #windows = new Map<string, Window>();

  on(listener: SecurityListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  record(signal: SecuritySignal): void {
    if (this.#listeners.size === 0) return;
    const at = new Date();
    const isFull = this.#windows.size >= mostWindows && !this.#windows.has(keyOf(signal));
    const kept = isFull ? { ...signal, tenant: undefined, fingerprint: undefined } : signal;
    const key = keyOf(kept);
    const window = this.#windows.get(key);
    if (window === undefined) {
      const opened = { signal: kept, count: 0, firstAt: at, lastAt: at };
      this.#windows.set(key, opened);
      this.#closeLater(key, opened);
      return this.#tell(kept, 1, at, at);
    }
    if (window.count === 0) window.firstAt = at;
    window.count += 1;
    window.lastAt = at;
  }

  /** Tells what is left. */
  close(): void {
    for (const window of this.#windows.values()) this.#tellWindow(window);
    this.#windows.clear();
    this.#listeners.clear();
  }

  #closeLater(key: string, window: Window): void {
    setTimeout(() => {
      if (this.#windows.get(key) !== window) return;
      if (window.count === 0) return void this.#windows.delete(key);
      this.#tellWindow(window);
      window.count = 0;
      this.#closeLater(key, window);
    }, windowMs).unref();
  }

  #tellWindow({ signal, count, firstAt, lastAt }: Window): void {
    if (count > 0) this.#tell(signal, count, firstAt, lastAt);
  }

  #tell(signal: SecuritySignal, count: number, firstAt: Date, at: Date): void {
    const { kind, code, tenant, cell, lane, sqlState, fingerprint } = signal;
    const event: SecurityEvent = {
      kind,
      code,
      tenant,
      cell,
      lane,
      sqlState,
      fingerprint,
      count,
      firstAt,
      at,
    };
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // The statement that was refused is answered all the same.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }
}

function keyOf({ kind, code, tenant, cell, lane, sqlState, fingerprint }: SecuritySignal): string {
  return [kind, code, tenant, cell, lane, sqlState, fingerprint].join(' ');
}
