import type { LiveNews, LiveStatus } from './events.ts';
import { followStream } from './stream.ts';

type Listener = (news: LiveNews) => void;
type Said = LiveNews | { readonly kind: 'hello' };

/**
 * One event stream for all tabs of a browser: over HTTP/1.1 six of them would block every further request. The tab that
 * holds the lock reads the stream and tells the others; when it is closed, the next one goes on after the last event.
 */
export class LiveChannel {
  readonly #listeners = new Set<Listener>();
  readonly #name: string;
  #tabs: BroadcastChannel | undefined;
  #stop: AbortController | undefined;
  #lastId: string | undefined;
  #status: LiveStatus = 'off';
  #leads = false;

  /** `who` keeps the tabs of different people apart: each sees what is theirs. */
  constructor(who: string) {
    this.#name = `tenantry.live:${who}`;
  }

  get status(): LiveStatus {
    return this.#status;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#stop) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#setStatus('connecting');
    this.#tabs = new BroadcastChannel(this.#name);
    this.#tabs.addEventListener('message', ({ data }: MessageEvent<Said>) => this.#hear(data));
    this.#tabs.postMessage({ kind: 'hello' } satisfies Said);
    const lead = async () => {
      this.#leads = true;
      await followStream(
        () => this.#lastId,
        (news) => this.#tellAll(news),
        stop.signal,
      );
      this.#leads = false;
    };
    // Locks exist in secure contexts only; elsewhere each tab has a stream of its own.
    const leading =
      'locks' in navigator ? navigator.locks.request(this.#name, { signal: stop.signal }, lead) : lead();
    leading.catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
  }

  stop(status: 'paused' | 'off'): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#tabs?.close();
    this.#tabs = undefined;
    this.#setStatus(status);
  }

  #tellAll(news: LiveNews): void {
    this.#tabs?.postMessage(news satisfies Said);
    this.#take(news);
  }

  #hear(said: Said): void {
    if (said.kind !== 'hello') this.#take(said);
    else if (this.#leads) this.#tabs?.postMessage({ kind: 'status', status: this.#status } satisfies Said);
  }

  #take(news: LiveNews): void {
    if (news.kind === 'status') {
      this.#setStatus(news.status);
      return;
    }
    const id = news.kind === 'event' ? news.message.id : news.id;
    // A tab that has just taken over may be told once more what it has heard from the one before.
    if (news.kind === 'event' && this.#lastId !== undefined && BigInt(id) <= BigInt(this.#lastId)) return;
    if (id !== '') this.#lastId = id;
    for (const listener of this.#listeners) listener(news);
  }

  #setStatus(status: LiveStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    for (const listener of this.#listeners) listener({ kind: 'status', status });
  }
}
