import { sql } from 'kysely';
import { isolationParts, type IsolationPart, type RunTrigger } from '@tenantry/contract';
import { emit } from '../db/emit.ts';
import type { Tx } from '../db/database.ts';
import { operationEvent } from '../operations/announce.ts';
import type { IsolationContext, IsolationSettings } from './context.ts';
import { firstDueOf } from './parts.ts';
import { insertRun } from './start.ts';

/** A part that has failed is tried again after this many seconds, or its interval where that is shorter. */
const retryAfter = 3600;
/** Changes of tenants are looked at when they have been quiet for so long, in milliseconds: many at once are one look. */
const quietMs = 5_000;

interface Row {
  readonly id: string;
  readonly is_default: boolean;
  /** When it, or verification, came to be here. */
  readonly since: Date;
  /** A run of it is not finished. */
  readonly busy: boolean;
  readonly good: Readonly<Partial<Record<IsolationPart, string>>>;
  readonly tried: Readonly<Partial<Record<IsolationPart, string>>>;
  /** When a tenant was changed last, if after the last audit was begun. */
  readonly changed_at: Date | null;
}

/**
 * Starts the runs that are due: by the clock, or since tenants have changed. Any number of control planes may call it: one of them at a time
 * looks, and a cell has one run under way. Gives how many it started.
 */
export async function startDueRuns(ctx: IsolationContext): Promise<number> {
  if (Object.values(ctx.isolation.every).every((every) => every === 0)) return 0;
  const started = await ctx.control.db.transaction().execute(async (tx) => {
    const { rows: locks } = await sql<{ mine: boolean }>`SELECT tenantry.try_schedule() AS mine`.execute(tx);
    if (!locks[0]!.mine) return 0;
    const due = (await readCells(tx)).flatMap((row) => dueOf(row, ctx.isolation, ctx.clock()));
    for (const run of due) {
      const { operation } = await insertRun(tx, ctx, run);
      await emit(tx, operationEvent(operation));
    }
    return due.length;
  });
  if (started > 0) ctx.events.wake();
  return started;
}

async function readCells(tx: Tx): Promise<readonly Row[]> {
  const parts = [...isolationParts];
  const { rows } = await sql<Row>`
    SELECT c.id, c.is_default,
           greatest(c.created_at, (SELECT installed_at FROM tenantry.schema_versions WHERE version = 3)) AS since,
           EXISTS (SELECT FROM tenantry.operations o JOIN tenantry.isolation_runs r ON r.operation_id = o.id
                    WHERE o.finished_at IS NULL AND o.kind = 'isolation.run' AND c.id = ANY (r.cell_ids)) AS busy,
           coalesce((SELECT jsonb_object_agg(p.part, p.at) FROM (
              SELECT part, (SELECT max(r.finished_at) FROM tenantry.isolation_results r
                             WHERE r.cell_id = c.id AND r.part = x.part AND r.state = 'succeeded') AS at
                FROM unnest(${parts}::text[]) AS x (part)) p WHERE p.at IS NOT NULL), '{}') AS good,
           coalesce((SELECT jsonb_object_agg(p.part, p.at) FROM (
              SELECT part, (SELECT r.created_at FROM tenantry.isolation_runs r
                             WHERE c.id = ANY (r.cell_ids) AND x.part = ANY (r.parts)
                               AND r.created_at > now() - interval '1 hour'
                             ORDER BY r.created_at DESC LIMIT 1) AS at
                FROM unnest(${parts}::text[]) AS x (part)) p WHERE p.at IS NOT NULL), '{}') AS tried,
           (SELECT max(t.updated_at) FROM tenantry.tenants t WHERE t.cell_id = c.id
               AND t.updated_at > (SELECT max(r.started_at) FROM tenantry.isolation_results r
                                    WHERE r.cell_id = c.id AND r.part = 'audit' AND r.state = 'succeeded')) AS changed_at
      FROM tenantry.cells c ORDER BY c.is_default DESC, c.name`.execute(tx);
  return rows;
}

interface DueRun {
  readonly cells: readonly string[];
  readonly parts: readonly IsolationPart[];
  readonly trigger: RunTrigger;
}

function dueOf(row: Row, { every }: IsolationSettings, now: Date): readonly DueRun[] {
  if (row.busy) return [];
  const due = isolationParts.filter((part) => isDue(row, part, every[part], now));
  const cells = [row.id];
  const looks = due.filter((part) => part !== 'faults');
  if (looks.length > 0) return [{ cells, parts: looks, trigger: 'schedule' }];
  // By themselves: they take minutes, and the cell may be looked at meanwhile.
  if (due.includes('faults')) return [{ cells, parts: ['faults'], trigger: 'schedule' }];
  const changed = row.changed_at !== null && row.changed_at.getTime() + quietMs <= now.getTime();
  // Where nothing is scheduled nobody wants runs that come by themselves.
  if (!changed || every.audit === 0) return [];
  return [{ cells, parts: ['audit', 'oracle'], trigger: 'change' }];
}

function isDue(row: Row, part: IsolationPart, every: number, now: Date): boolean {
  if (every === 0 || (part === 'faults' && !row.is_default)) return false;
  const [good, tried] = [row.good[part], row.tried[part]];
  const after = (at: string, seconds: number) => new Date(at).getTime() + seconds * 1000;
  const due = good === undefined ? firstDueOf(part, every, row.since).getTime() : after(good, every);
  const again = tried === undefined ? 0 : after(tried, Math.min(every, retryAfter));
  return now.getTime() >= Math.max(due, again);
}
