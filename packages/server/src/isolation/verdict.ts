import type { Finding } from '@tenantry/isolation';
import { recordAll } from '../audit/record.ts';
import { systemActor } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import type { EventInput } from '../db/emit.ts';
import { lateCheck } from './catalogue.ts';
import type { IsolationContext } from './context.ts';
import { settleFindings, type Settled } from './settle-findings.ts';
import { readStanding, type CellStanding } from './standing.ts';

/**
 * Writes down which runs are late and what the verdict is now, in one transaction; a verdict that is another than before is in the audit
 * trail, and watchers are told. Safe to call often, and from several processes at once.
 */
export async function settleVerdict(ctx: IsolationContext): Promise<void> {
  const now = ctx.clock();
  const standing = await readStanding(ctx.control.db, ctx.isolation, now);
  const told = await ctx.control.db
    .selectFrom('isolation_verdict')
    .select('verdict')
    .executeTakeFirstOrThrow();
  const late = await lateKnown(ctx);
  const isNews = standing.cells.some(({ id, parts }) =>
    parts.some((each) => each.late !== late.has(`${id} ${each.part}`)),
  );
  // Asked outside of a transaction: mostly there is nothing to write.
  if (!isNews && told.verdict === standing.verdict) return;
  const changed = await ctx.control.db.transaction().execute(async (tx) => {
    const before = await tx
      .selectFrom('isolation_verdict')
      .select(['verdict', 'since'])
      .forUpdate()
      .executeTakeFirstOrThrow();
    const events = await settleLateness(tx, standing.cells, now);
    const after = await readStanding(tx, ctx.isolation, now);
    if (before.verdict === after.verdict && events.length === 0) return false;
    if (before.verdict === after.verdict) {
      await recordAll(tx, ctx, [], events);
      return true;
    }
    await tx.updateTable('isolation_verdict').set({ verdict: after.verdict, since: now }).execute();
    await recordAll(
      tx,
      // Nobody's act: it follows from what was found, or was not looked for.
      { ...ctx, actor: systemActor('isolation'), requestId: null, sourceIp: null },
      [
        {
          action: 'isolation.verdict',
          target: { kind: 'isolation', id: 'verdict' },
          before: { verdict: before.verdict, since: before.since.toISOString() },
          after: { verdict: after.verdict, since: now.toISOString() },
        },
      ],
      [
        ...events,
        {
          type: `isolation.${after.verdict}`,
          topics: ['isolation'],
          data: { verdict: after.verdict, before: before.verdict, since: now.toISOString() },
        },
      ],
    );
    return true;
  });
  if (changed) ctx.events.wake();
}

async function lateKnown(ctx: IsolationContext): Promise<ReadonlySet<string>> {
  const rows = await ctx.control.db
    .selectFrom('isolation_findings')
    .select(['cell_id', 'part'])
    .where('check_id', '=', lateCheck)
    .where('state', '<>', 'resolved')
    .execute();
  return new Set(rows.map(({ cell_id, part }) => `${cell_id} ${part}`));
}

/** A finding for each part of each cell that is late; resolved by itself when it has run. */
async function settleLateness(
  tx: Tx,
  cells: readonly CellStanding[],
  at: Date,
): Promise<readonly EventInput[]> {
  const settled: Settled[] = [];
  for (const cell of cells) {
    for (const standing of cell.parts) {
      const subject = `${standing.part} of cell ${cell.name}`;
      settled.push(
        await settleFindings(tx, {
          cellId: cell.id,
          part: standing.part,
          run: null,
          at,
          findings: standing.late ? [lateFinding(subject, standing)] : [],
          covers: (known) => known.check === lateCheck && known.subject === subject,
          tenantOf: (schema) => schema,
        }),
      );
    }
  }
  return settled.flatMap(({ events }) => events);
}

function lateFinding(subject: string, { lastGoodAt, lateFrom }: CellStanding['parts'][number]): Finding {
  return {
    check: lateCheck,
    subject,
    tenant: null,
    severity: 'high',
    message:
      lastGoodAt === null
        ? `The ${subject} has never come to an end`
        : `The ${subject} came to an end last at ${lastGoodAt.toISOString()}`,
    evidence: { lastGoodAt: lastGoodAt?.toISOString() ?? null, lateFrom: lateFrom?.toISOString() ?? null },
    remediation: null,
  };
}
