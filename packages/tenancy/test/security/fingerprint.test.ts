import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintOf, withoutLiterals } from '../../src/security/fingerprint.ts';

const a = 't_aaaaaaaaaaaa';
const b = 't_bbbbbbbbbbbb';

test.each([
  [`SELECT 'a'`, `select   'another' -- with a comment`],
  ['SELECT 1', 'SELECT 2.5e3'],
  ['SELECT $1', `SELECT /* x */ 'y'`],
  [`SELECT E'it\\'s', $$a$$, $tag$ b $$ $tag$`, `SELECT 'a', 'b', 'c'`],
  ['SELECT * FROM x WHERE id IN (1, 2, 3)', 'SELECT * FROM x WHERE id IN (4)'],
  [`INSERT INTO x VALUES (1, 'a')`, `INSERT INTO x VALUES (2, 'b'), (3, 'c')`],
  [`SELECT * FROM ${a}.notes`, `SELECT * FROM ${b}.notes`],
  [`SELECT * FROM "${a}".notes`, `SELECT * FROM "${b}".notes`],
  [`SET ROLE ${a}_owner`, `SET ROLE ${b}_owner`],
  [`SELECT 'an unterminated one`, `SELECT 'of another length and "with quotes`],
  ['SELECT $$ unterminated', 'SELECT 1'],
])('%s and %s are one statement', (one, other) => {
  expect(fingerprintOf(one)).toBe(fingerprintOf(other));
  expect(fingerprintOf(one)).toMatch(/^[0-9a-f]{16}$/);
});

test.each([
  ['SELECT a FROM x', 'SELECT b FROM x'],
  ['SELECT a FROM x', 'DELETE FROM x'],
  ['SELECT "a" FROM x', 'SELECT "A" FROM x'],
  ['SELECT 1', 'SELECT 1, a'],
])('%s and %s are two', (one, other) => {
  expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
});

describe('what a literal holds', () => {
  const literal = fc
    .string({ unit: 'grapheme', maxLength: 30 })
    .map((text) => `${text}hunter2`)
    .chain((text) =>
      fc.constantFrom(
        `'${text.replaceAll("'", "''")}'`,
        `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
        `$secret$${text.replaceAll('$', '')}$secret$`,
      ),
    );

  test('is not in what is hashed, and changes nothing', () => {
    fc.assert(
      fc.property(literal, (text) => {
        const bare = withoutLiterals(`SELECT body FROM notes WHERE body = ${text} AND id = 7`);
        expect(bare).toBe('select body from notes where body = ? and id = ?');
      }),
    );
  });

  test('never takes long, whatever the text', () => {
    const started = performance.now();
    for (const text of [
      `'`.repeat(200_000),
      '$'.repeat(200_000),
      '('.repeat(200_000),
      '/*'.repeat(100_000),
      'a '.repeat(100_000),
    ])
      fingerprintOf(text);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
