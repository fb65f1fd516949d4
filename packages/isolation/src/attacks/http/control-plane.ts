import type { HttpSpec, HttpTenant } from './spec.ts';

/** A tenant of a control plane that is attacked over its API. */
export interface ControlPlaneTenant {
  readonly id: string;
  readonly slug: string;
  /** Its display name, which nobody else may see. */
  readonly name: string;
  /** A key of the role `tenant`, bound to it. */
  readonly token: string;
  /** Id of its provisioning, which only it may see. */
  readonly operation: string;
}

export interface ControlPlaneSpecOptions {
  readonly url: string;
  readonly tenants: readonly [ControlPlaneTenant, ControlPlaneTenant];
  /** Keys that have to be refused, by what is wrong with them: `{ expired, revoked }`. */
  readonly refused?: Readonly<Record<string, string>>;
}

/**
 * The API of Tenantry's own control plane as an application to attack: what a key that is bound to a tenant may read, and what it
 * may not do at all.
 */
export function controlPlaneSpec({ url, tenants, refused = {} }: ControlPlaneSpecOptions): HttpSpec {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const spec = ({ id, slug, name, token, operation }: ControlPlaneTenant): HttpTenant => ({
    name: slug,
    headers: bearer(token),
    marks: [name],
    ids: [id, slug],
    params: { tenant: id, operation, slug },
  });
  return {
    url,
    tenants: [spec(tenants[0]), spec(tenants[1])],
    refused: Object.fromEntries(Object.entries(refused).map(([what, token]) => [what, bearer(token)])),
    routes: [
      'GET /v1/tenants',
      'GET /v1/tenants/{tenant}',
      'GET /v1/tenants/{slug}',
      { route: 'GET /v1/operations', shows: false },
      { route: 'GET /v1/operations/{operation}', shows: false },
      { route: 'GET /v1/tenants/{tenant}/domains', shows: false },
      { route: 'GET /v1/tenants/{tenant}/timeline', shows: false },
      { route: 'GET /v1/tenants/{tenant}/tables', shows: false },
      { route: 'GET /v1/audit', shows: false },
      { route: 'GET /v1/keys', shows: false },
      { route: 'GET /v1/cells', shows: false },
      { route: 'GET /v1/placements/{tenant}', shows: false },
      { route: 'GET /v1/security-events', shows: false },
      { route: 'GET /v1/isolation/findings', shows: false },
      { route: 'GET /v1/events?topics=tenant:{tenant}', shows: false, stream: true },
      { route: 'PATCH /v1/tenants/{tenant}', body: { name: '{word}' } },
      { route: 'POST /v1/tenants/{tenant}/suspend', body: { reason: '{word}' } },
      { route: 'POST /v1/tenants/{tenant}/rotate-credential', body: {} },
      { route: 'POST /v1/keys', body: { name: '{word}', role: 'admin' } },
      { route: 'POST /v1/operations/{operation}/cancel', body: {} },
      { route: 'DELETE /v1/tenants/{tenant}', body: { reason: '{word}' } },
    ],
  };
}
