import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../app/shell-route.tsx';
import { textOf, wordOf } from '../../lib/search-params.ts';

export const wizardSteps = ['identity', 'template', 'review', 'run'] as const;
export type WizardStep = (typeof wizardSteps)[number];

export interface ProvisionSearch {
  readonly step?: WizardStep | undefined;
  /** The operation that is watched in the step `run`. */
  readonly operation?: string | undefined;
}

export const provisionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/tenants/new',
  validateSearch: (search): ProvisionSearch => ({
    step: wordOf(search, 'step', wizardSteps),
    operation: textOf(search, 'operation'),
  }),
  component: lazyRouteComponent(() => import('./provision-screen.tsx'), 'ProvisionScreen'),
});

export const provisionRoutes = [provisionRoute] as const;
