import { sql } from 'kysely';
import type { IsolationContext } from './context.ts';
import { expireAcceptances } from './expire-acceptances.ts';
import { sweepHttpCanaries } from './http-canaries.ts';
import { sweepCells } from './sweep.ts';
import { settleVerdict } from './verdict.ts';

/** How long the tables of a run's page are kept; the run, its numbers and its findings stay. */
const detailDays = 35;

/** What is to be done once a minute: acceptances that have ended, ruins of killed runs, details of old runs. */
export async function maintainIsolation(ctx: IsolationContext): Promise<void> {
  await expireAcceptances(ctx);
  await sweepCells(ctx);
  await sweepHttpCanaries(ctx);
  await settleVerdict(ctx);
  await sql`
    UPDATE tenantry.isolation_results SET detail = NULL
     WHERE detail IS NOT NULL AND finished_at < now() - make_interval(days => ${detailDays})`.execute(
    ctx.control.db,
  );
}
