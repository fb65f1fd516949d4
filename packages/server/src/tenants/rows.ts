import type { Selectable } from 'kysely';
import type { Tenant } from '@tenantry/contract';
import type { Database, Tx } from '../db/database.ts';
import type { TenantRow } from '../db/types.ts';

export type TenantRecord = Selectable<TenantRow> & { readonly cell_name: string };

export function toTenant(row: TenantRecord): Tenant {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    state: row.state,
    stateReason: row.state_reason,
    plan: row.plan,
    labels: row.labels,
    cell: row.cell_name,
    isolation: row.isolation,
    schema: row.schema_name,
    schemaVersion: row.schema_version,
    credentialVersion: row.credential_version,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    activatedAt: row.activated_at?.toISOString() ?? null,
    purgeAfter: row.purge_after?.toISOString() ?? null,
  };
}

/** Tenants with the name of their cell. */
export function selectTenants(db: Database | Tx) {
  return db
    .selectFrom('tenants')
    .innerJoin('cells', 'cells.id', 'tenants.cell_id')
    .selectAll('tenants')
    .select('cells.name as cell_name');
}
