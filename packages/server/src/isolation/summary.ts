import { sql } from 'kysely';
import {
  isolationParts,
  type AttackTotals,
  type FaultTotals,
  type IsolationPart,
  type IsolationPartStatus,
  type IsolationSummary,
  type OperationState,
} from '@tenantry/contract';
import type { IsolationContext } from './context.ts';
import { milliseconds } from '../operations/rows.ts';
import { readStanding, sumOf, type Standing } from './standing.ts';

interface LastRun {
  readonly part: IsolationPart;
  readonly run: string;
  readonly state: OperationState;
  readonly queued_at: Date;
  readonly finished_at: Date | null;
}

/** Whether tenants are isolated, since when, and how it is known. */
export async function getIsolation(ctx: IsolationContext): Promise<IsolationSummary> {
  const now = ctx.clock();
  const { db } = ctx.control;
  const [standing, told, last, attacks, faults] = await Promise.all([
    readStanding(db, ctx.isolation, now),
    db.selectFrom('isolation_verdict').select(['verdict', 'since']).executeTakeFirstOrThrow(),
    lastRuns(ctx),
    lastTotals<AttackTotals>(ctx, 'probes'),
    lastTotals<FaultTotals>(ctx, 'faults'),
  ]);
  return {
    verdict: standing.verdict,
    // The verdict of this moment may not have been written down yet.
    since: (told.verdict === standing.verdict ? told.since : now).toISOString(),
    reasons: reasonsOf(standing),
    findings: { open: sumOf(standing.cells, 'open'), accepted: sumOf(standing.cells, 'accepted') },
    parts: isolationParts.map((part) => partOf(ctx, part, standing, last.get(part))),
    attacks,
    faults,
    tenants: {
      registered: standing.cells.reduce((sum, { registered }) => sum + registered, 0),
      covered: standing.cells.reduce((sum, { covered }) => sum + covered, 0),
    },
    cells: standing.cells.map(({ name, verdict, open, registered, covered, parts }) => ({
      cell: name,
      verdict,
      openFindings: Object.values(open).reduce((sum, n) => sum + n, 0),
      tenants: { registered, covered },
      lastAuditAt: parts.find(({ part }) => part === 'audit')?.lastGoodAt?.toISOString() ?? null,
    })),
    asOf: now.toISOString(),
  };
}

/** Why it is not verified, in sentences; empty where it is. */
export function reasonsOf({ cells }: Standing): string[] {
  return cells.flatMap(({ name, verdict, open, parts }) => {
    const count = Object.values(open).reduce((sum, n) => sum + n, 0);
    const worst = Object.entries(open).find(([, n]) => n > 0)?.[0];
    const late = parts.filter(({ late: is }) => is).map(({ part }) => part);
    const never = parts.filter(({ part, lastGoodAt }) => part !== 'faults' && lastGoodAt === null);
    return [
      ...(verdict === 'failing'
        ? [
            `${count} ${count === 1 ? 'finding is' : 'findings are'} open on the cell ${name}, the worst ${worst}.`,
          ]
        : []),
      ...(late.length > 0 ? [`On the cell ${name} nobody has looked in time: ${late.join(', ')}.`] : []),
      ...(never.length > 0
        ? [
            `On the cell ${name} these have never come to an end: ${never.map(({ part }) => part).join(', ')}.`,
          ]
        : []),
    ];
  });
}

function partOf(
  { isolation }: IsolationContext,
  part: IsolationPart,
  { cells }: Standing,
  last: LastRun | undefined,
): IsolationPartStatus {
  const own = cells.flatMap(({ parts }) => parts.filter((each) => each.part === part));
  const goods = own.map(({ lastGoodAt }) => lastGoodAt);
  // Of all cells the one that is longest ago; null where one has never been looked at.
  const good = goods.includes(null) ? null : new Date(Math.min(...goods.map((at) => at!.getTime())));
  const every = isolation.every[part];
  // Of all cells the one whose turn is first.
  const due = own.flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt.getTime()]));
  return {
    part,
    every: every === 0 ? null : every,
    lastRun: last
      ? {
          run: last.run,
          state: last.state === 'cancelling' ? 'running' : last.state,
          finishedAt: last.finished_at?.toISOString() ?? null,
          ms: milliseconds(last.queued_at, last.finished_at),
        }
      : null,
    lastGoodAt: good?.toISOString() ?? null,
    nextDueAt: due.length === 0 ? null : new Date(Math.min(...due)).toISOString(),
    late: own.some(({ late }) => late),
  };
}

async function lastRuns({ control }: IsolationContext): Promise<ReadonlyMap<IsolationPart, LastRun>> {
  const { rows } = await sql<LastRun>`
    SELECT x.part, l.* FROM unnest(${[...isolationParts]}::text[]) AS x (part)
     CROSS JOIN LATERAL (
       SELECT r.id AS run, o.state, o.queued_at, o.finished_at
         FROM tenantry.isolation_runs r JOIN tenantry.operations o ON o.id = r.operation_id
        WHERE x.part = ANY (r.parts) ORDER BY r.created_at DESC, r.id DESC LIMIT 1) l`.execute(control.db);
  return new Map(rows.map((row) => [row.part, row]));
}

/** Of the last run that came to an end, over its cells. */
async function lastTotals<T extends AttackTotals | FaultTotals>(
  { control }: IsolationContext,
  part: 'probes' | 'faults',
): Promise<(T & { readonly run: string; readonly at: string }) | null> {
  const row = await control.db
    .selectFrom('isolation_results')
    .select(['run_id', 'finished_at', part === 'probes' ? 'attacks as totals' : 'faults as totals'])
    .where('part', '=', part)
    .where('state', '=', 'succeeded')
    .orderBy('finished_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row?.totals) return null;
  return { ...(row.totals as unknown as T), run: row.run_id, at: row.finished_at.toISOString() };
}
