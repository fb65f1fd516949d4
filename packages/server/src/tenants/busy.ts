import type { Tx } from '../db/database.ts';
import { TenantryError } from '../errors.ts';

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
