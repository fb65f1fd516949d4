import type { AcceptFinding, Finding } from '@tenantry/contract';
import { recordAll } from '../audit/record.ts';
import { TenantryError } from '../errors.ts';
import type { IsolationContext } from './context.ts';
import { findingEvent } from './finding-event.ts';
import { lockFinding } from './find-finding.ts';
import { stateAt, toFinding } from './rows.ts';
import { settleVerdict } from './verdict.ts';

/** The longest that an acceptance lasts: exceptions are looked at again at least once a year. */
const mostDays = 366;

/**
 * Lives with a finding until a day; the actor is its approver. While it lasts the finding does not count; when it ends the finding is
 * open again by itself. Accepting an accepted one takes the place of the acceptance before.
 * Throws FINDING_NOT_FOUND, FINDING_STATE_CONFLICT (it is resolved), VALIDATION (`until` has passed, or is too far away).
 */
export async function acceptFinding(
  ctx: IsolationContext,
  id: string,
  input: AcceptFinding,
): Promise<Finding> {
  const now = ctx.clock();
  const until = new Date(input.until);
  if (!(until > now)) throw new TenantryError('VALIDATION', '"until" must be in the future.');
  if (until.getTime() - now.getTime() > mostDays * 86_400_000)
    throw new TenantryError(
      'VALIDATION',
      '"until" must be at most a year away: look at the finding again then.',
    );
  const accepted = await ctx.control.db.transaction().execute(async (tx) => {
    const row = await lockFinding(tx, id);
    if (row.state === 'resolved') {
      throw new TenantryError(
        'FINDING_STATE_CONFLICT',
        'The finding is resolved: there is nothing to live with.',
      );
    }
    const before = toFinding(row, now);
    await tx
      .updateTable('isolation_findings')
      .set({
        state: 'accepted',
        accepted_by: JSON.stringify(ctx.actor),
        accepted_reason: input.reason,
        accepted_at: now,
        accepted_until: until,
      })
      .where('id', '=', id)
      .execute();
    const after = toFinding(await lockFinding(tx, id), now);
    const entry = {
      action: 'finding.accept',
      target: { kind: 'finding', id },
      before: { state: stateAt(row, now), acceptance: before.acceptance },
      after: {
        state: after.state,
        acceptance: after.acceptance,
        check: after.check,
        subject: after.subject,
        severity: after.severity,
      },
      reason: input.reason,
    };
    await recordAll(tx, ctx, [entry], [findingEvent(after)]);
    return after;
  });
  await settleVerdict(ctx);
  ctx.events.wake();
  return accepted;
}
