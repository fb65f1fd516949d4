import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from '../../src/version.ts';

const parts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 30n }), { minLength: 1, maxLength: 5 });

/** The same number, written in another way: leading zeros, zero parts behind it, underscores read as dots. */
function spelled(version: readonly bigint[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.nat(3), { minLength: version.length, maxLength: version.length }), fc.nat(3))
    .map(([zeros, more]) =>
      [
        ...version.map((part, i) => '0'.repeat(zeros[i] ?? 0) + String(part)),
        ...Array<string>(more).fill('0'),
      ].join('.'),
    );
}

/** Part by part, a missing part being zero: the rule as Flyway states it, not as this package computes it. */
function expected(a: readonly bigint[], b: readonly bigint[]): number {
  const length = Math.max(a.length, b.length);
  const at = Array.from({ length }, (_, i) => i).find((i) => (a[i] ?? 0n) !== (b[i] ?? 0n));
  return at === undefined ? 0 : (a[at] ?? 0n) < (b[at] ?? 0n) ? -1 : 1;
}

test('any two spellings of any two versions compare as their numbers do', () => {
  fc.assert(
    fc.property(
      fc
        .tuple(parts, parts)
        .chain(([a, b]) => fc.tuple(fc.constant(a), fc.constant(b), spelled(a), spelled(b))),
      ([a, b, left, right]) => {
        expect(compareVersions(left, right)).toBe(expected(a, b));
        expect(compareVersions(right, left)).toBe(expected(b, a));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('the order is total: three versions never contradict each other', () => {
  fc.assert(
    fc.property(
      fc.tuple(parts, parts, parts).chain(([a, b, c]) => fc.tuple(spelled(a), spelled(b), spelled(c))),
      ([a, b, c]) => {
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      },
    ),
    { numRuns: 1_000 },
  );
});
