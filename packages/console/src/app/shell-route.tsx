import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { sessionQuery } from '../lib/session.ts';
import { rootRoute } from './root-route.tsx';

/** What only signed-in people see. Screens are children of this route. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    const me = await context.queries.ensureQueryData(sessionQuery);
    if (me) return;
    const returnTo = location.href === '/' ? undefined : location.href;
    throw redirect({ to: '/sign-in', search: { returnTo }, hash: location.hash, replace: true });
  },
  component: lazyRouteComponent(() => import('./shell/shell.tsx'), 'Shell'),
});
