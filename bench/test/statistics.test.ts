import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { quantile, ratioOf, summarize } from '../lib/statistics.ts';

const samples = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

describe('quantile', () => {
  it.each([
    [[5], 0.99, 5],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[1, 2, 3], 0, 1],
    [[1, 2, 3], 1, 3],
    [[0, 10], 0.9, 9],
  ])('of %j at %d is %d', (given, q, expected) => {
    expect(quantile(given, q)).toBeCloseTo(expected, 10);
  });

  it('refuses nothing, and what is no share', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 1.1)).toThrow(RangeError);
    expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
  });

  it('lies between the least and the greatest, grows with the share, and leaves the samples as they were', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (given, q) => {
        const before = [...given];
        const value = quantile(given, q);
        expect(value).toBeGreaterThanOrEqual(Math.min(...given));
        expect(value).toBeLessThanOrEqual(Math.max(...given) * (1 + 1e-12));
        expect(quantile(given, 1)).toBeGreaterThanOrEqual(value * (1 - 1e-12));
        expect(given).toEqual(before);
      }),
    );
  });
});

it('a summary is the quantiles', () => {
  const given = Array.from({ length: 101 }, (_, i) => i);
  expect(summarize(given)).toEqual({ n: 101, median: 50, p10: 10, p90: 90, p99: 99 });
});

describe('ratioOf', () => {
  it('compares medians, and pairs for the spread', () => {
    const ratio = ratioOf([2, 4, 12], [1, 4, 4]);
    expect(ratio.median).toBe(1);
    expect(ratio.p10).toBeCloseTo(1.2);
    expect(ratio.p90).toBeCloseTo(2.8);
  });

  it('does not move when the machine is slower for both', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0.5, max: 20, noNaN: true }), (given, factor) => {
        const { median, p10, p90 } = ratioOf(
          given.map((ms) => ms * factor),
          given,
        );
        for (const value of [median, p10, p90]) expect(value / factor).toBeCloseTo(1, 9);
      }),
    );
  });

  it('refuses alternatives that did not take turns', () => {
    expect(() => ratioOf([1, 2], [1])).toThrow(RangeError);
  });
});
