import { createHash } from 'node:crypto';

/** How bad a finding is: `critical` lets one tenant reach another now, `high` does with one more step, the others weaken what holds. */
export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** Most severe first. */
export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** What a check belongs to; the families of a report, in its order. */
export type CheckFamily =
  | 'registry'
  | 'schemas'
  | 'roles'
  | 'settings'
  | 'members'
  | 'reach'
  | 'privileges'
  | 'defaults'
  | 'owners'
  | 'leases'
  | 'dependencies'
  | 'code'
  | 'shared'
  | 'catalog'
  | 'server'
  | 'comments'
  | 'oracle';

/** One thing that is not as the layout needs it. Holds names of catalogs only, never a row of a tenant. */
export interface Finding {
  /** Id of the check that found it. */
  readonly check: string;
  /** What is wrong with, by its kind and its qualified name: `table t_x.notes: SELECT for t_y`. */
  readonly subject: string;
  /** Schema of the tenant whose isolation it weakens; null where it is everybody's. */
  readonly tenant: string | null;
  readonly severity: Severity;
  readonly message: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  /** SQL that mends it, for a person to read before it is run; null where no statement can. */
  readonly remediation: string | null;
}

/** A question that is put to a database, and what its answer proves. */
export interface Check {
  /** Stable; the rule id of SARIF. */
  readonly id: string;
  readonly title: string;
  /** What is shown when it finds nothing. */
  readonly proves: string;
  /** The worst that a finding of it is. */
  readonly severity: Severity;
  readonly family: CheckFamily;
  /** Controls that it is evidence for: `SOC2:CC6.1`, `GDPR:32(1)(b)`, `ISO27001:A.8.3`. */
  readonly controls: readonly string[];
  /** A read-only statement; `$1` is the layout as JSON, see `layoutParameter`. Gives a row for each finding. */
  readonly sql: string;
  /** In words: what to do about a finding. The statement itself stands in the finding. */
  readonly remediation: string;
}

/** What became of a check in a run. */
export interface CheckResult {
  readonly check: Check;
  readonly status: 'passed' | 'failed';
  readonly findings: number;
  /** Findings that the layout accepts; they are not among the findings. */
  readonly accepted: number;
}

/**
 * What makes two findings of two runs the same one: check and subject. Its evidence may change in between.
 *
 * @example
 * fingerprintOf(finding) // '4f0c9a…', 32 hexadecimal digits
 */
export function fingerprintOf({ check, subject }: Pick<Finding, 'check' | 'subject'>): string {
  return createHash('sha256').update(`${check}\0${subject}`).digest('hex').slice(0, 32);
}

/** Worst first, then by check and subject: the order of every report. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    compareText(a.check, b.check) ||
    compareText(a.subject, b.subject)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
