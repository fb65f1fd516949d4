import type { AttackResult, ControlResult } from './attacks/result.ts';
import type { ResidualRisk } from './attacks/catalogue/index.ts';
import { compareFindings, severities, type CheckResult, type Finding, type Severity } from './finding.ts';

/** Which server and database a run was on, so that a report cannot be passed off as another's. */
export interface ServerFingerprint {
  /** `18.4`. */
  readonly version: string;
  /** What initdb gave the cluster; null where the role may not read it. */
  readonly systemIdentifier: string | null;
  readonly database: string;
  /** Who ran it there. */
  readonly role: string;
}

/** How many of the faults that were put in on purpose were noticed. */
export interface FaultSummary {
  readonly total: number;
  readonly found: number;
  /** Found by the rights oracle too, of those that change rights. */
  readonly foundByOracle: number | null;
  /** Nobody noticed them. */
  readonly missed: readonly { readonly id: string; readonly title: string }[];
  /** Could not be put in here, and why. */
  readonly skipped: readonly { readonly id: string; readonly title: string; readonly reason: string }[];
}

/** All that a run has found: what every format of a report is made of. */
export interface RunResult {
  readonly tool: { readonly name: 'tenantry-isolation'; readonly version: string };
  /** ISO 8601, as are all times. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly server: ServerFingerprint;
  /** Tenants that were looked at; as the registry has it where that is known. */
  readonly population: { readonly tenants: number; readonly registered: number | null };
  readonly checks: readonly CheckResult[];
  /** Of the audit and the oracle; {@link problemsOf} adds what attacks, controls and faults have shown. */
  readonly findings: readonly Finding[];
  /** What somebody has decided to live with; it is no problem of the run. */
  readonly accepted: readonly Finding[];
  readonly attacks: readonly AttackResult[];
  readonly controls: readonly ControlResult[];
  readonly residualRisks: readonly ResidualRisk[];
  readonly faults: FaultSummary | null;
  /** Parts of the run that could not be, and why: a lane without the cell's key, for instance. */
  readonly notes: readonly string[];
}

/**
 * Everything that is wrong, as findings, worst first: those of the audit and the oracle, attacks that succeeded or were answered
 * in a way nobody expected, controls that were not hit, and faults that nobody noticed.
 *
 * ```ts
 * process.exitCode = problemsOf(result).length === 0 ? 0 : 1;
 * ```
 */
export function problemsOf({ findings, attacks, controls, faults }: RunResult): readonly Finding[] {
  return [
    ...findings,
    ...attacks.flatMap(findingOfAttack),
    ...controls.flatMap(findingOfControl),
    ...(faults?.missed ?? []).map(findingOfFault),
  ].toSorted(compareFindings);
}

/** How many problems there are of each severity, worst first. */
export function countBySeverity(problems: readonly Finding[]): readonly (readonly [Severity, number])[] {
  return severities.map(
    (severity) => [severity, problems.filter((each) => each.severity === severity).length] as const,
  );
}

/** The finding that an attack comes to, as a list of one or none; that it succeeds on a control is how it must be. */
export function findingOfAttack(result: AttackResult): readonly Finding[] {
  const { attack, target, title, verdict, state, expected, message, steps } = result;
  if (result.kind === 'control' || (verdict !== 'hit' && verdict !== 'unexpected')) return [];
  if (result.level === 'http') return [findingOfRequest(result)];
  const answer = state === '00000' ? 'PostgreSQL let it pass' : `it was answered with ${state}`;
  return [
    {
      check: `attack.${attack}`,
      subject: `${attack} over ${target}`,
      tenant: null,
      severity: verdict === 'hit' ? 'critical' : 'medium',
      message:
        verdict === 'hit'
          ? `One tenant reaches another over ${target}, by ${title}: ${answer}.`
          : `An attack over ${target}, by ${title}, was not answered as it must be: ${answer}, expected is ${expected.join(' or ')}.`,
      evidence: { target, state, expected, steps, answer: message },
      remediation: null,
    },
  ];
}

/** What came back says more of a request than its status does. */
function findingOfRequest({
  attack,
  target,
  title,
  verdict,
  state,
  expected,
  message,
  steps,
}: AttackResult): Finding {
  return {
    check: `attack.${attack}`,
    subject: `${attack} over ${target}`,
    tenant: null,
    severity: verdict === 'hit' ? 'critical' : 'medium',
    message: `A request ${verdict === 'hit' ? 'reaches another tenant' : 'was not answered as it must be'} (${title}): ${message ?? state ?? ''}`,
    evidence: { target, state, expected, steps, answer: message },
    remediation: null,
  };
}

/** The finding that a positive control comes to on which not every attack succeeded that has to. */
export function findingOfControl({ control, expected, hit, missed, ok }: ControlResult): readonly Finding[] {
  if (ok) return [];
  return [
    {
      check: 'attack.control',
      subject: `control ${control}`,
      tenant: null,
      severity: 'high',
      message: `${expected - hit} of ${expected} attacks that have to succeed on the control "${control}" did not, so that they were refused elsewhere proves nothing.`,
      evidence: { missed },
      remediation: null,
    },
  ];
}

/** The finding that a fault comes to which nobody noticed. */
export function findingOfFault({ id, title }: { readonly id: string; readonly title: string }): Finding {
  return {
    check: 'faults.missed',
    subject: `fault ${id}`,
    tenant: null,
    severity: 'high',
    message: `Nobody noticed a fault that was put in on purpose: ${title}.`,
    evidence: { fault: id },
    remediation: null,
  };
}
