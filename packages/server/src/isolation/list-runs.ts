import { sql } from 'kysely';
import type { IsolationRunPage, ListIsolationRuns, OperationState } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { countLimit, decodeCursor, readPage, toPage } from '../db/page.ts';
import { selectRuns, toRun } from './rows.ts';

/** A page of runs, newest first. Throws CURSOR_INVALID. */
export async function listIsolationRuns(ctx: Context, input: ListIsolationRuns): Promise<IsolationRunPage> {
  const limit = input.limit ?? 50;
  let query = selectRuns(ctx.control.db);
  if (input.part !== undefined) query = query.where(sql<boolean>`${input.part} = ANY (isolation_runs.parts)`);
  if (input.trigger !== undefined) query = query.where('isolation_runs.trigger', '=', input.trigger);
  if (input.state !== undefined) {
    const states: readonly OperationState[] =
      input.state === 'running' ? ['running', 'cancelling'] : [input.state];
    query = query.where('operations.state', 'in', states);
  }
  if (input.cell !== undefined) {
    query = query.where(
      sql<boolean>`isolation_runs.cell_ids && ARRAY(SELECT id FROM tenantry.cells WHERE name = ${input.cell})`,
    );
  }
  const counted = await ctx.control.db
    .selectFrom(query.clearSelect().select('isolation_runs.id').limit(countLimit).as('counted'))
    .select((eb) => eb.fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow();
  let page = query
    .select(sql<string>`isolation_runs.created_at::text`.as('cursor_key'))
    .orderBy('isolation_runs.created_at', 'desc')
    .orderBy('isolation_runs.id', 'desc')
    .limit(limit + 1);
  if (input.cursor !== undefined) {
    const { key, id } = decodeCursor('isolation-runs', input.cursor);
    page = page.where(
      sql<boolean>`(isolation_runs.created_at, isolation_runs.id) < (${key}::timestamptz, ${id})`,
    );
  }
  const rows = await readPage(input.cursor, () => page.execute());
  return toPage(rows, limit, Number(counted.total), 'isolation-runs', toRun, (row) => ({
    key: row.cursor_key,
    id: row.id,
  }));
}
