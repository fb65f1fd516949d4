import type pg from 'pg';
import { scans } from './checks/index.ts';
import type { ScanRow } from './checks/scan.ts';
import {
  compareFindings,
  fingerprintOf,
  severities,
  type Check,
  type CheckResult,
  type Finding,
} from './finding.ts';
import { layoutParameter } from './layout/parameter.ts';
import type { Acceptance, Layout } from './layout/types.ts';

/** What {@link auditCatalog} and {@link askOracle} can be told besides the layout. */
export interface AuditOptions {
  /** The caller has begun a transaction and ends it: for what is looked at and then rolled back. */
  readonly inTransaction?: boolean;
  /** Keeps the plans of the statements on the connection, where many audits follow on it: planning takes as long as they do. */
  readonly prepared?: boolean;
  /** How many findings of one check are listed; the others are one more finding that says how many. Default 200. */
  readonly most?: number;
}

export interface AuditResult {
  readonly checks: readonly CheckResult[];
  /** Worst first. Empty where everything is as the layout needs it. */
  readonly findings: readonly Finding[];
  /** Findings that the layout accepts. */
  readonly accepted: readonly Finding[];
  /** How many tenants were looked at: all that the database has. */
  readonly tenants: number;
  /** Their schemas, in order. */
  readonly population: readonly string[];
  readonly tookMs: number;
}

/**
 * Compares the catalogs of a database with a layout: what is there and should not be, and what should be there and is not.
 * One read-only transaction, with one snapshot; catalogs are read and no table of a tenant. As the control role, or as any
 * role that may connect: PostgreSQL shows its catalogs to everybody.
 *
 * Rejects with the driver's error when the connection fails, or the layout has a pattern that PostgreSQL cannot read (2201B).
 *
 * @example
 * const { findings } = await auditCatalog(client, tenantryLayout({ database: 'tenantry' }));
 * for (const { severity, message } of findings) console.log(severity, message);
 */
export async function auditCatalog(
  client: pg.ClientBase,
  layout: Layout,
  { inTransaction = false, prepared = false, most = 200 }: AuditOptions = {},
): Promise<AuditResult> {
  const started = performance.now();
  return readOnly(client, inTransaction, async () => {
    const population = await tenantsOf(client, layout);
    const parameter = layoutParameter(layout, population);
    const found: Finding[] = [];
    for (const { family, sql, checks } of scans) {
      const named = prepared ? { name: `isolation ${family}` } : {};
      const { rows } = await client.query<ScanRow>({ text: sql, values: [parameter], ...named });
      found.push(...rows.map((row) => toFinding(row, checks)));
    }
    return {
      ...summarise(
        scans.flatMap(({ checks }) => checks),
        found,
        layout.accepted,
        most,
      ),
      tenants: population.length,
      population,
      tookMs: performance.now() - started,
    };
  });
}

/**
 * Runs a function in a transaction that cannot write. Names are printed with their schema, since nothing is in the search
 * path; nothing is compiled, which would take longer than the queries.
 */
export async function readOnly<T>(
  client: pg.ClientBase,
  inTransaction: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const settings = `SET LOCAL search_path = ''; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL lock_timeout = '5s'; SET LOCAL plan_cache_mode = force_generic_plan`;
  if (inTransaction) {
    await client.query(settings);
    return work();
  }
  await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${settings}`);
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // The connection may be what has failed: the first error says more.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** The schemas of a database that are tenants', in order: by the layout's pattern, or its query. */
export async function tenantsOf(client: pg.ClientBase, { tenants }: Layout): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT n.nspname::text AS name FROM pg_catalog.pg_namespace n
      WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT n.nspname = ANY ($1)
        AND ${tenants.query === null ? 'n.nspname ~ $2' : `$2::text IS NULL AND n.nspname IN (${tenants.query})`}
      ORDER BY n.nspname`,
    [tenants.except, tenants.query === null ? (tenants.pattern ?? '^$') : null],
  );
  return rows.map(({ name }) => name);
}

function toFinding(row: ScanRow, checks: readonly Check[]): Finding {
  const check = checks.find(({ id }) => id === row.check)!;
  return { ...row, severity: row.severity ?? check.severity, evidence: row.evidence ?? {} };
}

/** Findings and results of checks: each finding once, the accepted ones apart, long lists cut. */
export function summarise(
  checks: readonly Check[],
  found: readonly Finding[],
  acceptances: readonly Acceptance[],
  most: number,
): Pick<AuditResult, 'checks' | 'findings' | 'accepted'> {
  const unique = worstOfEach(found);
  const isAccepted = (finding: Finding) =>
    acceptances.some(
      ({ check, subject }) => check === finding.check && new RegExp(`^(?:${subject})$`).test(finding.subject),
    );
  const accepted = unique.filter(isAccepted);
  const open = unique.filter((finding) => !isAccepted(finding));
  const results = checks.map((check) => {
    const count = open.filter((finding) => finding.check === check.id).length;
    const agreed = accepted.filter((finding) => finding.check === check.id).length;
    return { check, status: count === 0 ? 'passed' : 'failed', findings: count, accepted: agreed } as const;
  });
  const listed = results.flatMap(({ check }) =>
    cut(
      open.filter((finding) => finding.check === check.id),
      most,
    ),
  );
  return { checks: results, findings: listed.toSorted(compareFindings), accepted };
}

function worstOfEach(found: readonly Finding[]): Finding[] {
  const byFingerprint = new Map<string, Finding>();
  for (const finding of found) {
    const before = byFingerprint.get(fingerprintOf(finding));
    if (before !== undefined && severities.indexOf(before.severity) <= severities.indexOf(finding.severity))
      continue;
    byFingerprint.set(fingerprintOf(finding), finding);
  }
  return [...byFingerprint.values()].toSorted(compareFindings);
}

function cut(findings: readonly Finding[], most: number): readonly Finding[] {
  if (findings.length <= most) return findings;
  const more = findings.length - most;
  const last = findings[most]!;
  const rest = {
    ...last,
    subject: 'and more',
    tenant: null,
    message: `${more} more findings of this check are not listed`,
    evidence: { more },
    remediation: null,
  };
  return [...findings.slice(0, most), rest];
}
