import { createRouter } from '@tanstack/react-router';
import { auditRoutes } from '../screens/audit/routes.ts';
import { developerRoutes } from '../screens/developers/routes.ts';
import { isolationRoutes } from '../screens/isolation/routes.ts';
import { operationRoutes } from '../screens/operations/routes.ts';
import { overviewRoutes } from '../screens/overview/routes.ts';
import { provisionRoutes } from '../screens/provision/routes.ts';
import { settingsRoutes } from '../screens/settings/routes.ts';
import { signInRoutes } from '../screens/sign-in/routes.ts';
import { tenantRoutes } from '../screens/tenant/routes.ts';
import { tenantsRoutes } from '../screens/tenants/routes.ts';
import { basePath } from '../lib/base.ts';
import { parseSearch, stringifySearch } from '../lib/search-params.ts';
import { forgetSession, sessionQuery } from '../lib/session.ts';
import { onSessionLost } from '../lib/session-fetch.ts';
import { NotFound, notFoundRoute } from './not-found.tsx';
import { PendingPage } from './pending-page.tsx';
import { queries } from './queries.ts';
import { rootRoute } from './root-route.tsx';
import { RouteError } from './route-error.tsx';
import { shellRoute } from './shell-route.tsx';

const routeTree = rootRoute.addChildren([
  ...signInRoutes,
  shellRoute.addChildren([
    ...overviewRoutes,
    ...tenantsRoutes,
    ...provisionRoutes,
    ...tenantRoutes,
    ...operationRoutes,
    ...isolationRoutes,
    ...auditRoutes,
    ...developerRoutes,
    ...settingsRoutes,
    notFoundRoute,
  ]),
]);

export const router = createRouter({
  routeTree,
  basepath: basePath === '' ? '/' : basePath,
  context: { queries },
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPreloadDelay: 80,
  defaultErrorComponent: RouteError,
  defaultNotFoundComponent: NotFound,
  defaultPendingComponent: PendingPage,
  scrollRestoration: true,
});

// A session that has ended leads to the page where one signs in, and back.
onSessionLost(() => {
  if (!queries.getQueryData(sessionQuery.queryKey)) return;
  forgetSession(queries);
  void router.invalidate();
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
