import type { QueryClient } from '@tanstack/react-query';
import { Outlet, createRootRouteWithContext } from '@tanstack/react-router';

export interface RouterContext {
  readonly queries: QueryClient;
}

/** Everything stands below this: the shell with its screens, and the page to sign in. */
export const rootRoute = createRootRouteWithContext<RouterContext>()({ component: Outlet });
