import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareVersions, parseFileName } from '../src/index.ts';

const number = fc.bigInt({ min: 0n, max: 10n ** 30n });
const parts = fc.array(number, { minLength: 1, maxLength: 5 });

/** Another way to write the same version: zeros in front, zero parts behind, underscores. */
const spelling = fc.record({
  zeros: fc.array(fc.nat({ max: 3 }), { minLength: 5, maxLength: 5 }),
  tail: fc.nat({ max: 3 }),
});

function spell(version: readonly bigint[], how: { zeros: readonly number[]; tail: number }): string {
  const head = version.map((part, i) => '0'.repeat(how.zeros[i] ?? 0) + part.toString());
  return [...head, ...Array.from({ length: how.tail }, () => '0')].join('.');
}

function byParts(a: readonly bigint[], b: readonly bigint[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [l, r] = [a[i] ?? 0n, b[i] ?? 0n];
    if (l !== r) return l < r ? -1 : 1;
  }
  return 0;
}

describe('versions', () => {
  it('compare by their numbers, however they are spelled', () => {
    fc.assert(
      fc.property(parts, parts, spelling, spelling, (a, b, how, other) => {
        expect(Math.sign(compareVersions(spell(a, how), spell(b, other)))).toBe(byParts(a, b));
        expect(compareVersions(spell(a, how), spell(a, other))).toBe(0);
      }),
    );
  });

  it.each([
    ['1', '1.0', 0],
    ['1', '001.00', 0],
    ['1.10', '1.9', 1],
    ['-1', '1', -1],
    ['2024.01.15', '20240116.1200', -1],
  ])('%s against %s is %i', (a, b, order) => {
    expect(compareVersions(a, b)).toBe(order);
  });

  it.each(['', '1a', '1..2', '1.', '.1', 'latest', '1.b'])('"%s" is no version', (text) => {
    expect(() => compareVersions(text, '1')).toThrow(RangeError);
  });
});

describe('file names', () => {
  it.each([
    ['V1.sql', { kind: 'versioned', version: '1', description: '' }],
    ['V1_2__add_orders.sql', { kind: 'versioned', version: '1.2', description: 'add orders' }],
    ['V5__a__b.SQL', { kind: 'versioned', version: '5', description: 'a  b' }],
    ['V006__padded.sql', { kind: 'versioned', version: '006', description: 'padded' }],
    ['R__.sql', { kind: 'repeatable', version: null, description: '' }],
    ['R__a_b.sql', { kind: 'repeatable', version: null, description: 'a b' }],
    ['U1__undo.sql', { kind: 'other', reason: 'undo migration' }],
    ['B7__base.sql', { kind: 'other', reason: 'baseline migration' }],
    ['afterMigrate.sql', { kind: 'other', reason: 'callback' }],
    ['beforeEachMigrate__log.sql', { kind: 'other', reason: 'callback' }],
    ['readme.txt', { kind: 'none' }],
  ])('%s', (name, meaning) => {
    expect(parseFileName(name)).toEqual(meaning);
  });

  it.each([
    'R1__bad.sql',
    'R_bad.sql',
    'V3_no_double.sql',
    'V1..2__x.sql',
    'V__x.sql',
    'v2__lower.sql',
    'X1__x.sql',
  ])('%s is invalid', (name) => {
    expect(parseFileName(name)).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining(name) as string,
    });
  });

  it('prefixes, separator and suffixes can be others', () => {
    expect(parseFileName('20220803__premises.sql', { sqlMigrationPrefix: '' })).toMatchObject({
      version: '20220803',
    });
    expect(
      parseFileName('m1--x.pgsql', {
        sqlMigrationPrefix: 'm',
        sqlMigrationSeparator: '--',
        sqlMigrationSuffixes: ['.sql', '.pgsql'],
      }),
    ).toEqual({
      kind: 'versioned',
      version: '1',
      description: 'x',
    });
  });

  it('any name at all gets an answer', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(parseFileName(`${name}.sql`).kind).not.toBe('none');
      }),
    );
  });
});
