import { Listener } from '../db/listen.ts';
import type { TenantContext } from '../tenants/context.ts';
import { sendPlacementNotices } from '../tenants/placement-notices.ts';

export interface PlacementNotifierOptions {
  /** Of the control database. */
  readonly url: string;
  readonly contextFor: (job: string) => TenantContext;
}

/** So many cells are told at a time, each by itself; for what comes beyond that, one look at all of them. */
const mostAtOnce = 16;

/**
 * Passes on to the other cells that placements have changed, as soon as the change is committed, whoever made it. The rows
 * that say so are the truth: what is missed here, or what a cell could not be told, `maintain` finds.
 */
export class PlacementNotifier {
  readonly #options: PlacementNotifierOptions;
  readonly #listener: Listener;
  /** What is being told, by the name of the cell, so that nothing is under way when the cells are closed. */
  readonly #sending = new Map<string | undefined, Promise<void>>();
  /** Told of again meanwhile: one more look is enough, however often that was. */
  readonly #again = new Set<string | undefined>();

  constructor(options: PlacementNotifierOptions) {
    this.#options = options;
    this.#listener = new Listener(options.url, 'tenantry_placement_notices', (cell) => this.#send(cell));
  }

  start(): Promise<void> {
    return this.#listener.start();
  }

  /** Safe to call without or before a start. */
  async stop(): Promise<void> {
    await this.#listener.stop();
    this.#again.clear();
    await Promise.all(this.#sending.values());
  }

  /** Any login of the database can send on this channel, as often as it likes and whatever it likes: that must cost little. */
  #send(told: string | undefined): void {
    const cell = this.#sending.size < mostAtOnce || this.#sending.has(told) ? told : undefined;
    if (this.#sending.has(cell)) return void this.#again.add(cell);
    const ctx = this.#options.contextFor('placements');
    const sending = sendPlacementNotices(ctx, cell).then(
      () => undefined,
      (err: unknown) =>
        ctx.log.warn({ err }, 'Changed placements could not be read; tried again in a minute'),
    );
    this.#sending.set(cell, sending);
    void sending.finally(() => {
      this.#sending.delete(cell);
      if (this.#again.delete(cell)) this.#send(cell);
    });
  }
}
