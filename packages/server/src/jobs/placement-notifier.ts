import { Listener } from '../db/listen.ts';
import type { TenantContext } from '../tenants/context.ts';
import { sendPlacementNotices } from '../tenants/placement-notices.ts';

export interface PlacementNotifierOptions {
  /** Of the control database. */
  readonly url: string;
  readonly contextFor: (job: string) => TenantContext;
}

/**
 * Passes on to the other cells that placements have changed, as soon as the change is committed, whoever made it. The rows
 * that say so are the truth: what is missed here, or what a cell could not be told, `maintain` finds.
 */
export class PlacementNotifier {
  readonly #options: PlacementNotifierOptions;
  readonly #listener: Listener;
  /** What is being told, so that nothing is under way when the cells are closed. */
  readonly #sending = new Set<Promise<void>>();

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
    await Promise.all(this.#sending);
  }

  #send(cell: string | undefined): void {
    const ctx = this.#options.contextFor('placements');
    const sending = sendPlacementNotices(ctx, cell).then(
      () => undefined,
      (err: unknown) =>
        ctx.log.warn({ err }, 'Changed placements could not be read; tried again in a minute'),
    );
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }
}
