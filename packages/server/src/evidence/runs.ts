import type { IsolationPart } from '@tenantry/contract';
import { attacks, catalogChecks, oracleChecks, type AttackResult, type Check } from '@tenantry/isolation';
import type { StoredRun } from '@tenantry/isolation/evidence';
import { sql } from 'kysely';
import type { Context } from '../db/context.ts';
import type { PartDetail } from '../isolation/record-part.ts';

type RunResult = StoredRun['result'];

interface Row {
  readonly run_id: string;
  readonly cell: string;
  readonly part: IsolationPart;
  readonly trigger: string;
  readonly actor: { readonly kind: string; readonly name: string };
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly tenants: number;
  readonly server: RunResult['server'];
  readonly notes: readonly string[];
  readonly faults: {
    readonly total: number;
    readonly found: number;
    readonly foundByOracle: number | null;
  } | null;
  readonly detail: PartDetail;
}

/** How many findings of each check are accepted, by cell and check. */
export type AcceptedCounts = ReadonlyMap<string, number>;

const triggers: Readonly<Record<string, string>> = {
  schedule: 'scheduled',
  change: 'after a change',
  request: 'on demand',
};

/** The newest finished part of each kind on each cell in the period: parts of one run on one cell are one. */
export async function readRuns(
  ctx: Context,
  period: { readonly from: string; readonly to: string },
  accepted: AcceptedCounts,
  version: string,
): Promise<readonly StoredRun[]> {
  const { rows } = await sql<Row>`
    SELECT DISTINCT ON (c.is_default, c.name, r.part)
           r.run_id, c.name AS cell, r.part, i.trigger, o.actor, r.started_at, r.finished_at, r.tenants, r.server, r.notes,
           r.faults, r.detail
      FROM tenantry.isolation_results r
      JOIN tenantry.isolation_runs i ON i.id = r.run_id
      JOIN tenantry.operations o ON o.id = i.operation_id
      JOIN tenantry.cells c ON c.id = r.cell_id
     WHERE r.state = 'succeeded' AND r.detail IS NOT NULL
       AND r.finished_at >= ${period.from}::timestamptz AND r.finished_at <= ${period.to}::timestamptz
     ORDER BY c.is_default DESC, c.name, r.part, r.finished_at DESC`.execute(ctx.control.db);
  const groups = Map.groupBy(rows, ({ run_id, cell }) => `${run_id}\0${cell}`);
  return [...groups.values()].map((parts) => toRun(parts, accepted, version));
}

const order: readonly IsolationPart[] = ['audit', 'oracle', 'probes', 'faults'];

function toRun(rows: readonly Row[], accepted: AcceptedCounts, version: string): StoredRun {
  const parts = rows.toSorted((a, b) => order.indexOf(a.part) - order.indexOf(b.part));
  const first = parts[0]!;
  const times = parts.map(({ started_at: start }) => start.getTime());
  const ends = parts.map(({ finished_at: end }) => end.getTime());
  return {
    id: first.run_id,
    cell: first.cell,
    kind: parts.map(({ part }) => part).join(', '),
    trigger: triggers[first.trigger] ?? first.trigger,
    actor: `${first.actor.name} (${first.actor.kind})`,
    result: {
      tool: { name: 'tenantry-isolation', version },
      startedAt: new Date(Math.min(...times)).toISOString(),
      finishedAt: new Date(Math.max(...ends)).toISOString(),
      server: first.server,
      population: { tenants: first.tenants, registered: null },
      checks: parts.flatMap(({ detail, cell }) => checksOf(detail, cell, accepted)),
      // Findings are kept across runs; the report takes them from there.
      findings: [],
      accepted: [],
      attacks: parts.flatMap(({ detail }) => (detail.attacks ?? []).map(toAttack)),
      controls: parts.flatMap(({ detail }) => detail.controls ?? []) as RunResult['controls'],
      residualRisks: [],
      faults: faultsOf(parts),
      notes: parts.flatMap(({ notes }) => notes),
    },
  };
}

const checks: ReadonlyMap<string, Check> = new Map(
  [...catalogChecks, ...oracleChecks].map((check) => [check.id, check]),
);

/** Checks of an older version that this one does not know any more are left out: nobody could say what they prove. */
function checksOf(
  { checks: done = [] }: PartDetail,
  cell: string,
  accepted: AcceptedCounts,
): RunResult['checks'] {
  return done.flatMap(({ check: id, findings }) => {
    const check = checks.get(id);
    if (check === undefined) return [];
    const agreed = accepted.get(`${cell}\0${id}`) ?? 0;
    const open = Math.max(0, findings - agreed);
    return [{ check, status: open === 0 ? 'passed' : 'failed', findings: open, accepted: agreed } as const];
  });
}

const families: ReadonlyMap<string, AttackResult['family']> = new Map(
  attacks.map(({ id, family }) => [id, family]),
);

function toAttack(attack: NonNullable<PartDetail['attacks']>[number]): AttackResult {
  const { actual, ms, family, level, kind, ...same } = attack;
  return {
    ...same,
    family: families.get(attack.attack) ?? (family as AttackResult['family']),
    level: level as AttackResult['level'],
    kind: kind as AttackResult['kind'],
    state: actual,
    tookMs: ms,
  };
}

function faultsOf(parts: readonly Row[]): RunResult['faults'] {
  const scored = parts.find(({ faults }) => faults !== null);
  const faults = scored?.faults ?? null;
  if (scored === undefined || faults === null) return null;
  const { total, found, foundByOracle } = faults;
  return {
    total,
    found,
    foundByOracle,
    missed: scored.detail.missed ?? [],
    skipped: scored.detail.skipped ?? [],
  };
}
