import type { PurgeTenant, TenantOperation } from '@tenantry/contract';
import { record, type AuditEntry } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { isUniqueViolation } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import { announceOperation } from '../operations/announce.ts';
import { isIdle } from '../operations/busy.ts';
import { createOperation, type Idempotency } from '../operations/create.ts';
import type { OperationDefinition, StepContext } from '../operations/definition.ts';
import { findByIdempotency } from '../operations/idempotency.ts';
import { onBehalfOf } from '../operations/on-behalf-of.ts';
import { toOperation, type OperationRecord } from '../operations/rows.ts';
import { changeTenant } from './change.ts';
import { lockTenant } from './find.ts';
import { replay, type Replayable } from './replay.ts';
import { selectTenants, toTenant, type TenantRecord } from './rows.ts';
import { dropSchema } from './schema/drop.ts';
import { checkMove } from './states.ts';

const purgeSteps = [
  { name: 'drop', title: 'End connections; drop schema, large objects and roles' },
  { name: 'forget', title: 'Mark the tenant as deleted' },
] as const;

/**
 * Starts the purge of a deleted tenant. `confirm` must be its slug or id; before the end of the grace period it also needs
 * `force`. Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT, CONFIRMATION_REQUIRED, GRACE_PERIOD, TENANT_BUSY, IDEMPOTENCY_KEY_REUSED.
 */
export async function purgeTenant(
  ctx: Context,
  ref: string,
  input: PurgeTenant,
  idempotency?: Idempotency,
): Promise<Replayable<TenantOperation>> {
  const earlier = await findByIdempotency(ctx, idempotency);
  if (earlier) return replay(ctx, earlier);
  try {
    const result = await ctx.control.db.transaction().execute(async (tx) => {
      const row = await lockTenant(tx, ctx, ref);
      // Whoever came with the same key for this tenant at the same moment has had the lock before.
      const winner = await findByIdempotency(ctx, idempotency);
      if (winner) return replay(ctx, winner);
      checkPurge(ctx, row, input);
      const options = { releaseSlug: input.releaseSlug === true, reason: input.reason ?? null };
      return { ...(await startPurge(tx, ctx, row, options, idempotency)), replayed: false };
    });
    ctx.jobs.startSoon();
    return result;
  } catch (error) {
    if (!isUniqueViolation(error, 'operations_idempotency_idx')) throw error;
    // Whoever came with the same key for something else at the same moment had another lock, and was faster.
    const winner = await findByIdempotency(ctx, idempotency);
    if (!winner) throw error;
    return replay(ctx, winner);
  }
}

/** Starts the purge of every tenant whose grace period has ended. Gives how many. */
export async function purgeDue(ctx: Context): Promise<number> {
  const due = await ctx.control.db
    .selectFrom('tenants')
    .select('id')
    .where('state', '=', 'deleting')
    .where('purge_after', '<=', ctx.clock())
    .where(isIdle)
    .execute();
  for (const { id } of due) {
    await ctx.control.db.transaction().execute(async (tx) => {
      const row = await lockTenant(tx, ctx, id);
      if (row.state !== 'deleting') return;
      await startPurge(tx, ctx, row, { releaseSlug: false, reason: 'The grace period has ended' });
    });
    ctx.jobs.startSoon();
  }
  return due.length;
}

function checkPurge(ctx: Context, row: TenantRecord, input: PurgeTenant): void {
  checkMove(row.state, 'deleted');
  if (input.confirm !== row.slug && input.confirm !== row.id) {
    throw new TenantryError(
      'CONFIRMATION_REQUIRED',
      'A purge cannot be undone: send the slug of the tenant as "confirm".',
    );
  }
  if (input.force !== true && row.purge_after && row.purge_after > ctx.clock()) {
    throw new TenantryError(
      'GRACE_PERIOD',
      `The tenant can be brought back until ${row.purge_after.toISOString()}. Send "force" to purge it now.`,
    );
  }
}

async function startPurge(
  tx: Tx,
  ctx: Context,
  row: TenantRecord,
  input: { readonly releaseSlug: boolean; readonly reason: string | null },
  idempotency?: Idempotency,
): Promise<TenantOperation> {
  const { operation, steps } = await createOperation(tx, ctx, {
    kind: 'tenant.purge',
    steps: purgeSteps,
    tenantId: row.id,
    tenantSlug: row.slug,
    input: { ...input, purgeAfter: row.purge_after?.toISOString() ?? null },
    idempotency,
  });
  await ctx.jobs.enqueueOperation(tx, operation.id);
  await record(tx, ctx, {
    action: 'tenant.purge-requested',
    target: { kind: 'tenant', id: row.id },
    tenantId: row.id,
    before: toTenant(row),
    reason: input.reason,
  });
  await announceOperation(tx, operation);
  return { operation: toOperation(operation, steps), tenant: toTenant(row) };
}

/** Purging only goes forward: a failure keeps the tenant deleting, shut out as it is, and a retry goes on. */
export const purgeOperation: OperationDefinition = {
  kind: 'tenant.purge',
  permission: 'tenants:purge',
  steps: purgeSteps,
  rollback: {
    name: 'keep',
    title: 'Keep the tenant shut out until a retry',
    run: () => Promise.resolve(undefined),
  },
  async run(_step, context) {
    const row = await subject(context);
    const { existed } = await dropSchema(await context.ctx.cells.get(row.cell_id), row.schema_name);
    return { existed };
  },
  async succeed(tx, context) {
    const input = context.operation.input as {
      readonly releaseSlug?: boolean;
      readonly reason?: string | null;
    };
    // Locked before anything is written: a change of the tenant meanwhile would have the same version as this one.
    const row = await selectTenants(tx)
      .where('tenants.id', '=', context.operation.tenant_id)
      .forUpdate('tenants')
      .executeTakeFirstOrThrow();
    const ctx = onBehalfOf(context.ctx, context.operation);
    const now = ctx.clock();
    const set = {
      state: 'deleted' as const,
      purge_after: null,
      purged_at: now,
      ...(input.releaseSlug ? { slug: null } : {}),
    };
    await tx.deleteFrom('tenant_domains').where('tenant_id', '=', row.id).execute();
    await tx
      .updateTable('api_keys')
      .set({ revoked_at: now })
      .where('tenant_id', '=', row.id)
      .where('revoked_at', 'is', null)
      .execute();
    await changeTenant(tx, ctx, row, 'tenant.purge', set, input.reason ?? undefined);
    return { ctx, entries: [], events: [] };
  },
  async fail(_tx, context, failure) {
    const { operation } = context;
    const id = operation.tenant_id ?? '';
    const entry: AuditEntry = {
      action: 'tenant.purge',
      target: { kind: 'tenant', id },
      tenantId: id,
      outcome: 'failure',
      after: { operation: operation.id, error: failure.error },
    };
    return { ctx: onBehalfOf(context.ctx, operation), entries: [entry], events: [] };
  },
  async retry(tx, ctx, operation) {
    const row = await lockTenant(tx, ctx, operation.tenant_id ?? '');
    refuseOtherDeletion(row, operation);
    return { tenantId: row.id };
  },
};

/**
 * The tenant may have been brought back since: what is in use again must not be dropped. Deleted anew, it has a grace period
 * that nobody has been asked about; each deletion is told by the end of its own.
 */
function refuseOtherDeletion(row: TenantRecord, operation: OperationRecord): void {
  checkMove(row.state, 'deleted');
  const { purgeAfter } = operation.input as { readonly purgeAfter?: string | null };
  if (purgeAfter === (row.purge_after?.toISOString() ?? null)) return;
  throw new TenantryError(
    'TENANT_STATE_CONFLICT',
    'The tenant was brought back and deleted again since this purge was asked for. Ask for a new purge.',
  );
}

async function subject(context: StepContext): Promise<TenantRecord> {
  return selectTenants(context.ctx.control.db)
    .where('tenants.id', '=', context.operation.tenant_id)
    .executeTakeFirstOrThrow();
}
