import type { TenantId } from '../tenant-id.ts';
import { Listeners } from './listeners.ts';
import { domainPrefix, isRef, type Directory, type Placement } from './placement.ts';

/** A directory that is told where tenants are. */
export interface StaticDirectory extends Directory {
  /** Adds a tenant, or replaces what is known of it. */
  set(placement: Placement, domains?: readonly string[]): void;
  /** Makes a tenant unknown, as one is that was suspended or deleted. */
  remove(tenant: TenantId): void;
}

/**
 * A directory without a control plane, for tests and for programs that know their tenants.
 *
 * ```ts
 * const directory = staticDirectory([placement], { 'app.customer.example': placement.tenant });
 * await directory.find('acme'); // placement
 * ```
 */
export function staticDirectory(
  placements: Iterable<Placement>,
  domains: Readonly<Record<string, TenantId>> = {},
): StaticDirectory {
  const byTenant = new Map<TenantId, Placement>();
  const byRef = new Map<string, TenantId>();
  const listeners = new Listeners();
  const forget = (tenant: TenantId): void => {
    byTenant.delete(tenant);
    for (const [ref, of] of byRef) if (of === tenant) byRef.delete(ref);
  };
  const directory: StaticDirectory = {
    async find(ref) {
      const tenant = isRef(ref) ? byRef.get(ref) : undefined;
      return tenant === undefined ? undefined : byTenant.get(tenant);
    },
    onChange: (listener) => listeners.add(listener),
    async close() {
      listeners.clear();
    },
    set(placement, named = []) {
      forget(placement.tenant);
      byTenant.set(placement.tenant, placement);
      const refs = [placement.tenant, placement.slug, ...named.map((domain) => domainPrefix + domain)];
      for (const ref of refs) byRef.set(ref, placement.tenant);
      listeners.tell(placement.tenant);
    },
    remove(tenant) {
      forget(tenant);
      listeners.tell(tenant);
    },
  };
  for (const placement of placements) {
    const named = Object.entries(domains).flatMap(([domain, of]) =>
      of === placement.tenant ? [domain] : [],
    );
    directory.set(placement, named);
  }
  return directory;
}
