import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { catalogChecks, statements } from './checks/index.ts';
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
import type { Acceptance, Layout, RegisteredTenant } from './layout/types.ts';

/** What {@link auditCatalog} and {@link askOracle} can be told besides the layout. */
export interface AuditOptions {
  /** The caller has begun a transaction and ends it: for what is looked at and then rolled back. */
  readonly inTransaction?: boolean;
  /** Keeps the plans of the statements on the connection, where many audits follow on it: planning takes as long as they do. */
  readonly prepared?: boolean;
  /**
   * Reads the registry anew, instead of the layout's: before the catalogs and when their snapshot is taken. A tenant that differs
   * between the two is being changed, and nothing is asked of it.
   */
  readonly registry?: () => Promise<readonly RegisteredTenant[]>;
  /**
   * How long to wait, in milliseconds, before findings are looked at once more; only those that are still there are given. What is
   * being made or dropped at this moment is none. Default 0: not at all, as always in the caller's transaction.
   */
  readonly confirmAfterMs?: number;
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
  options: AuditOptions = {},
): Promise<AuditResult> {
  const started = performance.now();
  const found = await confirmed(() => look(client, layout, options), options);
  return { ...found, tookMs: performance.now() - started };
}

async function look(
  client: pg.ClientBase,
  layout: Layout,
  { inTransaction = false, prepared = false, registry, most = 200 }: AuditOptions,
): Promise<Omit<AuditResult, 'tookMs'>> {
  const before = await registry?.();
  return readOnly(client, inTransaction, async () => {
    // The first query: from here on the catalogs stand still.
    const population = await tenantsOf(client, layout);
    const registered = before === undefined ? layout.registry : settled(before, await registry!());
    const parameter = layoutParameter({ ...layout, registry: registered }, population);
    const found: Finding[] = [];
    for (const { name, sql } of statements) {
      const named = prepared ? { name: `isolation ${name}` } : {};
      const { rows } = await client.query<ScanRow>({ text: sql, values: [parameter], ...named });
      found.push(...rows.map((row) => toFinding(row, catalogChecks)));
    }
    return {
      ...summarise(catalogChecks, found, layout.accepted, most),
      tenants: population.length,
      population,
    };
  });
}

/** A tenant is as both readings have it, or it is being changed. */
function settled(
  before: readonly RegisteredTenant[],
  after: readonly RegisteredTenant[],
): readonly RegisteredTenant[] {
  const states = new Map(before.map(({ schema, state }) => [schema, state]));
  const later = new Set(after.map(({ schema }) => schema));
  return [
    ...after.map(({ schema, state }) =>
      states.get(schema) === state ? { schema, state } : { schema, state: 'changing' as const },
    ),
    ...before
      .filter(({ schema }) => !later.has(schema))
      .map(({ schema }) => ({ schema, state: 'changing' as const })),
  ];
}

/** Looks again where something was found, and keeps what was found twice. Nothing is looked at again in the caller's transaction, which shows no other. */
export async function confirmed<T extends Pick<AuditResult, 'checks' | 'findings'>>(
  work: () => Promise<T>,
  { inTransaction = false, confirmAfterMs = 0 }: AuditOptions,
): Promise<T> {
  const first = await work();
  if (first.findings.length === 0 || inTransaction || confirmAfterMs === 0) return first;
  await pause(confirmAfterMs);
  const second = await work();
  const before = new Set(first.findings.map(fingerprintOf));
  const findings = second.findings.filter(
    // Of a list that was cut nobody knows what was in the rest of it.
    (finding) => before.has(fingerprintOf(finding)) || isCut(first, finding.check),
  );
  const count = (id: string) => findings.filter(({ check }) => check === id).length;
  const recount = (result: CheckResult): CheckResult => {
    if (isCut(first, result.check.id)) return result;
    const left = count(result.check.id);
    return { ...result, findings: left, status: left === 0 ? 'passed' : 'failed' };
  };
  return {
    ...second,
    findings,
    checks: second.checks.map(recount),
  };
}

function isCut({ findings }: Pick<AuditResult, 'findings'>, id: string): boolean {
  return findings.some(({ check, subject }) => check === id && subject === cutSubject);
}

const cutSubject = 'and more';

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

/** The worst is listed; of that what is no one tenant's first: it is the cause, and the tenants that suffer from it are many. */
function cut(findings: readonly Finding[], most: number): readonly Finding[] {
  if (findings.length <= most) return findings;
  const more = findings.length - most;
  const ordered = findings.toSorted(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      Number(a.tenant !== null) - Number(b.tenant !== null),
  );
  const last = ordered[most]!;
  const rest = {
    ...last,
    subject: cutSubject,
    tenant: null,
    message: `${more} more findings of this check are not listed`,
    evidence: { more },
    remediation: null,
  };
  return [...ordered.slice(0, most), rest];
}
