import type { IsolationPart } from '@tenantry/contract';
import { isolationParts } from '@tenantry/contract';
import type { StepPlan } from '../operations/definition.ts';

/** What a person sees happening. */
const titles: Readonly<Record<IsolationPart, string>> = {
  audit: 'Compare the catalogs with what the design needs',
  oracle: 'Ask PostgreSQL what roles may do',
  probes: 'Let one canary tenant attack another over every lane',
  faults: 'Weaken a throw-away copy on purpose, and count what is noticed',
};

export const judgeStep: StepPlan = { name: 'judge', title: 'Say whether tenants are isolated' };

/** The steps of a run, in the order in which parts run: the catalogs first, before a canary is there. */
export function stepsOf(parts: readonly IsolationPart[]): readonly StepPlan[] {
  const own = isolationParts.filter((part) => parts.includes(part));
  return [...own.map((part) => ({ name: part, title: titles[part] })), judgeStep];
}

/** Parts that every cell has; `faults` are put into a copy, which stands for all of them. */
export const partsOfCells: readonly IsolationPart[] = ['audit', 'oracle', 'probes'];

/** Faults wait for so long after the installation, in seconds: who tries Tenantry has better use for the processor than minutes of them. */
const faultsAfter = 3600;

/** When a part that has never come to an end is due, of what is known `since` then. */
export function firstDueOf(part: IsolationPart, every: number, since: Date): Date {
  return part === 'faults' ? new Date(since.getTime() + Math.min(every, faultsAfter) * 1000) : since;
}

/** How long ago the last good run may be when nothing is scheduled, in seconds. */
const unscheduled = 86_400;

/**
 * Seconds after the last good run from which a part is late: half of its interval more than that, and two minutes at least, so that a
 * run that takes its time is not.
 */
export function allowanceOf(every: number): number {
  const interval = every === 0 ? unscheduled : every;
  return interval + Math.max(120, interval / 2);
}
