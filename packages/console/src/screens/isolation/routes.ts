import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { shellRoute } from '../../app/shell-route.tsx';
import { attacksSearch, eventsSearch, evidenceSearch, findingsSearch, postureSearch } from './search.ts';

export const isolationRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/isolation',
    beforeLoad: () => {
      throw redirect({ to: '/isolation/posture', replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/isolation/posture',
    validateSearch: postureSearch,
    component: lazyRouteComponent(() => import('./posture.tsx'), 'PostureScreen'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/isolation/attacks',
    validateSearch: attacksSearch,
    component: lazyRouteComponent(() => import('./attacks.tsx'), 'AttacksScreen'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/isolation/findings',
    validateSearch: findingsSearch,
    component: lazyRouteComponent(() => import('./findings.tsx'), 'FindingsScreen'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/isolation/evidence',
    validateSearch: evidenceSearch,
    component: lazyRouteComponent(() => import('./evidence.tsx'), 'EvidenceScreen'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/isolation/events',
    validateSearch: eventsSearch,
    component: lazyRouteComponent(() => import('./events.tsx'), 'EventsScreen'),
  }),
];
