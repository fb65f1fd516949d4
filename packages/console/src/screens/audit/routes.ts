import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { auditOutcomes, type AuditOutcome } from '@tenantry/contract';
import { shellRoute } from '../../app/shell-route.tsx';
import { pageSizes } from '../../components/data-table/pager.tsx';
import { numberOf, positiveOf, textOf, wordOf } from '../../lib/search-params.ts';

export interface AuditSearch {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly tenant?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly requestId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The event whose drawer is open. */
  readonly event?: string | undefined;
  readonly cursor?: string | undefined;
  readonly page?: number | undefined;
  readonly limit?: (typeof pageSizes)[number] | undefined;
}

export const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit',
  validateSearch: (search): AuditSearch => ({
    actor: textOf(search, 'actor'),
    action: textOf(search, 'action'),
    tenant: textOf(search, 'tenant'),
    outcome: wordOf(search, 'outcome', auditOutcomes),
    requestId: textOf(search, 'requestId'),
    from: textOf(search, 'from'),
    to: textOf(search, 'to'),
    event: textOf(search, 'event'),
    cursor: textOf(search, 'cursor'),
    page: positiveOf(search, 'page'),
    limit: numberOf(search, 'limit', pageSizes),
  }),
  component: lazyRouteComponent(() => import('./audit-screen.tsx'), 'AuditScreen'),
});

export const auditRoutes = [auditRoute] as const;
