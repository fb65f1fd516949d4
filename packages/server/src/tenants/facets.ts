import { sql } from 'kysely';
import type { FilterTenants, TenantFacets } from '@tenantry/contract';
import type { TenantContext } from './context.ts';
import { filterTenants } from './filter.ts';

const mostLabels = 50;

type Facet = 'state' | 'plan' | 'cell' | 'version' | 'label';

/**
 * How many tenants each value of a filter would leave. A filter does not narrow its own counts: they say what choosing another value
 * would give. Throws VALIDATION and the codes of loading migrations.
 */
export async function getTenantFacets(ctx: TenantContext, input: FilterTenants): Promise<TenantFacets> {
  const [state, plan, cell, version, label, behind] = await Promise.all([
    count(ctx, input, 'state', sql<string>`tenants.state`),
    count(ctx, input, 'plan', sql<string>`tenants.plan`),
    count(ctx, input, 'cell', sql<string>`cells.name`),
    count(ctx, input, 'version', sql<string>`coalesce(tenants.schema_version, 'none')`),
    countLabels(ctx, input),
    countBehind(ctx, input),
  ]);
  return { state, plan, cell, schemaVersion: version, label, behind };
}

async function without(ctx: TenantContext, input: FilterTenants, facet: Facet | 'behind') {
  const { [facet]: _, ...rest } = input;
  return filterTenants(ctx, rest);
}

async function count(
  ctx: TenantContext,
  input: FilterTenants,
  facet: Facet,
  value: ReturnType<typeof sql<string>>,
): Promise<TenantFacets['state']> {
  const { query } = await without(ctx, input, facet);
  const rows = await query
    .clearSelect()
    .select((eb) => [value.as('value'), eb.fn.countAll<string>().as('tenants')])
    .groupBy(value)
    .orderBy('tenants', 'desc')
    .orderBy('value')
    .limit(100)
    .execute();
  return rows.map((row) => ({ value: row.value, tenants: Number(row.tenants) }));
}

async function countLabels(ctx: TenantContext, input: FilterTenants): Promise<TenantFacets['label']> {
  const { query } = await without(ctx, input, 'label');
  const labelled = query.clearSelect().select('tenants.labels').as('labelled');
  const rows = await ctx.control.db
    .selectFrom(labelled)
    .innerJoin(sql<{ key: string; value: string }>`jsonb_each_text(labelled.labels)`.as('l'), (join) =>
      join.onTrue(),
    )
    .select((eb) => [sql<string>`l.key || ':' || l.value`.as('pair'), eb.fn.countAll<string>().as('tenants')])
    .groupBy('pair')
    .orderBy('tenants', 'desc')
    .orderBy('pair')
    .limit(mostLabels)
    .execute();
  return rows.map((row) => ({ value: row.pair, tenants: Number(row.tenants) }));
}

async function countBehind(ctx: TenantContext, input: FilterTenants): Promise<number> {
  const { behind: _, ...rest } = input;
  const { query } = await filterTenants(ctx, { ...rest, behind: 'true' });
  const row = await query
    .clearSelect()
    .select((eb) => eb.fn.countAll<string>().as('tenants'))
    .executeTakeFirstOrThrow();
  return Number(row.tenants);
}
