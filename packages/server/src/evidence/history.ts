import { isolationParts } from '@tenantry/contract';
import type { EvidenceInput, EvidenceLifecycle } from '@tenantry/isolation/evidence';
import { sql } from 'kysely';
import type { IsolationContext } from '../isolation/context.ts';

type Period = EvidenceInput['period'];

/** Every finished part in the period, and how often each is due. */
export async function readSeries(
  ctx: IsolationContext,
  { from, to }: Period,
): Promise<NonNullable<EvidenceInput['series']>> {
  const [cells, { rows }] = await Promise.all([
    ctx.control.db.selectFrom('cells').select(['name', 'created_at']).orderBy('name').execute(),
    sql<{ cell: string; kind: string; at: Date; ok: boolean }>`
      SELECT c.name AS cell, r.part AS kind, r.finished_at AS at, r.state = 'succeeded' AS ok
        FROM tenantry.isolation_results r JOIN tenantry.cells c ON c.id = r.cell_id
       WHERE r.finished_at >= ${from}::timestamptz AND r.finished_at <= ${to}::timestamptz`.execute(
      ctx.control.db,
    ),
  ]);
  return {
    cells: cells.map(({ name, created_at: since }) => ({ cell: name, since: since.toISOString() })),
    runs: rows.map(({ cell, kind, at, ok }) => ({ cell, kind, finishedAt: at.toISOString(), ok })),
    schedules: isolationParts.map((kind) => ({
      kind,
      everySeconds: ctx.isolation.every[kind] === 0 ? null : ctx.isolation.every[kind],
    })),
  };
}

/** Tenants that came and went, as operations and the audit trail have it. */
export async function readLifecycle(ctx: IsolationContext, { from, to }: Period): Promise<EvidenceLifecycle> {
  const { rows } = await sql<EvidenceLifecycle>`
    SELECT (SELECT count(*)::int FROM tenantry_audit.events
             WHERE action = 'tenant.activate' AND at >= ${from}::timestamptz AND at <= ${to}::timestamptz) AS provisioned,
           (SELECT count(*)::int FROM tenantry.operations o
             WHERE o.kind = 'tenant.provision' AND o.state = 'succeeded'
               AND o.finished_at >= ${from}::timestamptz AND o.finished_at <= ${to}::timestamptz
               AND EXISTS (SELECT FROM tenantry.operation_steps s
                            WHERE s.operation_id = o.id AND s.name = 'probe' AND s.state = 'succeeded')) AS "probedBeforeActive",
           (SELECT count(*)::int FROM tenantry_audit.events
             WHERE action = 'tenant.suspend' AND at >= ${from}::timestamptz AND at <= ${to}::timestamptz) AS suspended,
           (SELECT count(*)::int FROM tenantry_audit.events
             WHERE action = 'tenant.purge' AND at >= ${from}::timestamptz AND at <= ${to}::timestamptz) AS purged`.execute(
    ctx.control.db,
  );
  return rows[0]!;
}
