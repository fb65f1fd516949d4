import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConf } from '../../src/config/properties.ts';

function parsed(content: string, env: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(parseConf(content, env).map(({ key, value }) => [key, value]));
}

describe('the format of Java properties', () => {
  test.each([
    ['an equals sign', 'a=1', { a: '1' }],
    ['a colon', 'a:1', { a: '1' }],
    ['a blank', 'a 1', { a: '1' }],
    ['blanks around the separator', '  a \t=  1 2 ', { a: '1 2' }],
    ['the first separator only', 'a==1:2=3', { a: '=1:2=3' }],
    ['no value', 'a=\nb', { a: '', b: '' }],
    ['comments', '# a=1\n ! b=2\nc=#3', { c: '#3' }],
    ['a comment is not continued', '# a=1 \\\nb=2', { b: '2' }],
    ['the last of two', 'a=1\na=2', { a: '2' }],
    ['an empty key', '=1', { '': '1' }],
    ['line ends of Windows', 'a=1\r\nb=2\r\n', { a: '1', b: '2' }],
    ['nothing', '', {}],
  ])('%s', (_, content, expected) => {
    expect(parsed(content)).toEqual(expected);
  });
});

describe("Flyway's changes to it", () => {
  test('a backslash is a backslash', () => {
    expect(parsed(String.raw`flyway.locations=filesystem:C:\temp\new`)).toEqual({
      'flyway.locations': String.raw`filesystem:C:\temp\new`,
    });
    expect(parsed(String.raw`a=\u0041\n`)).toEqual({ a: String.raw`\u0041\n` });
  });

  test('a backslash at the end continues the line, whose blanks in front go', () => {
    expect(parsed('flyway.locations=one,\\\n    two,\\\n\tthree\nflyway.table=x')).toEqual({
      'flyway.locations': 'one,two,three',
      'flyway.table': 'x',
    });
  });

  test('but not where a blank line or a key of Flyway follows, or nothing', () => {
    expect(parsed('a=C:\\dir\\\nflyway.table=x')).toEqual({ a: 'C:\\dir\\', 'flyway.table': 'x' });
    expect(parsed('a=C:\\dir\\\n\nb=1')).toEqual({ a: 'C:\\dir\\', b: '1' });
    expect(parsed('a=C:\\dir\\')).toEqual({ a: 'C:\\dir\\' });
  });

  test('a condition that goes on in the next line is continued, though it begins with flyway.', () => {
    expect(parsed('a=x==y && \\\nflyway.b==c')).toEqual({ a: 'x==y && flyway.b==c' });
  });

  test('variables of the environment are put in, an absent one as nothing', () => {
    expect(parsed('flyway.url=${URL}-${NONE}-${flyway:user}', { URL: 'jdbc:x' })).toEqual({
      'flyway.url': 'jdbc:x--${flyway:user}',
    });
  });
});

test('lines are counted where a pair begins', () => {
  expect(parseConf('\n# x\na=1,\\\n  2\nb=3', {}).map(({ key, line }) => [key, line])).toEqual([
    ['a', 3],
    ['b', 5],
  ]);
});

test('any pairs that are written are read', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/);
  const value = fc.stringMatching(/^[A-Za-z0-9#!:= ${}',;*/\\-]{0,20}$/).map((text) => `x${text}x`.trim());
  fc.assert(
    fc.property(fc.dictionary(word, value), (pairs) => {
      const content = Object.entries(pairs)
        .map(([key, text]) => `${key}=${text}\n`)
        .join('\n');
      const expected = Object.entries(pairs).map(([key, text]) => [key, text.replaceAll(/\$\{\w+\}/g, '')]);
      expect(parsed(content)).toEqual(Object.fromEntries(expected));
    }),
  );
});

test('no text crashes it', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (content) => void parseConf(content, { A: '\\\n' })));
});
