import { recordAll, type AuditEntry } from '../audit/record.ts';
import { findingEvent } from './finding-event.ts';
import type { IsolationContext } from './context.ts';
import { selectFindings, toFinding } from './rows.ts';

/** At a time; the others follow in the next minute. */
const most = 100;

/**
 * Writes down that acceptances have ended. They have ended before, in the moment that they name: this is for the audit trail, and for
 * whoever reads the table. Gives how many.
 */
export async function expireAcceptances(ctx: IsolationContext): Promise<number> {
  const now = ctx.clock();
  return ctx.control.db.transaction().execute(async (tx) => {
    const ended = await selectFindings(tx)
      .where('isolation_findings.state', '=', 'accepted')
      .where('accepted_until', '<=', now)
      .orderBy('isolation_findings.id')
      .limit(most)
      .forUpdate('isolation_findings')
      .skipLocked()
      .execute();
    if (ended.length === 0) return 0;
    await tx
      .updateTable('isolation_findings')
      .set((eb) => ({ state: 'open', opened_at: eb.ref('accepted_until').$notNull() }))
      .where(
        'id',
        'in',
        ended.map(({ id }) => id),
      )
      .execute();
    const findings = ended.map((row) => toFinding({ ...row, state: 'open' }, now));
    const entries = findings.map(({ id, acceptance, check, subject }): AuditEntry => ({
      action: 'finding.expire',
      target: { kind: 'finding', id },
      before: { state: 'accepted', acceptance },
      after: { state: 'open', check, subject },
      reason: 'The acceptance has ended',
    }));
    await recordAll(tx, ctx, entries, findings.map(findingEvent));
    return ended.length;
  });
}
