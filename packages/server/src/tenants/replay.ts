import type { TenantOperation } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { getOperation } from '../operations/get.ts';
import type { OperationRecord } from '../operations/rows.ts';
import { selectTenants, toTenant } from './rows.ts';

/** An answer, and whether it is the answer to an earlier request with the same Idempotency-Key. */
export type Replayable<T> = T & { readonly replayed: boolean };

/** What an earlier request started, as it is now. The tenant is null when its provisioning failed. */
export async function replay(ctx: Context, earlier: OperationRecord): Promise<Replayable<TenantOperation>> {
  const operation = await getOperation(ctx, earlier.id);
  const row = await selectTenants(ctx.control.db)
    .where('tenants.id', '=', earlier.tenant_id)
    .executeTakeFirst();
  return { operation, tenant: row ? toTenant(row) : null, replayed: true };
}
