import type { Finding, Suppression } from '../finding.ts';
import type { LintReport } from '../options.ts';
import type { FindingSeverity } from '../rule.ts';

/** A report for machines that read no SARIF. Counts leave out what a comment switched off. */
export interface LintJson {
  readonly operation: 'lint';
  readonly ok: boolean;
  readonly files: number;
  readonly counts: Readonly<Record<FindingSeverity | 'suppressed', number>>;
  readonly findings: readonly LintJsonFinding[];
}

export interface LintJsonFinding {
  readonly rule: string;
  readonly severity: FindingSeverity;
  readonly category: string;
  readonly lock: string | null;
  readonly script: string;
  readonly path: string;
  readonly line: number;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  readonly message: string;
  readonly instead: string;
  readonly statement: string;
  readonly suppression: Suppression | null;
}

/** How many findings count, by severity, and how many a comment switched off. */
export function countFindings(findings: readonly Finding[]): LintJson['counts'] {
  const count = (severity: FindingSeverity) =>
    findings.filter((finding) => finding.severity === severity && finding.suppression === null).length;
  const suppressed = findings.filter(({ suppression }) => suppression !== null).length;
  return { error: count('error'), warning: count('warning'), info: count('info'), suppressed };
}

/** A report as JSON. */
export function toLintJson({ ok, files, findings }: LintReport): LintJson {
  return { operation: 'lint', ok, files, counts: countFindings(findings), findings: findings.map(flat) };
}

function flat({ region, ...finding }: Finding): LintJsonFinding {
  return {
    rule: finding.rule,
    severity: finding.severity,
    category: finding.category,
    lock: finding.lock,
    script: finding.script,
    path: finding.path,
    line: finding.line,
    column: region?.column ?? null,
    endLine: region?.endLine ?? null,
    endColumn: region?.endColumn ?? null,
    message: finding.message,
    instead: finding.instead,
    statement: finding.statement,
    suppression: finding.suppression,
  };
}
