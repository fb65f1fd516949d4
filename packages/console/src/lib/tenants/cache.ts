import type { QueryClient } from '@tanstack/react-query';
import type { Tenant, TenantPage } from '@tenantry/contract';

/** Writes a tenant as it is now into every cached answer that shows it; an older state of it changes nothing. */
export function rememberTenant(queries: QueryClient, tenant: Tenant): void {
  const newer = (known: Tenant) =>
    known.id === tenant.id && known.version <= tenant.version ? tenant : known;
  for (const ref of [tenant.id, tenant.slug]) {
    if (ref === null) continue;
    queries.setQueryData<Tenant>(
      ['getTenant', { params: { tenant: ref } }],
      (known) => known && newer(known),
    );
  }
  queries.setQueriesData<TenantPage>(
    { queryKey: ['listTenants'] },
    (page) => page && { ...page, items: page.items.map(newer) },
  );
}
