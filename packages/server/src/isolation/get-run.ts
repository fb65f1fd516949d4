import { residualRisks } from '@tenantry/isolation';
import { sql, type Selectable } from 'kysely';
import type { IsolationRunDetail, RunPart } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import type { IsolationResultRow } from '../db/types.ts';
import { entryOf } from './catalogue.ts';
import type { PartDetail } from './record-part.ts';
import { getRunRow, toRun } from './rows.ts';

type ResultRecord = Selectable<IsolationResultRow> & { readonly cell_name: string };

/** A run with all that it looked at. Throws RUN_NOT_FOUND. */
export async function getIsolationRun(ctx: Context, id: string): Promise<IsolationRunDetail> {
  const [row, results] = await Promise.all([
    getRunRow(ctx.control.db, { id }),
    ctx.control.db
      .selectFrom('isolation_results')
      .innerJoin('cells', 'cells.id', 'isolation_results.cell_id')
      .selectAll('isolation_results')
      .select('cells.name as cell_name')
      .where('run_id', '=', id)
      .orderBy('cells.is_default', 'desc')
      .orderBy('cells.name')
      .orderBy(sql`array_position(ARRAY['audit', 'oracle', 'probes', 'faults'], isolation_results.part)`)
      .execute(),
  ]);
  const details = results.map((result) => ({
    part: result.part,
    cell: result.cell_name,
    detail: (result.detail ?? {}) as PartDetail,
  }));
  return {
    ...toRun(row),
    detailed: results.every(({ detail }) => detail !== null),
    results: results.map(toResult),
    checks: details.flatMap(({ part, cell, detail }) =>
      (detail.checks ?? []).map(({ check, findings }) => ({
        cell,
        part,
        check,
        title: entryOf(check)?.title ?? check,
        state: findings === 0 ? ('passed' as const) : ('failed' as const),
        findings,
      })),
    ),
    matrix: details.flatMap(({ cell, detail }) =>
      (detail.attacks ?? []).map((attack) => Object.assign({ cell }, attack)),
    ),
    positiveControls: details.flatMap(({ cell, detail }) =>
      (detail.controls ?? []).map((control) => Object.assign({ cell }, control)),
    ),
    missedFaults: details.flatMap(({ detail }) => detail.missed ?? []),
    skippedFaults: details.flatMap(({ detail }) => detail.skipped ?? []),
    residualRisks: row.parts.includes('probes')
      ? residualRisks.map(({ id: risk, title, statement, reducedBy }) => ({
          id: risk,
          title,
          statement,
          reducedBy,
        }))
      : [],
  };
}

function toResult(row: ResultRecord): RunPart {
  return {
    part: row.part,
    cell: row.cell_name,
    state: row.state,
    error: row.error,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at.toISOString(),
    ms: row.finished_at.getTime() - row.started_at.getTime(),
    findings: row.seen,
    tenants: row.tenants,
    server: row.server as RunPart['server'],
    notes: row.notes,
  };
}
