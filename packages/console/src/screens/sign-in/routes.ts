import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.tsx';
import { textOf } from '../../lib/search-params.ts';

export interface SignInSearch {
  /** Where to go afterwards: an address of the console. */
  readonly returnTo?: string | undefined;
  /** Why the OpenID provider's answer was not enough, as the control plane says. */
  readonly error?: string | undefined;
}

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search): SignInSearch => ({
    returnTo: textOf(search, 'returnTo'),
    error: textOf(search, 'error'),
  }),
  component: lazyRouteComponent(() => import('./sign-in-screen.tsx'), 'SignInScreen'),
});

export const signInRoutes = [signInRoute] as const;
