import type { IsolationPart, IsolationRunStarted, RunTrigger, StartIsolationRun } from '@tenantry/contract';
import { randomBase32 } from '@tenantry/tenancy';
import { recordAll } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { isUniqueViolation } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import { operationEvent } from '../operations/announce.ts';
import { createOperation, type Idempotency } from '../operations/create.ts';
import { getOperation } from '../operations/get.ts';
import { findByIdempotency } from '../operations/idempotency.ts';
import type { OperationRecord } from '../operations/rows.ts';
import { partsOfCells, stepsOf } from './parts.ts';
import { getRunRow, toRun } from './rows.ts';
import type { RunInput } from './run-input.ts';

/** What is to be run, and why. */
export interface NewRun {
  readonly cells: readonly string[];
  readonly parts: readonly IsolationPart[];
  readonly trigger: RunTrigger;
  readonly idempotency?: Idempotency | undefined;
}

/**
 * Asks for a run now. Throws CELL_NOT_FOUND, IDEMPOTENCY_KEY_REUSED.
 *
 * ```ts
 * const { operation } = await startIsolationRun(ctx, { parts: ['audit'] });
 * ```
 */
export async function startIsolationRun(
  ctx: Context,
  input: StartIsolationRun,
  idempotency?: Idempotency,
): Promise<IsolationRunStarted & { readonly replayed: boolean }> {
  const earlier = await findByIdempotency(ctx, idempotency);
  if (earlier) return replay(ctx, earlier);
  const cells = await cellsOf(ctx, input.cell);
  const parts = input.parts ?? partsOfCells;
  try {
    const id = await ctx.control.db.transaction().execute(async (tx) => {
      const { run, operation } = await insertRun(tx, ctx, { cells, parts, trigger: 'request', idempotency });
      const entry = {
        action: 'isolation.run',
        target: { kind: 'isolation-run', id: run },
        after: { parts, cell: input.cell ?? null, operation: operation.id },
        reason: input.reason,
      };
      await recordAll(tx, ctx, [entry], [operationEvent(operation)]);
      return operation.id;
    });
    ctx.events.wake();
    return { ...(await startedOf(ctx, id)), replayed: false };
  } catch (error) {
    if (!isUniqueViolation(error, 'operations_idempotency_idx')) throw error;
    // Two requests with one key at the same moment: the second gets what the first started.
    const winner = await findByIdempotency(ctx, idempotency);
    if (!winner) throw error;
    return replay(ctx, winner);
  }
}

/** Writes a run with its operation, and puts it on the queue, in the caller's transaction. */
export async function insertRun(
  tx: Tx,
  ctx: Context,
  { cells, parts, trigger, idempotency }: NewRun,
): Promise<{ readonly run: string; readonly operation: OperationRecord }> {
  const run = `ir_${randomBase32(16)}`;
  const input: RunInput = { run, parts, cells };
  const { operation } = await createOperation(tx, ctx, {
    kind: 'isolation.run',
    steps: stepsOf(parts),
    tenantId: null,
    tenantSlug: null,
    input: { ...input },
    idempotency,
  });
  await tx
    .insertInto('isolation_runs')
    .values({
      id: run,
      operation_id: operation.id,
      cell_ids: [...cells],
      parts: [...parts],
      trigger,
      clean: null,
      created_at: operation.created_at,
    })
    .execute();
  await ctx.jobs.enqueueOperation(tx, operation.id, operation.attempt, operation.kind);
  return { run, operation };
}

async function replay(
  ctx: Context,
  earlier: OperationRecord,
): Promise<IsolationRunStarted & { readonly replayed: boolean }> {
  return { ...(await startedOf(ctx, earlier.id)), replayed: true };
}

async function startedOf(ctx: Context, operationId: string): Promise<IsolationRunStarted> {
  const [operation, row] = await Promise.all([
    getOperation(ctx, operationId),
    getRunRow(ctx.control.db, { operation_id: operationId }),
  ]);
  return { operation, run: toRun(row) };
}

async function cellsOf(ctx: Context, name: string | undefined): Promise<readonly string[]> {
  let query = ctx.control.db.selectFrom('cells').select('id').orderBy('is_default', 'desc').orderBy('name');
  if (name !== undefined) query = query.where('name', '=', name);
  const rows = await query.execute();
  if (rows.length === 0) {
    throw new TenantryError(
      'CELL_NOT_FOUND',
      `There is no cell "${name ?? 'default'}". "tenantry cell list" shows those there are.`,
    );
  }
  return rows.map(({ id }) => id);
}
