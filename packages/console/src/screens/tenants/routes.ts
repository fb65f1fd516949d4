import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import type { ListTenants } from '@tenantry/contract';
import { shellRoute } from '../../app/shell-route.tsx';
import { pageSizes } from '../../components/data-table/pager.tsx';
import { numberOf, positiveOf, textOf, wordOf } from '../../lib/search-params.ts';

export const tenantSorts = [
  'createdAt',
  '-createdAt',
  'slug',
  '-slug',
  'name',
  '-name',
  'updatedAt',
  '-updatedAt',
] as const satisfies readonly NonNullable<ListTenants['sort']>[];

export interface TenantsSearch {
  readonly q?: string | undefined;
  /** One or more states, with commas. */
  readonly state?: string | undefined;
  readonly plan?: string | undefined;
  readonly cell?: string | undefined;
  readonly label?: string | undefined;
  readonly version?: string | undefined;
  readonly behind?: 'true' | 'false' | undefined;
  readonly sort?: (typeof tenantSorts)[number] | undefined;
  /** Columns that are not shown, with commas. */
  readonly hide?: string | undefined;
  readonly cursor?: string | undefined;
  readonly page?: number | undefined;
  readonly limit?: (typeof pageSizes)[number] | undefined;
}

export const tenantsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/tenants',
  validateSearch: (search): TenantsSearch => ({
    q: textOf(search, 'q'),
    state: textOf(search, 'state'),
    plan: textOf(search, 'plan'),
    cell: textOf(search, 'cell'),
    label: textOf(search, 'label'),
    version: textOf(search, 'version'),
    behind: wordOf(search, 'behind', ['true', 'false']),
    sort: wordOf(search, 'sort', tenantSorts),
    hide: textOf(search, 'hide'),
    cursor: textOf(search, 'cursor'),
    page: positiveOf(search, 'page'),
    limit: numberOf(search, 'limit', pageSizes),
  }),
  component: lazyRouteComponent(() => import('./tenants-screen.tsx'), 'TenantsScreen'),
});

export const tenantsRoutes = [tenantsRoute] as const;
