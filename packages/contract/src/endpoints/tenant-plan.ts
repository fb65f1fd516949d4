import { endpoint } from './endpoint.ts';
import * as tenant from '../schemas/tenant.ts';
import * as plan from '../schemas/tenant-plan.ts';

export const tenantPlanEndpoints = {
  checkSlug: endpoint({
    method: 'GET',
    path: '/v1/slugs/{slug}',
    summary: 'Say whether a new tenant may have a slug, why not, and which similar one it may have',
    tag: 'tenants',
    permission: 'tenants:write',
    params: plan.SlugRef,
    status: 200,
    response: plan.SlugCheck,
  }),
  planTenant: endpoint({
    method: 'POST',
    path: '/v1/tenants/plan',
    summary: 'Say what provisioning a tenant would do: roles, SQL, migrations, lint, time, rollback',
    tag: 'tenants',
    permission: 'tenants:write',
    body: tenant.CreateTenant,
    status: 200,
    response: plan.TenantPlan,
  }),
} as const;
