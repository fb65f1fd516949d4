import { Type, type Static, type TSchema } from 'typebox';
import { auditEndpoints } from './endpoints/audit.ts';
import { cellsEndpoints } from './endpoints/cells.ts';
import { evidenceEndpoints } from './endpoints/evidence.ts';
import { eventsEndpoints } from './endpoints/events.ts';
import { isolationEndpoints } from './endpoints/isolation.ts';
import { keysEndpoints } from './endpoints/keys.ts';
import { migrationsEndpoints } from './endpoints/migrations.ts';
import { operationsEndpoints } from './endpoints/operations.ts';
import { overviewEndpoints } from './endpoints/overview.ts';
import { placementsEndpoints } from './endpoints/placements.ts';
import { playgroundEndpoints } from './endpoints/playground.ts';
import { readersEndpoints } from './endpoints/readers.ts';
import { securityEndpoints } from './endpoints/security.ts';
import { sessionsEndpoints } from './endpoints/sessions.ts';
import { tenantInsideEndpoints } from './endpoints/tenant-inside.ts';
import { tenantPlanEndpoints } from './endpoints/tenant-plan.ts';
import { tenantsEndpoints } from './endpoints/tenants.ts';

export type { Endpoint } from './endpoints/endpoint.ts';

/** Every endpoint of the API. */
export const endpoints = {
  ...overviewEndpoints,
  ...tenantsEndpoints,
  ...tenantInsideEndpoints,
  ...tenantPlanEndpoints,
  ...placementsEndpoints,
  ...operationsEndpoints,
  ...eventsEndpoints,
  ...auditEndpoints,
  ...cellsEndpoints,
  ...migrationsEndpoints,
  ...readersEndpoints,
  ...isolationEndpoints,
  ...evidenceEndpoints,
  ...securityEndpoints,
  ...keysEndpoints,
  ...sessionsEndpoints,
  ...playgroundEndpoints,
} as const;

export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;

type StaticOf<E, K extends string> = E extends Record<K, infer S extends TSchema> ? Static<S> : undefined;

/** What a caller gives to an endpoint, by place. */
export type Input<N extends EndpointName> = {
  readonly params: StaticOf<Endpoints[N], 'params'>;
  readonly query: StaticOf<Endpoints[N], 'query'>;
  readonly body: StaticOf<Endpoints[N], 'body'>;
};

/** Endpoints that are answered to everybody. */
export type PublicEndpointName = {
  [N in EndpointName]: Endpoints[N] extends { readonly public: true } ? N : never;
}[EndpointName];

/** What an endpoint gives back on success. */
export type Output<N extends EndpointName> = StaticOf<Endpoints[N], 'response'>;

/** A schema for endpoints without a body, params or query of their own. */
export const Nothing = Type.Object({});
