import { sql } from 'kysely';
import type { Tx } from '../db/database.ts';
import { TenantryError } from '../errors.ts';

/** As a condition on `tenants`: no operation on the tenant is unfinished. */
export const isIdle = sql<boolean>`NOT EXISTS (
  SELECT FROM tenantry.operations o WHERE o.tenant_id = tenants.id AND o.finished_at IS NULL)`;

/** Throws TENANT_BUSY while an operation on the tenant is not finished. */
export async function refuseWhileBusy(tx: Tx, tenant: string): Promise<void> {
  const busy = await tx
    .selectFrom('operations')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('finished_at', 'is', null)
    .executeTakeFirst();
  if (busy)
    throw new TenantryError(
      'TENANT_BUSY',
      `The operation ${busy.id} on this tenant is not finished. Wait for it.`,
    );
}
