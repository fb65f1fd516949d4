import { describe, expect, test } from 'vitest';
import { importsOf } from '../lib/imports.ts';

const specifiers = (source: string): readonly string[] => importsOf(source).map(({ specifier }) => specifier);

describe('importsOf', () => {
  test.each([
    [`import 'a';`],
    [`import x from 'a';`],
    [`import * as x from "a"`],
    [`import x, { type y, z as from } from 'a';`],
    [`import type { x } from 'a';`],
    [`import {\n  x,\n  y,\n} from 'a';`],
    [`import { 'odd name' as x } from 'a';`],
    [`import data from 'a' with { type: 'json' };`],
    [`export * from 'a';`],
    [`export * as x from 'a';`],
    [`export { x } from 'a';`],
    [`export type { x } from 'a';`],
    [`const x = await import('a');`],
    [`type X = import('a').Y;`],
    ['const x = `${await import("a")} of many`;'],
    [`const x = 4 / 2; import('a'); const y = 1 / 3;`],
    [`const x = /'/.test(y) ? await import('a') : "'";`],
    [`const view = <p>it's <b>fine</b></p>;\nvoid import('a');`],
  ])('finds the module in %s', (source) => {
    expect(specifiers(source)).toEqual(['a']);
  });

  test.each([
    [`// import x from 'a';`],
    [`/* import 'a'; */`],
    [`const x = "import y from 'a'";`],
    ['const x = `import "a"; ${"import \\"b\\""} export * from "c"`;'],
    [`const x = /import 'a'/;`],
    [`export const from = 'a';`],
    [`export { x };\nconst from = 'a';`],
    [`export type X = { readonly from: 'a' };`],
    [`const url = import.meta.resolve('a');`],
    [`loader.import('a');`],
    ['const x = await import(`${base}/a`);'],
    [`const options = { import: 'a', export: { from: 'b' } };`],
  ])('finds nothing in %s', (source) => {
    expect(specifiers(source)).toEqual([]);
  });

  test('counts lines through comments, strings and templates', () => {
    const source = `/* one\n two */\nconst x = \`a\n\${1}\nb\`;\nimport 'a';`;
    expect(importsOf(source)).toEqual([{ specifier: 'a', line: 6 }]);
  });
});
