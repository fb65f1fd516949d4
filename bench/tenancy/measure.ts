import { interleave, timed } from '../lib/interleave.ts';
import type { Population } from './population.ts';
import type { Way } from './ways.ts';

export interface Plan {
  readonly population: Population;
  readonly callers: number;
  readonly work: 'select' | 'transaction';
  /** Units of work of one turn. */
  readonly units: number;
  readonly rounds: number;
}

/** Milliseconds that each way takes for the same units of work, in turns. All callers draw from one list. */
export async function measure(
  ways: readonly Way[],
  plan: Plan,
): Promise<Readonly<Record<string, readonly number[]>>> {
  return interleave(plan.rounds, Object.fromEntries(ways.map((way) => [way.name, () => turn(way, plan)])), 1);
}

async function turn(way: Way, { population, callers, work, units }: Plan): Promise<number> {
  const list = Array.from({ length: units }, () => population.pick());
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < list.length) await way[work](list[next++]!);
  };
  await way.wake?.();
  try {
    return await timed(() => Promise.all(Array.from({ length: callers }, caller)));
  } finally {
    await way.rest?.();
  }
}
