import type { Operation } from '@tenantry/contract';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { announceOperation } from './announce.ts';
import { getOperation } from './get.ts';
import { lockOperation } from './lock.ts';

/**
 * Asks a queued or running operation to stop. Its worker stops at the next safe point, undoes what was done and sets the
 * state to cancelled. Asking twice is the same as asking once. Throws OPERATION_NOT_FOUND, OPERATION_STATE_CONFLICT.
 */
export async function cancelOperation(ctx: Context, id: string): Promise<Operation> {
  await ctx.control.db.transaction().execute(async (tx) => {
    const row = await lockOperation(tx, id);
    if (row.state === 'cancelling') return;
    if (row.state !== 'queued' && row.state !== 'running') {
      throw new TenantryError('OPERATION_STATE_CONFLICT', `The operation has ${row.state} already.`);
    }
    if (row.kind === 'tenant.purge') {
      throw new TenantryError(
        'OPERATION_STATE_CONFLICT',
        'A purge that has been asked for cannot be taken back.',
      );
    }
    const next = await tx
      .updateTable('operations')
      .set({ state: 'cancelling' })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, ctx, {
      action: 'operation.cancel',
      target: { kind: 'operation', id },
      tenantId: row.tenant_id,
      before: { state: row.state },
      after: { state: next.state },
    });
    await announceOperation(tx, next);
  });
  return getOperation(ctx, id);
}
