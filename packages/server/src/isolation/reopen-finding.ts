import type { Finding, ReopenFinding } from '@tenantry/contract';
import { recordAll } from '../audit/record.ts';
import { TenantryError } from '../errors.ts';
import type { IsolationContext } from './context.ts';
import { findingEvent } from './finding-event.ts';
import { lockFinding } from './find-finding.ts';
import { toFinding } from './rows.ts';
import { settleVerdict } from './verdict.ts';

/**
 * Takes the acceptance of a finding back: it counts again from now on.
 * Throws FINDING_NOT_FOUND, FINDING_STATE_CONFLICT (nobody accepts it now).
 */
export async function reopenFinding(
  ctx: IsolationContext,
  id: string,
  input: ReopenFinding,
): Promise<Finding> {
  const now = ctx.clock();
  const reopened = await ctx.control.db.transaction().execute(async (tx) => {
    const row = await lockFinding(tx, id);
    const before = toFinding(row, now);
    if (before.state !== 'accepted') {
      throw new TenantryError(
        'FINDING_STATE_CONFLICT',
        `Only an accepted finding can be reopened; this one is ${before.state}.`,
      );
    }
    await tx
      .updateTable('isolation_findings')
      .set({
        state: 'open',
        opened_at: now,
        accepted_by: null,
        accepted_reason: null,
        accepted_at: null,
        accepted_until: null,
      })
      .where('id', '=', id)
      .execute();
    const after = toFinding(await lockFinding(tx, id), now);
    const entry = {
      action: 'finding.reopen',
      target: { kind: 'finding', id },
      before: { state: before.state, acceptance: before.acceptance },
      after: { state: after.state, check: after.check, subject: after.subject },
      reason: input.reason,
    };
    await recordAll(tx, ctx, [entry], [findingEvent(after)]);
    return after;
  });
  await settleVerdict(ctx);
  ctx.events.wake();
  return reopened;
}
