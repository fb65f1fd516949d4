import { sql } from 'kysely';
import {
  isolationParts,
  type FindingSeverity,
  type IsolationPart,
  type IsolationVerdict,
} from '@tenantry/contract';
import type { Database } from '../db/database.ts';
import { lateCheck } from './catalogue.ts';
import type { IsolationSettings } from './context.ts';
import { allowanceOf, firstDueOf, partsOfCells } from './parts.ts';

export type Severities = Record<FindingSeverity, number>;

/** How one part stands on one cell. */
export interface PartStanding {
  readonly part: IsolationPart;
  readonly lastGoodAt: Date | null;
  /** When it runs next; null where it runs on demand only. */
  readonly dueAt: Date | null;
  /** Late from then on; null where nothing is expected of it. */
  readonly lateFrom: Date | null;
  readonly late: boolean;
}

/** How one cell stands. */
export interface CellStanding {
  readonly id: string;
  readonly name: string;
  readonly verdict: IsolationVerdict;
  readonly open: Severities;
  readonly accepted: Severities;
  readonly parts: readonly PartStanding[];
  readonly registered: number;
  readonly covered: number;
}

/** How isolation stands: what the verdict is made of, as of one moment. */
export interface Standing {
  readonly verdict: IsolationVerdict;
  readonly cells: readonly CellStanding[];
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly is_default: boolean;
  readonly since: Date;
  readonly registered: number;
  readonly covered: number | null;
  readonly good: Readonly<Partial<Record<IsolationPart, string>>> | null;
  readonly found: readonly {
    readonly severity: FindingSeverity;
    readonly state: 'open' | 'accepted';
    readonly late: boolean;
    readonly n: number;
  }[];
}

/**
 * Reads how isolation stands. Computed from the last good runs and the clock and not from what somebody has noted: so that
 * silence shows, also where nothing runs any more that could note it.
 */
export async function readStanding(db: Database, settings: IsolationSettings, now: Date): Promise<Standing> {
  const { rows } = await sql<Row>`
    SELECT c.id, c.name, c.is_default,
           greatest(c.created_at, (SELECT installed_at FROM tenantry.schema_versions WHERE version = 3)) AS since,
           (SELECT count(*)::int FROM tenantry.tenants t
             WHERE t.cell_id = c.id AND t.state NOT IN ('provisioning', 'failed', 'deleted')) AS registered,
           (SELECT r.tenants FROM tenantry.isolation_results r
             WHERE r.cell_id = c.id AND r.part = 'audit' AND r.state = 'succeeded'
             ORDER BY r.finished_at DESC LIMIT 1) AS covered,
           (SELECT jsonb_object_agg(p.part, p.at) FROM (
              SELECT part, (SELECT max(r.finished_at) FROM tenantry.isolation_results r
                             WHERE r.cell_id = c.id AND r.part = x.part AND r.state = 'succeeded') AS at
                FROM unnest(${[...isolationParts]}::text[]) AS x (part)) p WHERE p.at IS NOT NULL) AS good,
           coalesce((SELECT jsonb_agg(f) FROM (
              SELECT severity, CASE WHEN state = 'accepted' AND accepted_until > ${now} THEN 'accepted' ELSE 'open' END AS state,
                     check_id = ${lateCheck} AS late, count(*)::int AS n
                FROM tenantry.isolation_findings WHERE cell_id = c.id AND state <> 'resolved' GROUP BY 1, 2, 3) f), '[]') AS found
      FROM tenantry.cells c ORDER BY c.is_default DESC, c.name`.execute(db);
  const cells = rows.map((row) => cellOf(row, settings, now));
  return { verdict: worst(cells.map(({ verdict }) => verdict)), cells };
}

function cellOf(row: Row, settings: IsolationSettings, now: Date): CellStanding {
  const parts = isolationParts.flatMap((part) => {
    // The copy into which faults are put stands for every cell; it is kept with the default one.
    if (part === 'faults' && !row.is_default) return [];
    const good = row.good?.[part];
    return [partOf(part, good === undefined ? null : new Date(good), row.since, settings, now)];
  });
  const [open, accepted] = [countOf(row, 'open'), countOf(row, 'accepted')];
  return {
    id: row.id,
    name: row.name,
    open,
    accepted,
    parts,
    registered: row.registered,
    covered: row.covered ?? 0,
    verdict: verdictOf(row, parts),
  };
}

function partOf(
  part: IsolationPart,
  lastGoodAt: Date | null,
  since: Date,
  { every }: IsolationSettings,
  now: Date,
): PartStanding {
  const interval = every[part];
  // Faults need binaries that are not everywhere: nobody waits for what was switched off.
  if (part === 'faults' && interval === 0)
    return { part, lastGoodAt, dueAt: null, lateFrom: null, late: false };
  const base = lastGoodAt ?? firstDueOf(part, interval, since);
  const next = lastGoodAt === null ? base : new Date(lastGoodAt.getTime() + interval * 1000);
  const lateFrom = new Date(base.getTime() + allowanceOf(interval) * 1000);
  return { part, lastGoodAt, dueAt: interval === 0 ? null : next, lateFrom, late: lateFrom < now };
}

/** A finding that a run is late says itself what the verdict is: nobody knows, which is not the same as that something is wrong. */
function verdictOf({ found }: Row, parts: readonly PartStanding[]): IsolationVerdict {
  if (found.some(({ state, late }) => state === 'open' && !late)) return 'failing';
  if (parts.some(({ late }) => late)) return 'stale';
  const never = parts.some(({ part, lastGoodAt }) => partsOfCells.includes(part) && lastGoodAt === null);
  return never ? 'unverified' : 'verified';
}

const byWorst: readonly IsolationVerdict[] = ['failing', 'stale', 'unverified', 'verified'];

function worst(verdicts: readonly IsolationVerdict[]): IsolationVerdict {
  return byWorst.find((verdict) => verdicts.includes(verdict)) ?? 'unverified';
}

function countOf({ found }: Row, wanted: 'open' | 'accepted'): Severities {
  const counts: Severities = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { severity, state, n } of found) if (state === wanted) counts[severity] += n;
  return counts;
}

/** The sum over cells. */
export function sumOf(cells: readonly CellStanding[], of: 'open' | 'accepted'): Severities {
  const counts: Severities = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const cell of cells) {
    for (const severity of Object.keys(counts) as FindingSeverity[]) counts[severity] += cell[of][severity];
  }
  return counts;
}
