import type { Tenant } from '@tenantry/contract';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { emit, type EventInput } from '../db/emit.ts';
import type { TenantRow } from '../db/types.ts';
import type { Updateable } from 'kysely';
import { toTenant, type TenantRecord } from './rows.ts';

/** Writes a change of a tenant with its audit event and its message to watchers. */
export async function changeTenant(
  tx: Tx,
  ctx: Context,
  row: TenantRecord,
  action: string,
  set: Updateable<TenantRow>,
  reason?: string,
): Promise<Tenant> {
  const changed = await tx
    .updateTable('tenants')
    .set({ ...set, updated_at: ctx.clock(), version: row.version + 1 })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const before = toTenant(row);
  const after = toTenant({ ...changed, cell_name: row.cell_name });
  await record(tx, ctx, {
    action,
    target: { kind: 'tenant', id: row.id },
    tenantId: row.id,
    before,
    after,
    reason,
  });
  await announceTenant(tx, after);
  return after;
}

/** Tells watchers what a tenant looks like now. */
export async function announceTenant(tx: Tx, tenant: Tenant): Promise<void> {
  await emit(tx, tenantEvent(tenant));
}

/** What watchers are told when a tenant is not what it was. */
export function tenantEvent(tenant: Tenant): EventInput {
  return {
    type: `tenant.${tenant.state}`,
    topics: ['tenants', `tenant:${tenant.id}`],
    tenantId: tenant.id,
    data: { tenant },
  };
}
