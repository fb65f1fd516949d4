import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 60_000;

/** Milliseconds before the attempt after `attempt` (from 0): doubling, and spread so that many clients do not meet again. */
export function retryDelay(attempt: number): number {
  const full = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
  return Math.round(full * (0.5 + Math.random() / 2));
}

export { sleep };
