import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { operationKinds, type OperationKind } from '@tenantry/contract';
import { shellRoute } from '../../app/shell-route.tsx';
import { pageSizes } from '../../components/data-table/pager.tsx';
import { numberOf, positiveOf, textOf, wordOf } from '../../lib/search-params.ts';

export interface OperationsSearch {
  /** One or more states, with commas. */
  readonly state?: string | undefined;
  readonly kind?: OperationKind | undefined;
  /** Id or slug. */
  readonly tenant?: string | undefined;
  readonly cursor?: string | undefined;
  readonly page?: number | undefined;
  readonly limit?: (typeof pageSizes)[number] | undefined;
}

export const operationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/operations',
  validateSearch: (search): OperationsSearch => ({
    state: textOf(search, 'state'),
    kind: wordOf(search, 'kind', operationKinds),
    tenant: textOf(search, 'tenant'),
    cursor: textOf(search, 'cursor'),
    page: positiveOf(search, 'page'),
    limit: numberOf(search, 'limit', pageSizes),
  }),
  component: lazyRouteComponent(() => import('./operations-screen.tsx'), 'OperationsScreen'),
});

export const operationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/operations/$operation',
  component: lazyRouteComponent(() => import('./operation-screen.tsx'), 'OperationScreen'),
});

export const operationRoutes = [operationsRoute, operationRoute] as const;
