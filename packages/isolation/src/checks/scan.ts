import type { Check, CheckFamily, Severity } from '../finding.ts';
import { prelude } from './prelude.ts';

/** A check without its statement, as a family lists it. */
export type CheckFacts = Omit<Check, 'sql' | 'family'>;

/**
 * One statement that answers several checks: catalogs of a million rows are read once and not once for each check.
 * `body` are the common table expressions after the prelude, `parts` the rows of each check.
 */
export interface Scan {
  readonly family: CheckFamily;
  readonly checks: readonly Check[];
  /** The whole statement; `$1` is the layout. */
  readonly sql: string;
  /** The statement in parentheses, to stand in one that has the prelude. */
  readonly inner: string;
}

/** The rows of one check: columns subject, tenant, severity (null: the check's), message, evidence, remediation. */
export interface Part {
  readonly check: CheckFacts;
  readonly sql: string;
}

/** Puts a scan together; every check also gets a statement of its own, for a person who wants to see for themselves. */
export function scan(family: CheckFamily, body: string, parts: readonly Part[]): Scan {
  const select = ({ check, sql }: Part) => `
SELECT '${check.id}' AS "check", part.subject::text, part.tenant::text, part.severity::text, part.message::text,
       part.evidence::jsonb, part.remediation::text
  FROM (${sql}) AS part (subject, tenant, severity, message, evidence, remediation)`;
  const all = parts.map(select).join('\nUNION ALL');
  return {
    family,
    checks: parts.map((part) => ({ ...part.check, family, sql: `${prelude}${body}${select(part)}` })),
    sql: `${prelude}${body}${all}`,
    // What is common to all stands outside, so that it is counted once.
    inner: `(${body.trim() === '' ? '' : `WITH RECURSIVE ${body.replace(/^\s*,/, '')}`}${all})`,
  };
}

/** One statement that answers what several do, and counts who is who once for all of them. */
export function together(scans: readonly Scan[]): string {
  return `${prelude}${scans.map(({ inner }) => `\nSELECT * FROM ${inner} AS scan`).join('\nUNION ALL')}`;
}

/** A row as PostgreSQL gives it. */
export interface ScanRow {
  readonly check: string;
  readonly subject: string;
  readonly tenant: string | null;
  readonly severity: Severity | null;
  readonly message: string;
  readonly evidence: Readonly<Record<string, unknown>> | null;
  readonly remediation: string | null;
}
