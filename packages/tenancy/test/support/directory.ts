import type { Directory, Placement } from '../../src/directory/index.ts';
import type { TenantId } from '../../src/index.ts';

/** A directory in memory whose placements a test changes; `set` and `remove` tell at once, as NOTIFY would. */
export class TestDirectory implements Directory {
  readonly #placements = new Map<string, Placement>();
  readonly #listeners = new Set<(tenant: TenantId) => void>();

  constructor(placements: readonly Placement[] = []) {
    for (const placement of placements) this.#placements.set(placement.tenant, placement);
  }

  async find(ref: string): Promise<Placement | undefined> {
    return this.#placements.get(ref) ?? [...this.#placements.values()].find(({ slug }) => slug === ref);
  }

  onChange(listener: (tenant: TenantId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** With `quietly` nobody is told: what a lost NOTIFY looks like. */
  set(placement: Placement, quietly = false): void {
    this.#placements.set(placement.tenant, placement);
    if (!quietly) for (const listener of this.#listeners) listener(placement.tenant);
  }

  remove(tenant: TenantId, quietly = false): void {
    this.#placements.delete(tenant);
    if (!quietly) for (const listener of this.#listeners) listener(tenant);
  }

  async close(): Promise<void> {}
}
