import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  blocksOf,
  fillPage,
  fillPages,
  pagesIn,
  regionOf,
  strictPagesIn,
  untestedSources,
} from '../lib/doc-blocks.ts';

describe('the documentation', () => {
  test('shows code as its sources have it; else run "node scripts/doc-blocks.ts --write"', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const problems = [...fillPages(root).values()].flatMap((page) => page.problems);
    expect(problems).toEqual([]);
  });

  test('shows code that tests run', () => {
    expect(untestedSources(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([]);
  });
});

describe('blocks of a page', () => {
  test('have a line, a language, a source and their code', () => {
    const page = 'Text\n\n```ts file=a.ts#one title\nconst a = 1;\n\nconst b = 2;\n```\n~~~\nplain\n~~~\n';
    expect(blocksOf(page)).toEqual([
      { line: 3, language: 'ts', source: 'a.ts#one', code: 'const a = 1;\n\nconst b = 2;' },
      { line: 8, language: '', source: undefined, code: 'plain' },
    ]);
  });

  test('may be empty, indented, hold other fences, and lack an end', () => {
    const page =
      '- item\n\n  ```sh file=x\n  one\n    two\n  ```\n````md\n```ts\n```\n````\n```ts\n```\n```sql\nSELECT 1;';
    expect(blocksOf(page).map(({ language, code }) => [language, code])).toEqual([
      ['sh', 'one\n  two'],
      ['md', '```ts\n```'],
      ['ts', ''],
      ['sql', 'SELECT 1;'],
    ]);
  });

  test('are not made by back quotes within a line', () => {
    expect(blocksOf('```ts``` is a word\n')).toEqual([]);
  });
});

describe('regions', () => {
  const source = [
    "import a from 'a';",
    'function f() {',
    '  // #region outer',
    '  before();',
    '',
    '  // #region inner',
    '    within();',
    '  // #endregion',
    '  after();',
    '  // #endregion',
    '}',
    '// #region inner',
    'again();',
    '// #endregion inner',
    '',
  ].join('\n');

  test('lose their indentation and the marks of others within', () => {
    expect(regionOf(source, 'outer')).toBe('before();\n\n  within();\nafter();');
  });

  test('of one name are joined', () => {
    expect(regionOf(source, 'inner')).toBe('within();\n\nagain();');
  });

  test('are the whole file without a name, but for the marks', () => {
    const whole = regionOf(source);
    expect(whole).toMatch(/^import a from 'a';\nfunction f/);
    expect(whole).toMatch(/again\(\);$/);
    expect(whole).not.toContain('#region');
  });

  test('may be marked in shell and SQL', () => {
    expect(regionOf('# #region a\nnpm test\n# #endregion', 'a')).toBe('npm test');
    expect(regionOf('-- #region a\nSELECT 1;\n-- #endregion', 'a')).toBe('SELECT 1;');
  });

  test('that are not there, or have no end, are undefined', () => {
    expect(regionOf(source, 'other')).toBeUndefined();
    expect(regionOf('// #region a\none();', 'a')).toBeUndefined();
    expect(regionOf('// #region a\none();')).toBeUndefined();
  });
});

describe('filling a page', () => {
  let root = '';
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'tenantry-docs-'));
    write('examples/a.ts', '// #region one\nconst one = 1;\n\nconst two = 2;\n// #endregion\n');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('mends what has drifted, everywhere, and only that', () => {
    const before = [
      '```ts file=examples/a.ts#one',
      '```',
      'between',
      '- item',
      '  ```ts file=examples/a.ts#one',
      '  const one = 0;',
      '  ```',
      '```json',
      '{}',
      '```',
    ].join('\n');
    const filled = fillPage(root, 'docs/a.md', before, true);
    expect(filled.problems.map((problem) => problem.split(': ')[0])).toEqual(['docs/a.md:1', 'docs/a.md:5']);
    expect(filled.text).toContain(
      '```ts file=examples/a.ts#one\nconst one = 1;\n\nconst two = 2;\n```\nbetween',
    );
    expect(filled.text).toContain('\n  const one = 1;\n\n  const two = 2;\n  ```\n```json\n{}');
    expect(fillPage(root, 'docs/a.md', filled.text, true)).toEqual({
      text: filled.text,
      problems: [],
      stale: [],
    });
  });

  test('refuses a source that is not there', () => {
    for (const source of ['examples/b.ts', 'examples/a.ts#two']) {
      const { problems, text } = fillPage(root, 'a.md', `\`\`\`ts file=${source}\nkept\n\`\`\``, false);
      expect(problems).toEqual([`a.md:1: there is no ${source}, or a region in it has no end.`]);
      expect(text).toContain('kept');
    }
  });

  test('refuses code without a source on a strict page, and output never', () => {
    const page = '```ts\na();\n```\n```sh\nb\n```\n```console\n$ b\n```\n```sql\nSELECT 1\n```';
    expect(fillPage(root, 'a.md', page, true).problems).toHaveLength(2);
    expect(fillPage(root, 'a.md', page, false).problems).toEqual([]);
  });

  test('finds sources that no test runs', () => {
    const names = ['run', 'used', 'named.sh', 'alone'].map((name) =>
      name.includes('.') ? name : `${name}.ts`,
    );
    const page = names.map((name) => `\`\`\`ts file=examples/b/${name}\n\`\`\`\n`).join('');
    write('docs/untested.md', page);
    write('examples/b/run.ts', "import './used.ts';");
    for (const name of names.slice(1)) write(`examples/b/${name}`, 'a();');
    write('examples/b/test/b.test.ts', "import '../run.ts';\nspawn('sh', [join(root, 'named.sh')]);");
    expect(untestedSources(root)).toEqual(['examples/b/alone.ts']);
    rmSync(join(root, 'docs/untested.md'));
  });

  test('looks at all pages, and is strict with those of the library', () => {
    for (const path of ['docs/x.md', 'docs/guides/y.md', 'docs/tenancy/z.md', 'packages/tenancy/README.md'])
      write(path, '```ts\na();\n```\n');
    write('packages/tenancy/node_modules/other/README.md', '```ts file=none\n```\n');
    expect(pagesIn(root)).toHaveLength(4);
    expect([...strictPagesIn(root)]).toHaveLength(3);
    expect([...fillPages(root).values()].flatMap(({ problems }) => problems)).toHaveLength(3);
  });
});
