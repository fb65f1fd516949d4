import type { Operation } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { toOperation } from './rows.ts';

/** An operation with its steps. Throws OPERATION_NOT_FOUND, also where the caller may not see it. */
export async function getOperation(ctx: Context, id: string): Promise<Operation> {
  const row = await ctx.control.db
    .selectFrom('operations')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row || (ctx.onlyTenant !== null && row.tenant_id !== ctx.onlyTenant)) {
    throw new TenantryError('OPERATION_NOT_FOUND');
  }
  const steps = await ctx.control.db
    .selectFrom('operation_steps')
    .selectAll()
    .where('operation_id', '=', id)
    .execute();
  return toOperation(row, steps);
}
