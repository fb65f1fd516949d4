/** What a set of measurements looks like; the unit is that of the samples. */
export interface Summary {
  readonly n: number;
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly p99: number;
}

/** How many times as long one alternative took as another, measured in turns. */
export interface Ratio {
  /** The ratio of the two medians. */
  readonly median: number;
  /** The tenth and the ninetieth percentile of the ratios of neighbours in time: how far a single pair strays. */
  readonly p10: number;
  readonly p90: number;
}

/**
 * The value below which a share `q` (0 to 1) of the samples lies, interpolated between the two next to it.
 *
 * @throws RangeError without samples, or for a share outside 0 to 1
 * @example
 * ```ts
 * quantile([1, 2, 3, 4], 0.5);  // 2.5
 * ```
 */
export function quantile(samples: readonly number[], q: number): number {
  if (samples.length === 0) throw new RangeError('There is no quantile of no samples.');
  if (!(q >= 0 && q <= 1)) throw new RangeError('A quantile lies between 0 and 1.');
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below + (above - below) * (at - Math.floor(at));
}

/** Median and spread of samples. Throws RangeError without any. */
export function summarize(samples: readonly number[]): Summary {
  return {
    n: samples.length,
    median: quantile(samples, 0.5),
    p10: quantile(samples, 0.1),
    p90: quantile(samples, 0.9),
    p99: quantile(samples, 0.99),
  };
}

/**
 * Compares two alternatives that were measured in turns, the first of one with the first of the other and so on.
 * The machine's slow drift is in both halves of a pair and falls out.
 *
 * @throws RangeError where the two have not as many samples as each other, or none
 * @example
 * ```ts
 * ratioOf([2, 4, 6], [1, 2, 3]).median;  // 2
 * ```
 */
export function ratioOf(product: readonly number[], reference: readonly number[]): Ratio {
  if (product.length !== reference.length) throw new RangeError('Alternatives are compared pair by pair.');
  const pairs = product.map((value, i) => value / reference[i]!);
  return {
    median: quantile(product, 0.5) / quantile(reference, 0.5),
    p10: quantile(pairs, 0.1),
    p90: quantile(pairs, 0.9),
  };
}
