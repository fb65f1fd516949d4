import { sql } from 'kysely';
import type { Operation, Overview } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { listOperations } from '../operations/list.ts';

const shown = 5;

interface Counts {
  readonly queued: number;
  readonly running: number;
  readonly failed: number;
  readonly succeeded: number;
  readonly provisioned: number;
  readonly p50: number | null;
  readonly p95: number | null;
}

/** What runs now, and how the last day went. */
export async function readOperations(ctx: Context): Promise<NonNullable<Overview['operations']>> {
  const only = ctx.onlyTenant === null ? sql`true` : sql`o.tenant_id = ${ctx.onlyTenant}`;
  const since = new Date(ctx.clock().getTime() - 86_400_000);
  const [counted, unfinished, failed] = await Promise.all([
    sql<Counts>`
      SELECT count(*) FILTER (WHERE o.state = 'queued')::int AS queued,
             count(*) FILTER (WHERE o.state IN ('running', 'cancelling'))::int AS running,
             count(*) FILTER (WHERE o.state = 'failed')::int AS failed,
             count(*) FILTER (WHERE o.state = 'succeeded')::int AS succeeded,
             count(*) FILTER (WHERE o.state = 'succeeded' AND o.kind = 'tenant.provision')::int AS provisioned,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE t.ms IS NOT NULL) AS p50,
             percentile_cont(0.95) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE t.ms IS NOT NULL) AS p95
        FROM tenantry.operations o
        CROSS JOIN LATERAL (SELECT CASE WHEN o.state = 'succeeded' AND o.kind = 'tenant.provision'
          THEN extract(epoch FROM o.finished_at - o.queued_at)::float8 * 1000 END AS ms) t
       WHERE ${only} AND (o.created_at >= ${since} OR o.finished_at IS NULL)`.execute(ctx.control.db),
    listOperations(ctx, { state: 'queued,running,cancelling', limit: shown }),
    listOperations(ctx, { state: 'failed', limit: shown }),
  ]);
  const { queued, running, failed: failures, succeeded, provisioned, p50, p95 } = counted.rows[0]!;
  const isRecent = ({ createdAt }: Operation) => new Date(createdAt) >= since;
  return {
    queued,
    running,
    failedLastDay: failures,
    succeededLastDay: succeeded,
    provisionMs: p50 === null || p95 === null ? null : { p50, p95, operations: provisioned },
    unfinished: unfinished.items,
    failed: failed.items.filter(isRecent),
  };
}
