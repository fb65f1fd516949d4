import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../app/shell-route.tsx';
import { textOf } from '../../lib/search-params.ts';

export const tenantRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/tenants/$tenant',
  component: lazyRouteComponent(() => import('./tenant-screen.tsx'), 'TenantScreen'),
});

export const tenantOverviewRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./overview-tab.tsx'), 'OverviewTab'),
});

export const tenantSchemaRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: '/schema',
  component: lazyRouteComponent(() => import('./schema-tab.tsx'), 'SchemaTab'),
});

export const tenantSecurityRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: '/security',
  component: lazyRouteComponent(() => import('./security-tab.tsx'), 'SecurityTab'),
});

export const tenantActivityRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: '/activity',
  validateSearch: (search): { readonly cursor?: string | undefined } => ({
    cursor: textOf(search, 'cursor'),
  }),
  component: lazyRouteComponent(() => import('./activity-tab.tsx'), 'ActivityTab'),
});

export const tenantSettingsRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings-tab.tsx'), 'SettingsTab'),
});

export const tenantRoutes = [
  tenantRoute.addChildren([
    tenantOverviewRoute,
    tenantSchemaRoute,
    tenantSecurityRoute,
    tenantActivityRoute,
    tenantSettingsRoute,
  ]),
] as const;
