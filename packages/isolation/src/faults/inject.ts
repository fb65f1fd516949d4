import type pg from 'pg';
import { auditCatalog } from '../audit.ts';
import { fingerprintOf, type Finding } from '../finding.ts';
import { IsolationError } from '../isolation-error.ts';
import type { Layout } from '../layout/types.ts';
import { askOracle } from '../oracle.ts';
import { castOf } from './cast.ts';
import { fill, type Fault, type FaultCast } from './fault.ts';
import { dropFixture, plantFixture } from './fixture.ts';

export interface FaultResult {
  readonly fault: Fault;
  /** `skipped`: it could not be put in here, or nobody can notice it; `reason` says why. */
  readonly status: 'found' | 'missed' | 'skipped';
  readonly reason: string | null;
  /** The audit has a new finding that names the subject. */
  readonly audit: boolean;
  /** The rights oracle has a new finding. */
  readonly oracle: boolean;
  /** All that is new with the fault, of both. */
  readonly findings: readonly Finding[];
  /** What became of remediations: of how many findings the SQL was run, and whether they were gone then. Null where that was not asked for. */
  readonly mended: { readonly tried: number; readonly left: readonly string[] } | null;
}

export interface InjectOptions {
  /** A new connection as a superuser. The database is weakened, if only until each fault is rolled back: a copy, never a cell. */
  readonly connect: () => Promise<pg.Client>;
  readonly layout: Layout;
  readonly faults: readonly Fault[];
  /** Also run each new finding's remediation, and look whether it helps. */
  readonly mend?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onResult?: ((result: FaultResult) => void) | undefined;
}

/**
 * Puts faults into a throw-away copy, one at a time, looks as the control role whether the audit and the oracle notice, and
 * takes each back. Rejects with ISOLATION_RIGHTS where the login is no superuser, and with ISOLATION_OPTION where the copy has fewer
 * than two tenants or is not clean to begin with.
 *
 * @example
 * const { results } = await injectFaults({ connect, layout, faults });
 * results.filter(({ status }) => status === 'missed'); // []
 */
export async function injectFaults(
  options: InjectOptions,
): Promise<{ readonly results: readonly FaultResult[] }> {
  const { connect, layout, faults, signal, onResult } = options;
  const client = await connect();
  try {
    await refuseOthers(client);
    const cast = await castOf(client, layout);
    await plantFixture(client, cast);
    try {
      const before = await look(client, layout, cast);
      refuseDirty(before);
      const results: FaultResult[] = [];
      for (const fault of faults) {
        if (signal?.aborted) break;
        const result = await inject(client, fault, cast, options);
        results.push(result);
        onResult?.(result);
      }
      return { results };
    } finally {
      await dropFixture(client, cast);
    }
  } finally {
    await client.end();
  }
}

async function refuseOthers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ superuser: boolean }>(
    'SELECT rolsuper AS superuser FROM pg_catalog.pg_roles WHERE rolname = current_user',
  );
  if (rows[0]?.superuser !== true)
    throw new IsolationError(
      'ISOLATION_RIGHTS',
      'Faults are put in as a superuser, since many of them need one. Give --url the superuser of the copy.',
    );
}

function refuseDirty(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  throw new IsolationError(
    'ISOLATION_OPTION',
    `The copy has ${findings.length} findings before any fault is in it, the first: ${findings[0]!.message}. Mend those first, or what a fault adds cannot be told.`,
  );
}

async function inject(
  client: pg.Client,
  fault: Fault,
  cast: FaultCast,
  options: InjectOptions,
): Promise<FaultResult> {
  const { layout, mend = false } = options;
  const sql = fill(fault.sql, cast);
  const skipped = (reason: string): FaultResult => ({
    fault,
    status: 'skipped',
    reason,
    audit: false,
    oracle: false,
    findings: [],
    mended: null,
  });
  if (fault.undo === null) await client.query('BEGIN');
  try {
    try {
      if (fault.undo === null) await client.query(sql);
      else await runParts(client, sql);
    } catch (error) {
      return skipped((error as Error).message);
    }
    const findings = await look(client, layout, cast, fault.undo === null);
    const named = findings.filter(
      ({ check, subject }) =>
        subject.includes(fill(fault.names, cast)) &&
        (fault.by.length === 0 || fault.by.some((prefix) => check.startsWith(prefix))),
    );
    const audit = named.some(({ check }) => !check.startsWith('oracle.'));
    const oracle = findings.some(({ check }) => check.startsWith('oracle.'));
    if (!audit && fault.unseen !== null) return { ...skipped(fault.unseen), findings };
    return {
      fault,
      status: audit ? 'found' : 'missed',
      reason: audit ? null : reasonOf(findings, fill(fault.names, cast)),
      audit,
      oracle,
      findings,
      mended: mend && fault.undo === null ? await tryRemediations(client, findings, layout, cast) : null,
    };
  } finally {
    if (fault.undo === null) await client.query('ROLLBACK');
    else await runParts(client, fill(fault.undo, cast));
  }
}

/** Outside of a transaction each statement is a message of its own, since several in one are a transaction again. */
async function runParts(client: pg.Client, sql: string): Promise<void> {
  for (const part of sql.split(/;\s*\n/)) {
    if (part.startsWith('AWAIT ')) await until(client, part.slice(6));
    else await client.query(part);
  }
}

/** A server reads its configuration when it gets round to it. */
async function until(client: pg.Client, condition: string): Promise<void> {
  for (let tries = 0; tries < 250; tries++) {
    const { rows } = await client.query<{ so: boolean }>(
      `SELECT (${condition.replace(/ FROM .*$/, '')}) AS so${/ FROM .*$/.exec(condition)?.[0] ?? ''}`,
    );
    if (rows[0]?.so === true) return;
    await client.query('SELECT pg_sleep(0.02)');
  }
  throw new Error(`The server did not take up the setting: ${condition}`);
}

function reasonOf(findings: readonly Finding[], names: string): string {
  if (findings.length === 0) return 'There is no finding.';
  return `No finding names "${names}": ${findings.map(({ check, subject }) => `${check} ${subject}`).join('; ')}`;
}

/** What both find now, as the control role would: in the transaction that the fault is in. */
async function look(
  client: pg.Client,
  layout: Layout,
  cast: FaultCast,
  inTransaction = false,
): Promise<readonly Finding[]> {
  if (!inTransaction) await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    await client.query(`SAVEPOINT look; SET LOCAL ROLE ${cast['control']!}`);
    const audit = await auditCatalog(client, layout, { inTransaction: true, prepared: true });
    const oracle = await askOracle(client, layout, { inTransaction: true });
    return [...audit.findings, ...oracle.findings];
  } finally {
    await client.query(inTransaction ? 'ROLLBACK TO look' : 'ROLLBACK');
  }
}

/** Runs what findings recommend, all of it, and tells which of them are still there. */
async function tryRemediations(
  client: pg.Client,
  findings: readonly Finding[],
  layout: Layout,
  cast: FaultCast,
): Promise<NonNullable<FaultResult['mended']>> {
  const mendable = findings.filter(({ remediation }) => remediation !== null);
  const failed: string[] = [];
  // Several findings of one fault mend the same: a statement that finds nothing left to do is no failure.
  for (const { remediation } of mendable) {
    await client.query('SAVEPOINT mend');
    try {
      await client.query(remediation!);
    } catch (error) {
      await client.query('ROLLBACK TO mend');
      failed.push(`${remediation!}: ${(error as Error).message}`);
    }
  }
  const after = new Set((await look(client, layout, cast, true)).map(fingerprintOf));
  const left = mendable.filter((finding) => after.has(fingerprintOf(finding)));
  return {
    tried: mendable.length,
    left: left.map(({ check, subject, remediation }) => {
      const why = failed.find((each) => each.startsWith(remediation!));
      return `${check} ${subject}: ${why ?? remediation!}`;
    }),
  };
}
