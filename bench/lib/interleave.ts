/** What one turn of an alternative took, in milliseconds. */
export type Turn = () => Promise<number>;

/** Milliseconds that `work` took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Lets alternatives take turns, A B C, C B A, …, so that none has a quieter machine than another, or comes behind the same one
 * each time, whose leftovers the server still works on; `warmup` turns of each come first and are not kept. Gives the milliseconds of each alternative, in the order of its turns.
 */
export async function interleave<const K extends string>(
  rounds: number,
  alternatives: Readonly<Record<K, Turn>>,
  warmup = 2,
): Promise<Readonly<Record<K, readonly number[]>>> {
  const names = Object.keys(alternatives) as K[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = -warmup; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const ms = await alternatives[name]();
      if (round >= 0) samples[name].push(ms);
    }
  }
  return samples;
}
