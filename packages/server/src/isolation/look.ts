import { setTimeout as delay } from 'node:timers/promises';
import {
  askOracle,
  auditCatalog,
  fingerprintOf,
  tenantryLayout,
  type Check,
  type Finding,
  type Layout,
} from '@tenantry/isolation';
import type pg from 'pg';
import type { Cell } from '../db/cells/registry.ts';
import type { Database } from '../db/database.ts';
import { liveCanaries } from './canaries.ts';
import { changedBetween, readRegistry, type Registry } from './registry.ts';

/** A look at the catalogs of a cell that takes longer than this is given up: it must not be what keeps others from working. */
const statementTimeoutMs = 60_000;
/** After which pause findings are looked at again, in milliseconds. */
const secondLookMs = 400;

/** What became of the checks of one part on one cell. */
export interface Looked {
  readonly checks: readonly { readonly check: string; readonly findings: number }[];
  readonly findings: readonly Finding[];
  /** Checks whose findings were too many to list. */
  readonly cut: ReadonlySet<string>;
  /** Registered tenants that were looked at; spares and canaries are none. */
  readonly tenants: number;
  readonly notes: readonly string[];
}

/** How many findings of one check are listed. */
const most = 1_000;

type Way = (
  client: pg.ClientBase,
  layout: Layout,
) => Promise<{
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
  /** Schemas that were looked at; null for all that are registered. */
  readonly population: readonly string[] | null;
}>;

const ways: Readonly<Record<'audit' | 'oracle', Way>> = {
  audit: async (client, layout) => {
    const { checks, findings, population } = await auditCatalog(client, layout, { most });
    return { checks: checks.map(({ check }) => check), findings, population };
  },
  oracle: async (client, layout) => {
    const { checks, findings } = await askOracle(client, layout, { most });
    return { checks: checks.map(({ check }) => check), findings, population: null };
  },
};

/**
 * Looks at the catalogs of a cell in one of the two ways. The registry is read before and after, so that a tenant which is being built, shut
 * or purged gives no finding; and what was found is looked at a second time, since what a change leaves for a moment is no finding either:
 * only what both looks have seen counts.
 */
export async function lookAtCell(
  db: Database,
  cell: Cell,
  way: 'audit' | 'oracle',
  signal: AbortSignal,
): Promise<Looked> {
  const first = await lookOnce(db, cell, ways[way], signal);
  if (first.findings.length === 0) return first;
  await delay(secondLookMs, undefined, { signal });
  const second = await lookOnce(db, cell, ways[way], signal);
  const changed = changedBetween(first.registry, second.registry);
  const seenBefore = new Set(first.findings.map(fingerprintOf));
  const findings = second.findings.filter(
    (finding) => seenBefore.has(fingerprintOf(finding)) && !isAbout(finding, changed),
  );
  const gone = second.findings.length - findings.length;
  return {
    ...second,
    findings,
    checks: second.checks.map(({ check }) => ({ check, findings: countOf(findings, check) })),
    notes: gone === 0 ? [] : [`${gone} differences were on their way: the second look did not confirm them.`],
  };
}

async function lookOnce(
  db: Database,
  cell: Cell,
  way: Way,
  signal: AbortSignal,
): Promise<Looked & { readonly registry: Registry }> {
  return cell.withConnection(async (client) => {
    const stopListening = cancelOnAbort(cell, client, signal);
    try {
      await client.query(`SET statement_timeout = ${statementTimeoutMs}`);
      const [before, canaries] = [await readRegistry(db, cell.id), await liveCanaries(client)];
      const looked = await way(client, await layoutOf(client, before, canaries));
      const after = await readRegistry(db, cell.id);
      const changed = changedBetween(before, after);
      const others = new Set([...canaries, ...(await liveCanaries(client))]);
      const findings = looked.findings.filter(
        (finding) => !isAbout(finding, changed) && !mentions(finding, others),
      );
      return {
        registry: after,
        findings,
        tenants: coveredBy(before, looked.population),
        checks: looked.checks.map(({ id }) => ({ check: id, findings: countOf(findings, id) })),
        cut: new Set(findings.filter(({ subject }) => subject === 'and more').map(({ check }) => check)),
        notes: [],
      };
    } finally {
      stopListening();
    }
  });
}

async function layoutOf(
  client: pg.ClientBase,
  registry: Registry,
  canaries: readonly string[],
): Promise<Layout> {
  const { rows } = await client.query<{ database: string; control: string; operators: string[] }>(
    `SELECT current_database()::text AS database, current_user::text AS control,
            ARRAY(SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname ~ '^(rds|cloudsql|azure)') AS operators`,
  );
  const { database, control, operators } = rows[0]!;
  const tenants = [...registry.entries.values()].map(({ schema, state }) => ({ schema, state }));
  return tenantryLayout({
    database,
    control,
    operators,
    lanes: registry.lanes,
    readers: registry.readers,
    extensions: registry.extensions,
    tenants: [...tenants, ...canaries.map((schema) => ({ schema, state: 'changing' as const }))],
  });
}

function isAbout({ tenant }: Finding, schemas: ReadonlySet<string>): boolean {
  return tenant !== null && schemas.has(tenant);
}

/** Of a run of attacks that is under way: that its roles reach each other is what they are for. */
function mentions({ tenant, subject }: Finding, roles: ReadonlySet<string>): boolean {
  return [...roles].some((role) => tenant === role || subject.includes(role));
}

function coveredBy({ entries }: Registry, population: readonly string[] | null): number {
  const there = population === null ? undefined : new Set(population);
  return [...entries.values()].filter(
    ({ tenantId, schema }) => tenantId !== null && there?.has(schema) !== false,
  ).length;
}

function countOf(findings: readonly Finding[], check: string): number {
  return findings.filter((finding) => finding.check === check).length;
}

/** Ends the running statement when the run is cancelled or the process stops. */
function cancelOnAbort(cell: Cell, client: pg.PoolClient, signal: AbortSignal): () => void {
  const pid = (client as unknown as { readonly processID: number }).processID;
  const cancel = () => {
    // The statement may be over, and the cell away: the run is told of its end by the signal in any case.
    cell.withConnection((other) => other.query('SELECT pg_cancel_backend($1)', [pid])).catch(() => undefined);
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}
