import { endpoint } from './endpoint.ts';
import * as playground from '../schemas/playground.ts';

export const playgroundEndpoints = {
  getPlayground: endpoint({
    method: 'GET',
    path: '/v1/playground',
    summary: 'List the sandbox tenants that may be queried, with examples',
    tag: 'playground',
    permission: 'playground:run',
    status: 200,
    response: playground.Playground,
  }),
  preparePlayground: endpoint({
    method: 'POST',
    path: '/v1/playground',
    summary: 'Provision the two sandbox tenants of the playground where they are missing',
    tag: 'playground',
    permission: 'tenants:write',
    status: 202,
    response: playground.PlaygroundPreparation,
  }),
  runPlaygroundQuery: endpoint({
    method: 'POST',
    path: '/v1/playground/query',
    summary: 'Run a statement as a sandbox tenant, read only and rolled back; shows how PostgreSQL answers',
    tag: 'playground',
    permission: 'playground:run',
    body: playground.RunPlaygroundQuery,
    status: 200,
    response: playground.PlaygroundResult,
  }),
} as const;
