import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findCanary } from '../../src/testing/isolation/canary.ts';
import { gzipSync, deflateRawSync } from 'node:zlib';
import { sampleOf, sampleOfLike } from '../../src/testing/plant/pattern.ts';
import { search } from '../../src/testing/plant/search.ts';

const canary = 'canaryabcdefghijklmnopqr';

test.each([
  ['^[a-z_]+$', 'b', 'word'],
  ['^[A-Z]{3}$', 'BBB', 'BBB'],
  ['^(foo|bar)-\\d{4}$', 'foo-2222', 'foo-2222'],
  ['^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$', 'b@b.bb', 'word@b.bb'],
  ['^[[:alnum:]_]{1,5}$', 'b', 'word'],
  ['^https?://', 'http://', 'http://'],
  ['^(?:[a-f0-9]{2}:){2}[a-f0-9]{2}$', 'bb:bb:bb', 'bb:bb:bb'],
  ['^\\+?[1-9]\\d{6,14}$', '2222222', '2222222'],
])('a text for %s', (pattern, short, long) => {
  expect(sampleOf(pattern, { n: 1 })).toBe(short);
  expect(sampleOf(pattern, { n: 1, word: 'word' })).toBe(long);
});

test('a pattern of its own kind is not understood, which is no error', () => {
  expect(sampleOf('(?=x)', { n: 0 })).toBeUndefined();
  expect(sampleOf('(', { n: 0 })).toBeUndefined();
  expect(sampleOfLike('%_@_%', { n: 0, word: 'x' })).toBe('xa@a');
});

test('what is sampled of a pattern matches it', () => {
  const atom = fc.constantFrom('a', '[a-z]', '[A-Z0-9]', '\\d', '[^ ]', '-', '\\.', '(ab|c)', '(?:x[yz])');
  const times = fc.constantFrom('', '+', '*', '?', '{2}', '{1,3}', '{2,}');
  const patterns = fc.array(fc.tuple(atom, times), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      patterns,
      fc.nat({ max: 2 }),
      fc.option(fc.constantFrom('word', canary)),
      (parts, n, word) => {
        const pattern = `^${parts.map((part) => part.join('')).join('')}$`;
        const sample = sampleOf(pattern, word === null ? { n } : { n, word });
        expect(sample).toMatch(new RegExp(pattern));
      },
    ),
  );
});

test('a choice is found wherever there is one, and the nearest to the first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.array(fc.nat({ max: 3 }), { minLength: 4, maxLength: 4 }), { maxLength: 6 }),
      async (sizes, forbidden) => {
        // Each rule forbids two columns their values together.
        const breaks = (choice: readonly number[]) =>
          forbidden.find(
            ([a, b, x, y]) => choice[a! % sizes.length] === x && choice[b! % sizes.length] === y,
          );
        const found = await search(sizes, async (choice) => {
          const rule = breaks(choice);
          return rule && { columns: [rule[0]! % sizes.length, rule[1]! % sizes.length] };
        });
        const all = sizes.reduce<number[][]>(
          (list, size) => list.flatMap((head) => Array.from({ length: size }, (_, i) => [...head, i])),
          [[]],
        );
        const good = all.filter((choice) => breaks(choice) === undefined);
        const sum = (choice: readonly number[]) => choice.reduce((total, each) => total + each, 0);
        if (found === undefined) expect(good).toEqual([]);
        else {
          expect(breaks(found)).toBeUndefined();
          expect(sum(found)).toBe(Math.min(...good.map(sum)));
        }
      },
    ),
  );
});

const answer = (body: string | Buffer, headers: readonly (readonly [string, string])[] = []) => ({
  status: 200,
  statusText: 'OK',
  headers,
  body: Buffer.from(body),
});

test.each<[string, Parameters<typeof findCanary>[0]]>([
  ['as it is', answer(`{"name":"${canary}a"}`)],
  ['in capitals', answer(canary.toUpperCase())],
  ['in a header', answer('', [['location', `/x/${canary}`]])],
  ['in the status text', { ...answer(''), statusText: `Not ${canary}` }],
  [
    'escaped in JSON',
    answer(
      canary
        .split('')
        .map((c) => `\\u00${c.charCodeAt(0).toString(16)}`)
        .join(''),
    ),
  ],
  [
    'escaped in an address',
    answer(
      canary
        .split('')
        .map((c) => `%${c.charCodeAt(0).toString(16)}`)
        .join(''),
    ),
  ],
  [
    'escaped in HTML',
    answer(
      canary
        .split('')
        .map((c) => `&#${c.charCodeAt(0)};`)
        .join(''),
    ),
  ],
  ['in hexadecimal', answer(`\\x${Buffer.from(`..${canary}`).toString('hex')}`)],
  ['in UTF-16', answer(Buffer.from(`\ufeffx;${canary};y`, 'utf16le'))],
  ['in gzip', answer(gzipSync(`a,b\n1,${canary}\n`))],
  ['in a ZIP archive', answer(zipOf('sheet.xml', `<c>${canary}</c>`))],
])('a canary is found %s', (_, given) => {
  expect(findCanary(given, canary)).toBeDefined();
  expect(findCanary(given, 'canaryxxxxxxxxxxxxxxxxxx')).toBeUndefined();
});

test('a canary is found in base64, wherever it begins and however it is written', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (before, after) => {
      for (const encoding of ['base64', 'base64url'] as const)
        expect(
          findCanary(answer(Buffer.from(before + canary + after).toString(encoding)), canary),
        ).toBeDefined();
    }),
  );
});

function zipOf(name: string, text: string): Buffer {
  const data = deflateRawSync(text);
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(data.length, 18);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, Buffer.from(name), data]);
}
