import { sql } from 'kysely';
import type { IsolationPart } from '@tenantry/contract';
import { fingerprintOf, type Finding } from '@tenantry/isolation';
import { randomBase32 } from '@tenantry/tenancy';
import type { Tx } from '../db/database.ts';
import type { EventInput } from '../db/emit.ts';

/** What a part of a run has seen on a cell. */
export interface Observed {
  readonly cellId: string;
  readonly part: IsolationPart;
  /** Null for what is not seen by a run, as that one is late. */
  readonly run: string | null;
  readonly at: Date;
  readonly findings: readonly Finding[];
  /** True when a finding of this kind would have been seen: then that it was not means that it is gone. */
  readonly covers: (known: { readonly check: string; readonly subject: string }) => boolean;
  /** Id of the tenant that has a schema. */
  readonly tenantOf: (schema: string) => string;
}

/** What became of findings. */
export interface Settled {
  readonly seen: number;
  readonly opened: number;
  readonly resolved: number;
  readonly events: readonly EventInput[];
}

interface Known {
  readonly id: string;
  readonly fingerprint: string;
  readonly check_id: string;
  readonly subject: string;
  readonly state: string;
}

/** How many findings one event names. */
const mostNamed = 20;

/**
 * Writes down what was seen: a new finding is opened, a known one seen again, one that came back reopened (or accepted, while its
 * acceptance lasts), and one that is gone resolved. Nothing is ever deleted. Callers wait for each other.
 */
export async function settleFindings(tx: Tx, observed: Observed): Promise<Settled> {
  await sql`LOCK TABLE tenantry.finding_order IN EXCLUSIVE MODE`.execute(tx);
  const known = await tx
    .selectFrom('isolation_findings')
    .select(['id', 'fingerprint', 'check_id', 'subject', 'state'])
    .where('cell_id', '=', observed.cellId)
    .where('part', '=', observed.part)
    .execute();
  const states = new Map(known.map(({ fingerprint, state }) => [fingerprint, state]));
  const seen = new Map(observed.findings.map((finding) => [fingerprintOf(finding), finding]));
  await write(tx, observed, seen);
  const opened = [...seen].filter(([fingerprint]) => (states.get(fingerprint) ?? 'resolved') === 'resolved');
  const gone = known.filter(
    ({ state, fingerprint, check_id: check, subject }) =>
      state !== 'resolved' && !seen.has(fingerprint) && observed.covers({ check, subject }),
  );
  await resolve(tx, observed, gone);
  return {
    seen: seen.size,
    opened: opened.length,
    resolved: gone.length,
    events:
      opened.length + gone.length === 0
        ? []
        : [
            eventOf(
              observed,
              opened.map(([, finding]) => finding),
              gone,
            ),
          ],
  };
}

async function write(
  tx: Tx,
  { cellId, part, run, at, tenantOf }: Observed,
  seen: ReadonlyMap<string, Finding>,
): Promise<void> {
  if (seen.size === 0) return;
  const rows = [...seen].map(([fingerprint, finding]) => ({
    id: `if_${randomBase32(16)}`,
    fingerprint,
    check_id: finding.check,
    subject: finding.subject,
    tenant_id: finding.tenant === null ? null : tenantOf(finding.tenant),
    severity: finding.severity,
    message: finding.message,
    evidence: finding.evidence,
    remediation: finding.remediation,
  }));
  await sql`
    INSERT INTO tenantry.isolation_findings AS f
           (id, cell_id, part, fingerprint, check_id, subject, tenant_id, severity, message, evidence, remediation,
            state, first_seen_at, last_seen_at, opened_at, first_run, last_run)
    SELECT x.id, ${cellId}, ${part}, x.fingerprint, x.check_id, x.subject, x.tenant_id, x.severity, x.message,
           coalesce(x.evidence, '{}'), x.remediation, 'open', ${at}, ${at}, ${at}, ${run}, ${run}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS x (id text, fingerprint text, check_id text, subject text, tenant_id text, severity text, message text,
              evidence jsonb, remediation text)
    ON CONFLICT (cell_id, fingerprint) DO UPDATE SET
      severity = excluded.severity, message = excluded.message, evidence = excluded.evidence,
      remediation = excluded.remediation, tenant_id = excluded.tenant_id,
      last_seen_at = excluded.last_seen_at, last_run = excluded.last_run,
      state = CASE WHEN f.state <> 'resolved' THEN f.state
                   WHEN f.accepted_until > excluded.last_seen_at THEN 'accepted' ELSE 'open' END,
      opened_at = CASE f.state WHEN 'resolved' THEN excluded.last_seen_at ELSE f.opened_at END,
      times_opened = f.times_opened + (f.state = 'resolved')::int,
      resolved_at = NULL`.execute(tx);
}

async function resolve(tx: Tx, { at, run }: Observed, gone: readonly Known[]): Promise<void> {
  if (gone.length === 0) return;
  await tx
    .updateTable('isolation_findings')
    .set({ state: 'resolved', resolved_at: at, ...(run === null ? {} : { last_run: run }) })
    .where(
      'id',
      'in',
      gone.map(({ id }) => id),
    )
    .execute();
}

function eventOf(
  { cellId, part, run }: Observed,
  opened: readonly Finding[],
  gone: readonly Known[],
): EventInput {
  return {
    type: 'isolation.findings',
    topics: ['isolation'],
    data: {
      cellId,
      part,
      run,
      opened: opened.length,
      resolved: gone.length,
      // A sample: whoever wants them all asks for the list.
      findings: opened
        .slice(0, mostNamed)
        .map(({ check, subject, severity }) => ({ check, subject, severity })),
    },
  };
}
