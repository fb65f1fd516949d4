/**
 * The number of characters to add, remove, replace or swap with their neighbour to make one word of another.
 *
 * @example
 * ```ts
 * editDistance('outOfOdrer', 'outOfOrder'); // 1
 * ```
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length]!;
}

/** The nearest of some words without regard to case, and whether it is near enough to be a slip of the hand. */
export function nearest(
  word: string,
  words: Iterable<string>,
): { readonly word: string; readonly slip: boolean } | undefined {
  let best: { word: string; distance: number } | undefined;
  const wanted = word.toLowerCase();
  for (const candidate of words) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (best === undefined || distance < best.distance) best = { word: candidate, distance };
  }
  return best && { word: best.word, slip: best.distance <= Math.max(1, Math.floor(word.length / 4)) };
}
