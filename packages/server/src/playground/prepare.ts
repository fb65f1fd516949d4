import { sandboxLabel, type PlaygroundPreparation } from '@tenantry/contract';
import type { TenantContext } from '../tenants/context.ts';
import { createTenant } from '../tenants/create.ts';
import { sandboxes } from './get.ts';

const wanted = [
  { slug: 'sandbox-a', name: 'Sandbox A' },
  { slug: 'sandbox-b', name: 'Sandbox B' },
] as const;

/**
 * Provisions the two sandbox tenants of the playground where there are fewer than two to query. Throws the codes of creating a tenant:
 * SLUG_TAKEN where somebody else has the name.
 */
export async function preparePlayground(ctx: TenantContext): Promise<PlaygroundPreparation> {
  const present = await sandboxes(ctx);
  const missing = wanted.filter(({ slug }) => !present.some((tenant) => tenant.slug === slug));
  const operations: PlaygroundPreparation['operations'] = [];
  for (const tenant of missing.slice(0, Math.max(0, 2 - present.length))) {
    const labels = { [sandboxLabel.key]: sandboxLabel.value };
    const { operation, tenant: created } = await createTenant(ctx, { ...tenant, labels });
    operations.push({ operation, tenant: created });
  }
  return { operations };
}
