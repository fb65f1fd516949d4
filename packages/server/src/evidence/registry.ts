import type { CountedCell, EvidenceTenant } from '@tenantry/isolation/evidence';
import { sql } from 'kysely';
import type { Context } from '../db/context.ts';
import type { CellMatrix } from './matrices.ts';

/** Every tenant that has a schema. Those that are being built or purged at the moment are neither here nor missing. */
export async function readTenants(ctx: Context): Promise<readonly EvidenceTenant[]> {
  const rows = await ctx.control.db
    .selectFrom('tenants')
    .innerJoin('cells', 'cells.id', 'tenants.cell_id')
    .select(['tenants.id', 'slug', 'tenants.name', 'state', 'schema_name', 'isolation', 'schema_version'])
    .select(['cells.name as cell', 'activated_at', 'tenants.created_at'])
    .where('state', 'not in', ['provisioning', 'failed', 'deleted'])
    .orderBy('tenants.id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    slug: row.slug,
    name: row.name,
    state: row.state,
    schema: row.schema_name,
    cell: row.cell,
    level: row.isolation,
    provisionedAt: (row.activated_at ?? row.created_at).toISOString(),
    schemaVersion: row.schema_version,
  }));
}

/** Compares the registry with the schemas that are in the databases, by name and not only by number. */
export async function countTenants(
  ctx: Context,
  tenants: readonly EvidenceTenant[],
  matrices: readonly CellMatrix[],
): Promise<readonly CountedCell[]> {
  const passing = await passingSchemas(ctx);
  return matrices.map(([cell, { names }]) => {
    const there = new Set(names);
    const registered = tenants.filter((tenant) => tenant.cell === cell).map(({ schema }) => schema);
    const known = new Set([...registered, ...passing]);
    // An adopted schema has a name of its own, which the pattern of tenants does not fit.
    const missing = registered.filter((schema) => /^t_[a-z2-7]{12}$/.test(schema) && !there.has(schema));
    const unknown = names.filter((schema) => !known.has(schema));
    return {
      cell,
      found: registered.length - missing.length,
      differences: [
        ...sentence(
          missing,
          `of the registry ${missing.length === 1 ? 'is' : 'are'} not on the cell ${cell}`,
        ),
        ...sentence(
          unknown,
          `on the cell ${cell} ${unknown.length === 1 ? 'is' : 'are'} not in the registry`,
        ),
      ],
    };
  });
}

function sentence(schemas: readonly string[], what: string): readonly string[] {
  if (schemas.length === 0) return [];
  const some = schemas.slice(0, 5).join(', ');
  const more = schemas.length > 5 ? ', …' : '';
  return [`${schemas.length} ${schemas.length === 1 ? 'schema' : 'schemas'} ${what}: ${some}${more}.`];
}

/** Spares, and tenants that come or go at the moment. */
async function passingSchemas(ctx: Context): Promise<readonly string[]> {
  const { rows } = await sql<{ schema: string }>`
    SELECT id AS schema FROM tenantry.spares
    UNION ALL
    SELECT t.schema_name FROM tenantry.tenants t
     WHERE t.state IN ('provisioning', 'failed')
        OR EXISTS (SELECT FROM tenantry.operations o WHERE o.tenant_id = t.id AND o.finished_at IS NULL)`.execute(
    ctx.control.db,
  );
  return rows.map(({ schema }) => schema);
}
