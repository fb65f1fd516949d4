import {
  catalogChecks,
  oracleChecks,
  type AttackResult,
  type Check,
  type ControlResult,
  type Finding as PlainFinding,
  type RunResult,
} from '@tenantry/isolation';
import type { Client, Finding, IsolationRunDetail, RunAttack } from '@tenantry/contract';

export { problemsOf, render } from '@tenantry/isolation';

const checks: ReadonlyMap<string, Check> = new Map(
  [...catalogChecks, ...oracleChecks].map((check) => [check.id, check]),
);

/** A run of the control plane in the form that every report is made of; several cells are one report. */
export async function resultOf(client: Client, id: string): Promise<RunResult> {
  const run = await client.call('getIsolationRun', { params: { run: id } });
  const seen = await findingsOf(client, run);
  const plain = (state: Finding['state']) =>
    seen.filter((finding) => finding.state === state && checks.has(finding.check)).map(toPlain);
  const accepted = new Set(seen.flatMap(({ state, subject }) => (state === 'accepted' ? [subject] : [])));
  const [first] = run.results;
  return {
    tool: { name: 'tenantry-isolation', version: first?.server?.version ?? '' },
    startedAt: run.startedAt ?? run.createdAt,
    finishedAt: run.finishedAt ?? run.createdAt,
    server: first?.server ?? { version: '', systemIdentifier: null, database: '', role: '' },
    population: { tenants: run.tenants, registered: null },
    checks: run.checks.flatMap(({ check, findings }) => {
      const known = checks.get(check);
      if (known === undefined) return [];
      return [{ check: known, status: findings === 0 ? 'passed' : 'failed', findings, accepted: 0 } as const];
    }),
    findings: plain('open'),
    accepted: plain('accepted'),
    attacks: run.matrix.map((attack) => toAttack(attack, accepted)),
    controls: run.positiveControls.filter(
      ({ control }) => !accepted.has(`control ${control}`),
    ) as ControlResult[],
    residualRisks: run.residualRisks,
    faults: run.faults && {
      total: run.faults.total,
      found: run.faults.found,
      foundByOracle: run.faults.foundByOracle,
      missed: run.missedFaults.filter(({ id: fault }) => !accepted.has(`fault ${fault}`)),
      skipped: run.skippedFaults,
    },
    notes: run.results.flatMap(({ notes, cell, error }) =>
      error === null ? notes : notes.concat(`${cell}: ${error}`),
    ),
  };
}

/** What the run has seen; a later one may have seen it again meanwhile. */
async function findingsOf(client: Client, run: IsolationRunDetail): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof client.call<'listFindings'>>> = await client.call('listFindings', {
      query: { limit: 100, ...(cursor === null ? {} : { cursor }) },
    });
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const since = run.startedAt ?? run.createdAt;
  return all.filter(({ lastSeenAt, cell, check }) => {
    const own = run.checks.some((each) => each.check === check) || !checks.has(check);
    return own && run.cells.includes(cell) && lastSeenAt >= since;
  });
}

function toPlain({
  check,
  subject,
  tenantId,
  severity,
  message,
  evidence,
  remediation,
}: Finding): PlainFinding {
  return { check, subject, tenant: tenantId, severity, message, evidence, remediation };
}

function toAttack(attack: RunAttack, accepted: ReadonlySet<string>): AttackResult {
  const { actual, ms, cell: _, kind, ...rest } = attack;
  const isAccepted = accepted.has(`${attack.attack} over ${attack.target}`);
  return {
    ...rest,
    // In a report the API is a way to tenants as lanes are.
    kind: kind === 'http' ? 'lane' : kind,
    ...(isAccepted ? { verdict: 'skipped', message: 'Accepted as a finding.' } : {}),
    state: actual,
    tookMs: ms,
  } as AttackResult;
}
