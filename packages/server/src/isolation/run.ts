import type { IsolationPart } from '@tenantry/contract';
import { isConnectionError } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import type { OperationDefinition, StepContext } from '../operations/definition.ts';
import { onBehalfOf } from '../operations/on-behalf-of.ts';
import type { IsolationContext } from './context.ts';
import { whileAlone } from './cell-lock.ts';
import { stepsOf } from './parts.ts';
import type { PartOutcome } from './part-outcome.ts';
import { recordFailure, recordPart, type RecordedPart } from './record-part.ts';
import { runCatalogs } from './run-catalogs.ts';
import { runFaults } from './run-faults.ts';
import { removeHttpCanaries } from './http-canaries.ts';
import type { RunInput } from './run-input.ts';
import { runProbes } from './run-probes.ts';
import { sweepCell } from './sweep.ts';
import { settleVerdict } from './verdict.ts';

/**
 * A run: each part on each cell, the result of each written down as soon as it is there. A cell that cannot be looked at fails the run in the
 * end, and keeps no other from being looked at. What a crash cuts off is run again; what it left is removed by the next run, or the sweep.
 */
export const runOperation: OperationDefinition = {
  kind: 'isolation.run',
  permission: 'isolation:write',
  steps: stepsOf(['audit', 'oracle', 'probes', 'faults']),
  plan: (input) => stepsOf((input as unknown as RunInput).parts),
  rollback: { name: 'sweep', title: 'Remove what the run had made', run: sweep },
  run: (step, context) => runPart(step as IsolationPart, context),
  async succeed(tx, context) {
    const { run } = inputOf(context);
    const ctx = onBehalfOf(context.ctx, context.operation);
    // What the parts have found is committed already; so is the verdict, apart from this transaction.
    await settleVerdict(context.ctx as IsolationContext);
    const { seen } = await tx
      .selectFrom('isolation_findings')
      .select((eb) => eb.fn.countAll<string>().as('seen'))
      .where('last_run', '=', run)
      // An acceptance may have ended while the run was under way.
      .where((eb) => eb.or([eb('state', '=', 'open'), eb('accepted_until', '<=', ctx.clock())]))
      .where('state', '<>', 'resolved')
      .executeTakeFirstOrThrow();
    const clean = Number(seen) === 0;
    await tx.updateTable('isolation_runs').set({ clean }).where('id', '=', run).execute();
    return { ctx, entries: [], events: [] };
  },
  fail: (_tx, { ctx, operation }) =>
    Promise.resolve({ ctx: onBehalfOf(ctx, operation), entries: [], events: [] }),
  async retry(tx, _ctx, operation) {
    const { run } = operation.input as unknown as RunInput;
    await tx.deleteFrom('isolation_results').where('run_id', '=', run).execute();
    return { tenantId: null };
  },
};

function inputOf({ operation }: StepContext): RunInput {
  return operation.input as unknown as RunInput;
}

async function runPart(
  part: IsolationPart,
  context: StepContext,
): Promise<Readonly<Record<string, unknown>>> {
  const { ctx, signal } = context;
  const { cells, run } = inputOf(context);
  const sum = { cells: 0, findings: 0, opened: 0, resolved: 0 };
  const failures: { readonly cell: string; readonly error: unknown }[] = [];
  // A copy stands for all of them.
  for (const id of part === 'faults' ? cells.slice(0, 1) : cells) {
    const startedAt = new Date();
    try {
      const recorded = await runOnCell(part, context, id, startedAt);
      sum.cells += 1;
      sum.findings += recorded.seen;
      sum.opened += recorded.opened;
      sum.resolved += recorded.resolved;
    } catch (error) {
      signal.throwIfAborted();
      ctx.log.warn({ err: error, cell: id, part }, 'A cell could not be verified');
      const where = { runId: run, cellId: id, part, startedAt, finishedAt: new Date() };
      await ctx.control.db.transaction().execute((tx) => recordFailure(tx, where, textOf(error)));
      failures.push({ cell: id, error });
    }
  }
  const [first] = failures;
  if (first !== undefined) {
    throw new TenantryError(
      'ISOLATION_RUN_FAILED',
      // Without the cause, which may be that a cell is away: not the control plane's own trouble, for which a queue would try again.
      `${failures.length} of ${failures.length + sum.cells} cells could not be looked at. The first: ${textOf(first.error)}`,
    );
  }
  return sum;
}

async function runOnCell(
  part: IsolationPart,
  context: StepContext,
  cellId: string,
  startedAt: Date,
): Promise<RecordedPart> {
  const { ctx, signal } = context;
  const outcome = await outcomeOf(part, context, cellId);
  signal.throwIfAborted();
  const where = { runId: inputOf(context).run, cellId, part, startedAt, finishedAt: new Date() };
  const recorded = await ctx.control.db
    .transaction()
    .execute((tx) => recordPart(tx, { ...where, ...outcome }));
  ctx.events.wake();
  return recorded;
}

async function outcomeOf(part: IsolationPart, context: StepContext, cellId: string): Promise<PartOutcome> {
  const { ctx, signal } = context;
  if (part === 'faults') return runFaults(context);
  const cell = await ctx.cells.get(cellId);
  return whileAlone(ctx, cellId, signal, () =>
    part === 'probes' ? runProbes(context, cell) : runCatalogs(context, cell, part),
  );
}

async function sweep(context: StepContext): Promise<Readonly<Record<string, unknown>>> {
  const removed: string[] = [];
  await removeHttpCanaries(context.ctx.control.db, inputOf(context).run);
  for (const id of inputOf(context).cells) {
    try {
      removed.push(...(await sweepCell(context.ctx, await context.ctx.cells.get(id))));
    } catch (error) {
      // A cell that is away is swept when it is back: by the maintenance, and by the next run.
      context.ctx.log.warn({ err: error, cell: id }, 'A cell could not be swept of canaries');
    }
  }
  return { removed };
}

/** For whoever reads the run: what PostgreSQL said, which holds no secret of ours, or a sentence of our own. */
function textOf(error: unknown): string {
  if (error instanceof TenantryError) return error.message;
  if (isConnectionError(error)) return 'The cell cannot be reached. It is tried again by the schedule.';
  return error instanceof Error ? error.message : String(error);
}
