import type { IsolationSummary } from '@tenantry/contract';
import type { Datum } from './datum.ts';

/** What is known about isolation. */
export interface IsolationFacts {
  readonly summary: IsolationSummary;
  /** Checks that have been run. */
  readonly checksRun: number;
}

/** Parts without which nobody knows. Faults are injected weekly, and their lateness shows in VerificationsLate. */
const needed: ReadonlySet<string> = new Set(['audit', 'oracle', 'probes']);

/**
 * What verification has found, as values. What nobody knows has none: an alarm takes that for a failure, where a zero would say that all
 * is well.
 */
export function isolationData({ summary, checksRun }: IsolationFacts, now: Date): readonly Datum[] {
  const { findings, parts, cells, attacks, faults, tenants } = summary;
  const open = sum(findings.open);
  const goods = parts.filter(({ part }) => needed.has(part)).map(({ lastGoodAt }) => lastGoodAt);
  const isKnown = goods.every((at) => at !== null);
  return [
    ...(isKnown || open > 0 ? [{ metric: 'IsolationViolations', value: open } as const] : []),
    { metric: 'OpenCriticalFindings', value: findings.open.critical },
    { metric: 'OpenHighFindings', value: findings.open.high },
    { metric: 'OpenMediumFindings', value: findings.open.medium },
    { metric: 'OpenLowFindings', value: findings.open.low },
    { metric: 'AcceptedFindings', value: sum(findings.accepted) },
    ...(isKnown
      ? [{ metric: 'VerificationAgeSeconds', value: Math.max(...goods.map((at) => ageOf(at, now))) } as const]
      : []),
    { metric: 'VerificationsLate', value: parts.filter(({ late }) => late).length },
    { metric: 'ChecksRun', value: checksRun },
    ...(attacks
      ? ([
          { metric: 'AttacksRefused', value: attacks.refused },
          { metric: 'AttacksSucceeded', value: attacks.succeeded },
          { metric: 'ControlsMissed', value: attacks.controls.expected - attacks.controls.hit },
        ] as const)
      : []),
    ...(faults ? [{ metric: 'FaultsMissed', value: faults.total - faults.found } as const] : []),
    { metric: 'TenantsRegistered', value: tenants.registered },
    { metric: 'TenantsVerified', value: tenants.covered },
    ...cells.flatMap((cell) => dataOfCell(cell, now)),
  ];
}

function dataOfCell(
  { cell, openFindings, lastAuditAt, verdict }: IsolationSummary['cells'][number],
  now: Date,
): readonly Datum[] {
  const data: Datum[] = [];
  if (verdict !== 'unverified' || openFindings > 0)
    data.push({ metric: 'IsolationViolations', cell, value: openFindings });
  if (lastAuditAt !== null) data.push({ metric: 'AuditAgeSeconds', cell, value: ageOf(lastAuditAt, now) });
  return data;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

function ageOf(at: string | null, now: Date): number {
  return Math.max(0, (now.getTime() - new Date(at ?? now).getTime()) / 1000);
}
