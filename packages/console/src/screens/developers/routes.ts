import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { shellRoute } from '../../app/shell-route.tsx';
import { playgroundSearch, referenceSearch, snippetsSearch } from './search.ts';

export const developerRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/docs',
    beforeLoad: () => {
      throw redirect({ to: '/docs/reference', replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/docs/reference',
    validateSearch: referenceSearch,
    component: lazyRouteComponent(() => import('./reference.tsx'), 'ReferenceScreen'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/docs/snippets',
    validateSearch: snippetsSearch,
    component: lazyRouteComponent(() => import('./snippets.tsx'), 'SnippetsScreen'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/docs/playground',
    validateSearch: playgroundSearch,
    component: lazyRouteComponent(() => import('./playground.tsx'), 'PlaygroundScreen'),
  }),
];
