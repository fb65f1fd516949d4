import type { TenantId } from '../tenant-id.ts';
import type { Placement } from './placement.ts';

/** What is known about a reference. */
export interface Entry {
  readonly placement: Placement;
  readonly etag: string | undefined;
  /** When it was asked for, in milliseconds of `performance.now`; it may be as old as that. */
  readonly askedAt: number;
  /** It is known to have changed since: not to be used, whatever happens. */
  readonly changed: boolean;
}

/**
 * What was answered to references, the least recently used forgotten first. References that nobody has are kept apart, so
 * that whoever asks for thousands of them drives no tenant out.
 */
export class PlacementCache {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry>();
  readonly #unknown = new Map<string, number>();
  readonly #refs = new Map<TenantId, Set<string>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(ref: string): Entry | undefined {
    const entry = this.#entries.get(ref);
    if (entry === undefined) return undefined;
    this.#entries.delete(ref);
    this.#entries.set(ref, entry);
    return entry;
  }

  /** When it was last said that nobody has this reference, or undefined. */
  unknownSince(ref: string): number | undefined {
    return this.#unknown.get(ref);
  }

  set(ref: string, entry: Entry): void {
    this.delete(ref);
    this.#unknown.delete(ref);
    this.#entries.set(ref, entry);
    const { tenant } = entry.placement;
    const refs = this.#refs.get(tenant);
    if (refs === undefined) this.#refs.set(tenant, new Set([ref]));
    else refs.add(ref);
    if (this.#entries.size > this.#capacity) this.delete(oldest(this.#entries)!);
  }

  setUnknown(ref: string, askedAt: number): void {
    this.delete(ref);
    this.#unknown.delete(ref);
    this.#unknown.set(ref, askedAt);
    if (this.#unknown.size > this.#capacity) this.#unknown.delete(oldest(this.#unknown)!);
  }

  delete(ref: string): void {
    const entry = this.#entries.get(ref);
    if (entry === undefined) return;
    this.#entries.delete(ref);
    const refs = this.#refs.get(entry.placement.tenant);
    refs?.delete(ref);
    if (refs?.size === 0) this.#refs.delete(entry.placement.tenant);
  }

  /** What is known of a tenant is wrong; and it may have got a name that nobody had. */
  changed(tenant: TenantId): void {
    this.#unknown.clear();
    for (const ref of this.#refs.get(tenant) ?? []) {
      this.#entries.set(ref, { ...this.#entries.get(ref)!, changed: true });
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#unknown.clear();
    this.#refs.clear();
  }
}

function oldest(map: ReadonlyMap<string, unknown>): string | undefined {
  return map.keys().next().value;
}
