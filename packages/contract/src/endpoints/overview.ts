import { endpoint } from './endpoint.ts';
import * as overview from '../schemas/overview.ts';
import * as settings from '../schemas/settings.ts';

export const overviewEndpoints = {
  getOverview: endpoint({
    method: 'GET',
    path: '/v1/overview',
    summary: 'Say whether anything is wrong: tenants, operations, isolation, cells, the last audit events',
    tag: 'overview',
    permission: 'tenants:read',
    status: 200,
    response: overview.Overview,
  }),
  getSettings: endpoint({
    method: 'GET',
    path: '/v1/settings',
    summary: 'List the options of this control plane with their values; never a secret',
    tag: 'overview',
    permission: 'settings:read',
    status: 200,
    response: settings.Settings,
  }),
} as const;
