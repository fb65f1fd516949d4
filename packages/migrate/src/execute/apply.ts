import { MigrateError } from '../errors.ts';
import type { Ending, StepApplied } from './ending.ts';
import { applyGroup } from './group.ts';
import { applyOutsideTransaction } from './non-transactional.ts';
import type { Session } from './session.ts';
import { isTransactional } from './step.ts';
import type { AroundScript, Step } from './step.ts';
import { TransactionalSteps } from './transactional.ts';
import type { StepList } from './transactional.ts';
import type { Wire } from './wire.ts';

/** Steps to run, and what happens between two of them. */
export interface Plan extends StepList {
  /** Index of the step before which `pause` runs, with nothing on its way; null for none. */
  readonly pauseBefore: number | null;
  pause(): Promise<void>;
  /** The same as scripts, for a group: its one transaction cannot be left for them. */
  pauseScripts(): readonly AroundScript[];
}

/**
 * Runs the steps of a plan in order behind the row `lastRank` of the history: transactional ones each in a transaction of
 * its own (all in one with `group`), the others in autocommit.
 */
export async function applyPlan(
  session: Session,
  wire: Wire,
  plan: Plan,
  lastRank: number | null,
  applied: StepApplied,
): Promise<Ending> {
  if (session.settings.group) {
    const steps = Array.from({ length: plan.length }, (_, i) => plan.at(i));
    if (isOneTransaction(session, steps)) {
      const between = plan.pauseBefore === null ? [] : plan.pauseScripts();
      const group = { steps, pauseBefore: plan.pauseBefore, between };
      return applyGroup(session, wire, group, lastRank, applied);
    }
  }
  const inTransactions = new TransactionalSteps(session, wire, lastRank, applied);
  try {
    return await applyOneByOne(session, wire, plan, inTransactions, applied);
  } finally {
    // The first error is the one to report.
    await inTransactions.close().catch(() => {});
  }
}

async function applyOneByOne(
  session: Session,
  wire: Wire,
  plan: Plan,
  inTransactions: TransactionalSteps,
  applied: StepApplied,
): Promise<Ending> {
  for (let i = 0; i < plan.length;) {
    if (i === plan.pauseBefore) await plan.pause();
    const end = i < (plan.pauseBefore ?? 0) ? (plan.pauseBefore ?? plan.length) : plan.length;
    const ending = await inTransactions.run(plan, i, end);
    if (ending.kind !== 'done') return ending;
    i = inTransactions.reached;
    if (i >= end) continue;
    const step = plan.at(i);
    const outside = await applyOutsideTransaction(session, wire, step, inTransactions.lastRank, applied);
    if (outside.kind !== 'done') return outside;
    inTransactions.continueBehind(step);
    i++;
  }
  return { kind: 'done' };
}

/** Flyway's rule for a group of both kinds. */
function isOneTransaction(session: Session, steps: readonly Step[]): boolean {
  const [first] = steps;
  const offender = steps.find(
    (step) => isTransactional(step) !== (first === undefined || isTransactional(first)),
  );
  if (offender !== undefined && !session.settings.mixed) {
    const { version, description, script } = offender.row;
    const name = `${version ?? ''}${description === '' ? '' : ` ${description}`}`;
    throw new MigrateError(
      'MIGRATION_MIXED',
      `Detected both transactional and non-transactional migrations within the same migration group (even though mixed is false). First offending migration: "${name}"${isTransactional(offender) ? '' : ' [non-transactional]'}`,
      { flywayCode: 'ERROR', file: script, hint: 'Set mixed=true, or migrate without group.' },
    );
  }
  return steps.every(isTransactional) && !steps.some(({ script }) => script?.endsTransaction === true);
}
