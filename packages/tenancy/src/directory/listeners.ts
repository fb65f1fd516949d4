import type { TenantId } from '../tenant-id.ts';

/** Whoever wants to hear of changed tenants. One that throws does not keep the others from hearing. */
export class Listeners {
  readonly #listeners = new Set<(tenant: TenantId) => void>();

  add(listener: (tenant: TenantId) => void): () => void {
    // A function of its own, so that one listener added twice is called twice and removed once.
    const added = (tenant: TenantId): void => listener(tenant);
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  tell(tenant: TenantId): void {
    for (const listener of this.#listeners) {
      try {
        listener(tenant);
      } catch (error) {
        // What a listener gets wrong is a defect of the program, but not a reason to leave the others with old placements.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
