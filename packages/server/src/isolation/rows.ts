import { sql, type Selectable } from 'kysely';
import type {
  AttackTotals,
  FaultTotals,
  Finding,
  FindingState,
  IsolationRun,
  OperationState,
  RunState,
} from '@tenantry/contract';
import type { Database } from '../db/database.ts';
import type { ActorRecord, IsolationFindingRow, IsolationRunRow } from '../db/types.ts';
import { TenantryError } from '../errors.ts';
import { milliseconds } from '../operations/rows.ts';
import { entryOf } from './catalogue.ts';
import { sumOfAttacks } from './totals.ts';

/** A run with what its operation and its results say of it. */
export type RunRecord = Selectable<IsolationRunRow> & {
  readonly operation_state: OperationState;
  readonly actor: ActorRecord;
  readonly queued_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly cell_names: readonly string[];
  readonly sums: {
    readonly seen: number;
    readonly opened: number;
    readonly resolved: number;
    readonly tenants: number;
    readonly attacks: readonly AttackTotals[];
    readonly faults: readonly FaultTotals[];
  };
};

/** Runs with their operations and the sums of their results. */
export function selectRuns(db: Database) {
  return db
    .selectFrom('isolation_runs')
    .innerJoin('operations', 'operations.id', 'isolation_runs.operation_id')
    .selectAll('isolation_runs')
    .select([
      'operations.state as operation_state',
      'operations.actor',
      'operations.queued_at',
      'operations.started_at',
      'operations.finished_at',
      sql<
        string[]
      >`ARRAY(SELECT name FROM tenantry.cells WHERE id = ANY (isolation_runs.cell_ids) ORDER BY is_default DESC, name)`.as(
        'cell_names',
      ),
      sql<RunRecord['sums']>`(
        SELECT jsonb_build_object(
                 'seen', coalesce(sum(seen), 0), 'opened', coalesce(sum(opened), 0), 'resolved', coalesce(sum(resolved), 0),
                 'tenants', coalesce(sum(tenants) FILTER (WHERE part = 'audit'), 0),
                 'attacks', coalesce(jsonb_agg(attacks) FILTER (WHERE attacks IS NOT NULL), '[]'),
                 'faults', coalesce(jsonb_agg(faults) FILTER (WHERE faults IS NOT NULL), '[]'))
          FROM tenantry.isolation_results WHERE run_id = isolation_runs.id)`.as('sums'),
    ]);
}

/** A run by its id, or its operation's. Throws RUN_NOT_FOUND. */
export async function getRunRow(
  db: Database,
  by: { readonly id: string } | { readonly operation_id: string },
): Promise<RunRecord> {
  const query = selectRuns(db);
  const row = await (
    'id' in by
      ? query.where('isolation_runs.id', '=', by.id)
      : query.where('isolation_runs.operation_id', '=', by.operation_id)
  ).executeTakeFirst();
  if (!row) throw new TenantryError('RUN_NOT_FOUND');
  return row;
}

export function toRun(row: RunRecord): IsolationRun {
  const { seen, opened, resolved, tenants, attacks, faults } = row.sums;
  const { kind, id, name } = row.actor;
  return {
    id: row.id,
    operation: row.operation_id,
    cells: [...row.cell_names],
    parts: [...row.parts],
    trigger: row.trigger,
    state: runStateOf(row.operation_state),
    clean: row.operation_state === 'succeeded' ? row.clean : null,
    findings: { seen, opened, resolved },
    tenants,
    attacks: sumOfAttacks(attacks),
    faults: faults[0] ?? null,
    actor: { kind, id, name },
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    ms: milliseconds(row.queued_at, row.finished_at),
  };
}

function runStateOf(state: OperationState): RunState {
  return state === 'cancelling' ? 'running' : state;
}

/** A finding with the names that people know. */
export type FindingRecord = Selectable<IsolationFindingRow> & {
  readonly cell_name: string;
  readonly tenant_slug: string | null;
};

/** Findings with the names of their cell and tenant. */
export function selectFindings(db: Database) {
  return db
    .selectFrom('isolation_findings')
    .innerJoin('cells', 'cells.id', 'isolation_findings.cell_id')
    .leftJoin('tenants', 'tenants.id', 'isolation_findings.tenant_id')
    .selectAll('isolation_findings')
    .select(['cells.name as cell_name', 'tenants.slug as tenant_slug']);
}

/** The state of a finding at a moment: an acceptance ends by itself. */
export function stateAt(row: Pick<FindingRecord, 'state' | 'accepted_until'>, now: Date): FindingState {
  const ended = row.state === 'accepted' && row.accepted_until !== null && row.accepted_until <= now;
  return ended ? 'open' : row.state;
}

export function toFinding(row: FindingRecord, now: Date): Finding {
  const state = stateAt(row, now);
  return {
    id: row.id,
    check: row.check_id,
    title: entryOf(row.check_id)?.title ?? row.check_id,
    subject: row.subject,
    cell: row.cell_name,
    tenantId: row.tenant_id,
    tenantSlug: row.tenant_slug,
    severity: row.severity,
    state,
    message: row.message,
    evidence: row.evidence,
    remediation: row.remediation,
    firstSeenAt: row.first_seen_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    openedAt: row.opened_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    timesOpened: row.times_opened,
    acceptance: acceptanceOf(row),
    firstRun: row.first_run,
    lastRun: row.last_run,
  };
}

/** Also of one that has ended: who had accepted it, and until when, belongs to the finding. */
function acceptanceOf(row: FindingRecord): Finding['acceptance'] {
  const { accepted_by: by, accepted_reason: reason, accepted_at: at, accepted_until: until } = row;
  if (by === null || reason === null || at === null || until === null) return null;
  return {
    by: { kind: by.kind, id: by.id, name: by.name },
    reason,
    at: at.toISOString(),
    until: until.toISOString(),
  };
}
