import type { Operation, Permission } from '@tenantry/contract';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { announceOperation } from './announce.ts';
import type { OperationDefinitions } from './definition.ts';
import { refuseWhileBusy } from './busy.ts';
import { getOperation } from './get.ts';
import { lockOperation } from './lock.ts';
import { retriedBy } from './on-behalf-of.ts';

/**
 * Runs a failed or cancelled operation again from its first step. `held` is what the caller may do: running something
 * again takes what starting it takes. Throws OPERATION_NOT_FOUND, FORBIDDEN, OPERATION_STATE_CONFLICT, and what taking its
 * things again may meet, as SLUG_TAKEN.
 */
export async function retryOperation(
  ctx: Context,
  definitions: OperationDefinitions,
  id: string,
  held: readonly Permission[],
): Promise<Operation> {
  await ctx.control.db.transaction().execute(async (tx) => {
    const row = await lockOperation(tx, id);
    const definition = definitions[row.kind];
    if (!held.includes(definition.permission)) {
      throw new TenantryError(
        'FORBIDDEN',
        `To run a ${row.kind} again takes the permission ${definition.permission}, as starting one does. Ask somebody who has it.`,
      );
    }
    if (row.state !== 'failed' && row.state !== 'cancelled') {
      throw new TenantryError(
        'OPERATION_STATE_CONFLICT',
        `Only a failed or cancelled operation can be retried; this one is ${row.state}.`,
      );
    }
    const { tenantId } = await definition.retry(tx, ctx, row);
    // One unfinished operation a tenant: another may have been started since this one ended.
    if (tenantId !== null) await refuseWhileBusy(tx, tenantId);
    const next = await tx
      .updateTable('operations')
      .set((eb) => ({
        state: 'queued',
        tenant_id: tenantId,
        attempt: eb('attempt', '+', 1),
        error: null,
        input: JSON.stringify(retriedBy(ctx, row.input)),
        queued_at: ctx.clock(),
        started_at: null,
        finished_at: null,
      }))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await tx.deleteFrom('operation_steps').where('operation_id', '=', id).execute();
    await tx
      .insertInto('operation_steps')
      .values(
        (definition.plan?.(row.input) ?? definition.steps).map(({ name, title }, position) => ({
          operation_id: id,
          position,
          name,
          title,
          state: 'pending' as const,
        })),
      )
      .execute();
    await ctx.jobs.enqueueOperation(tx, id, next.attempt, row.kind);
    await record(tx, ctx, {
      action: 'operation.retry',
      target: { kind: 'operation', id },
      tenantId,
      before: { state: row.state, error: row.error },
      after: { state: next.state, attempt: next.attempt },
    });
    await announceOperation(tx, next);
  });
  ctx.jobs.startSoon();
  return getOperation(ctx, id);
}
