import type { OperationKind } from '@tenantry/contract';
import { randomBase32 } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { isUniqueViolation } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import type { StepPlan } from './definition.ts';
import type { OperationRecord, StepRecord } from './rows.ts';

export interface NewOperation {
  readonly kind: OperationKind;
  readonly steps: readonly StepPlan[];
  /** Null where it is about no tenant. */
  readonly tenantId: string | null;
  readonly tenantSlug: string | null;
  readonly input: Readonly<Record<string, unknown>>;
  readonly idempotency?: Idempotency | undefined;
  /** Every step is done already: the operation is a record of it, and no worker is needed. */
  readonly done?: { readonly startedAt: Date; readonly detail: Readonly<Record<string, unknown>> };
}

/** The caller's Idempotency-Key and a hash of what came with it. */
export interface Idempotency {
  readonly key: string;
  readonly requestHash: string;
}

/**
 * Writes an operation with its steps. The caller announces it, and enqueues it unless it is done.
 * Throws TENANT_BUSY when the tenant has an unfinished one.
 */
export async function createOperation(
  tx: Tx,
  ctx: Context,
  input: NewOperation,
): Promise<{ operation: OperationRecord; steps: StepRecord[] }> {
  const id = `op_${randomBase32(16)}`;
  const now = new Date();
  const done = input.done;
  const steps = input.steps.map(({ name, title }, position): StepRecord => ({
    operation_id: id,
    position,
    name,
    title,
    state: done ? 'succeeded' : 'pending',
    started_at: done?.startedAt ?? null,
    finished_at: done ? now : null,
    detail: done?.detail ?? null,
    error: null,
  }));
  const rows = steps.map((step) => ({
    ...step,
    detail: step.detail && JSON.stringify(step.detail),
    error: null,
  }));
  try {
    // One statement: the foreign key between the two is checked at its end.
    const operation = await tx
      .with('planned', (db) => db.insertInto('operation_steps').values(rows))
      .insertInto('operations')
      .values({
        id,
        kind: input.kind,
        state: done ? 'succeeded' : 'queued',
        tenant_id: input.tenantId,
        tenant_slug: input.tenantSlug,
        input: JSON.stringify(input.input),
        actor: JSON.stringify(ctx.actor),
        request_id: ctx.requestId,
        idempotency_key: input.idempotency?.key ?? null,
        request_hash: input.idempotency?.requestHash ?? null,
        ...(done
          ? {
              created_at: done.startedAt,
              queued_at: done.startedAt,
              started_at: done.startedAt,
              finished_at: now,
            }
          : {}),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { operation, steps };
  } catch (error) {
    if (isUniqueViolation(error, 'operations_one_per_tenant_idx')) throw new TenantryError('TENANT_BUSY');
    throw error;
  }
}
