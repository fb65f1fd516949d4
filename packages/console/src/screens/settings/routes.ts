import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../app/shell-route.tsx';

export const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings-screen.tsx'), 'SettingsScreen'),
});

export const appearanceRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./appearance-tab.tsx'), 'AppearanceTab'),
});

export const keysRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/keys',
  component: lazyRouteComponent(() => import('./keys-tab.tsx'), 'KeysTab'),
});

export const sessionsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/sessions',
  component: lazyRouteComponent(() => import('./sessions-tab.tsx'), 'SessionsTab'),
});

export const cellsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/cells',
  component: lazyRouteComponent(() => import('./cells-tab.tsx'), 'CellsTab'),
});

export const readersRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/readers',
  component: lazyRouteComponent(() => import('./readers-tab.tsx'), 'ReadersTab'),
});

export const optionsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/options',
  component: lazyRouteComponent(() => import('./options-tab.tsx'), 'OptionsTab'),
});

export const settingsRoutes = [
  settingsRoute.addChildren([
    appearanceRoute,
    keysRoute,
    sessionsRoute,
    cellsRoute,
    readersRoute,
    optionsRoute,
  ]),
] as const;
