import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { GrammarError, loadGrammar } from '../../src/grammar.ts';
import { splitTree } from '../../src/split.ts';
import { DATA, dataMissing, skipReason } from '../support/files.ts';

beforeAll(() => loadGrammar());

/** Puts the statements and what lies between them together again; null where the grammar refuses the text. */
function rejoined(sql: string): string | null {
  try {
    let text = '';
    let at = 0;
    for (const { start, end, sql: own, copy } of splitTree(sql)) {
      if (start < at || end < start) throw new Error(`statement at ${start} to ${end} overlaps`);
      text += sql.slice(at, start) + own;
      at = end;
      if (copy === null) continue;
      if (copy.start < end) throw new Error(`data at ${copy.start} overlaps`);
      text += sql.slice(end, copy.start) + sql.slice(copy.start, copy.end) + sql.slice(copy.end, copy.after);
      at = copy.after;
    }
    return text + sql.slice(at);
  } catch (error) {
    expect(error).toBeInstanceOf(GrammarError);
    return null;
  }
}

function survives(sql: string): void {
  const text = rejoined(sql);
  if (text !== null) expect(text).toBe(sql);
}

const TOKENS = [
  'select',
  'copy t from stdin',
  'COPY t (a) FROM STDIN WITH (FORMAT csv)',
  'create function f() returns int',
  'begin atomic',
  'end',
  'do',
  'language sql',
  'as',
  'case',
  "e'",
  "E'",
  "U&'",
  "'",
  "''",
  '"',
  '$$',
  '$a$',
  '$1',
  '$é$',
  '/*',
  '*/',
  '--',
  '\\',
  '\\.',
  '\n\\.\n',
  '\r\n',
  '\r',
  '\n',
  '\t',
  ' ',
  ';',
  ';;',
  '(',
  ')',
  '[',
  ']',
  '1',
  '1e',
  '0x',
  'a',
  'a$b',
  'é',
  '🦊',
  '\ud800',
  '\udc00',
  '\u00a0',
  '\u2028',
  '\0',
  '\ufeff',
  '${x}',
  ':=',
  '::',
  '<>',
  '+-*/',
  '@',
  '#',
  '%',
  ',',
  '.',
  '..',
  'from',
  'stdin',
  'table',
  'null',
  'insert into t values',
];
const noise = fc
  .array(fc.constantFrom(...TOKENS), { maxLength: 60 })
  .chain((words) => fc.constantFrom('', ' ', '\n').map((blank) => words.join(blank)));
const anything = fc.oneof(
  noise,
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
);

describe('any text', () => {
  it('is split and joins to the same text, or is refused', { timeout: 120_000 }, () => {
    fc.assert(fc.property(anything, survives), { numRuns: 12_000 });
  });
});

const projects = dataMissing
  ? []
  : readdirSync(join(DATA, 'real')).filter((name) => existsSync(join(DATA, 'real', name, 'sql')));

function someFiles(): readonly string[] {
  return projects.flatMap((name) => {
    const root = join(DATA, 'real', name, 'sql');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.sql'),
    );
    return files
      .toSorted()
      .filter((_, i) => i % 9 === 0)
      .map((file) => readFileSync(join(root, file), 'utf8').slice(0, 6_000));
  });
}

interface Cut {
  readonly at: number;
  readonly drop: number;
  readonly put: string;
}

const cut: fc.Arbitrary<Cut> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.nat(12),
  put: fc.oneof(fc.constantFrom(...TOKENS), fc.string({ unit: 'binary', maxLength: 4 })),
});

function mutated(sql: string, cuts: readonly Cut[]): string {
  return cuts.reduce((text, { at, drop, put }) => {
    const from = Math.floor(at * text.length);
    return text.slice(0, from) + put + text.slice(from + drop);
  }, sql);
}

describe.skipIf(dataMissing)(`files of real projects${skipReason}`, () => {
  it('join to the same text', () => {
    for (const sql of someFiles()) survives(sql);
  });

  it('with mistakes in them are split, or refused', { timeout: 120_000 }, () => {
    const files = someFiles();
    const input = fc.tuple(fc.constantFrom(...files), fc.array(cut, { minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(input, ([sql, cuts]) => survives(mutated(sql, cuts))),
      { numRuns: 5_000 },
    );
  });
});

const MEGA = 1_000_000;

/** Five megabytes each, on one line: what takes quadratic time anywhere would run for hours. */
const huge: Readonly<Record<string, () => string>> = {
  'a string': () => `select '${'x'.repeat(5 * MEGA)}'`,
  'a string without an end': () => `select '${'x'.repeat(5 * MEGA)}`,
  'a dollar quote without an end': () => `do $a$${'$b$ '.repeat(MEGA)}`,
  apostrophes: () => `select '${"''".repeat(2 * MEGA)}'`,
  'a comment': () => `/*${'*'.repeat(5 * MEGA)}*/ select 1`,
  'comments in comments, with blanks': () => '/* '.repeat(MEGA),
  'comments in comments, without': () => '/*'.repeat(2 * MEGA),
  operators: () => `select ${'+-'.repeat(2 * MEGA)}`,
  'words that begin a COPY': () => 'copy '.repeat(MEGA),
  'COPY in comments': () => '/* copy t from stdin; */ '.repeat(200_000),
  'COPY in strings': () => `select ${"'copy t from stdin;',".repeat(200_000)}1`,
  'COPY that is none': () => 'copy t from stdin stdin;'.repeat(50_000),
  semicolons: () => ';'.repeat(5 * MEGA),
  statements: () => 'select 1;'.repeat(300_000),
  rows: () => `insert into t values ${"(1,'a'),".repeat(400_000)}(2,'b')`,
  'opening parentheses': () => `select ${'('.repeat(5 * MEGA)}`,
  parentheses: () => `select ${'('.repeat(MEGA)}1${')'.repeat(MEGA)}`,
  subqueries: () => `${'select ('.repeat(100_000)}1${')'.repeat(100_000)}`,
  additions: () => `select ${'1+'.repeat(MEGA)}1`,
  'COPY data': () => `copy t from stdin;\n${'x\t;y\n'.repeat(MEGA)}\\.\nselect 1;`,
  'COPY data without an end': () => `copy t from stdin;\n${' '.repeat(5 * MEGA)}`,
  'many COPYs': () => 'copy t from stdin;\n1\n\\.\n'.repeat(20_000),
  'letters beyond ASCII': () => `select '${'é🦊'.repeat(MEGA)}'; select 2`,
};

describe('five megabytes on one line', () => {
  it.each(Object.entries(huge))('%s', { timeout: 60_000 }, (_, text) => {
    const sql = text();
    const start = performance.now();
    survives(sql);
    // The largest takes two seconds on a busy machine; a hundred times as many characters squared would be hours.
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(splitTree('select 1; select 2')).toHaveLength(2);
  });
});

describe('what PostgreSQL’s parser does not survive', () => {
  it('a NUL, behind which it would see nothing', () => {
    expect(() => splitTree('select 1;\0 drop table t;')).toThrow(GrammarError);
  });

  it('half a surrogate pair, which would swallow the character behind it', () => {
    expect(splitTree("select '\ud800'; select '\udc00';").map(({ sql }) => sql)).toEqual([
      "select '\ud800'",
      "select '\udc00'",
    ]);
  });

  it('a run of operator characters, but not where it is only text', () => {
    const run = '=+-'.repeat(3_000);
    expect(() => splitTree(`select 1 ${run} 2`)).toThrow(GrammarError);
    expect(() => splitTree('/*'.repeat(3_000))).toThrow(GrammarError);
    expect(
      splitTree(`select '${run}'; -- ${run}\nselect $$${run}$$, "${run.slice(1)}"; /*${run}*/ select 1`),
    ).toHaveLength(3);
  });

  it('nesting that its stack does not hold', () => {
    expect(() => splitTree(`select ${'1+'.repeat(50_000)}1`)).toThrow(/nested too deeply/);
  });
});

describe('COPY data', () => {
  it.each([
    ['in a string', "select ';copy t from stdin;\n\\.\n'; select 2", 2],
    ['in a dollar quote', 'do $$ begin; copy t from stdin; end $$; select 2', 2],
    ['in a quoted name', 'select 1 as "; copy t from stdin;"; select 2', 2],
    ['in a comment in a comment', '/* /* */ ; copy t from stdin; */ select 1', 1],
    ['in a line comment', '-- ;\n-- copy t from stdin;\nselect 1', 1],
  ])('is not %s', (_, sql, count) => {
    const statements = splitTree(sql);
    expect(statements).toHaveLength(count);
    expect(statements.every(({ copy }) => copy === null)).toBe(true);
  });

  it.each([
    ['an option holds a semicolon', "copy t from stdin with (delimiter ';');\n1;2\n\\.\nselect 1;"],
    ['a comment stands before', "/* it's; */ -- it's;\ncopy t from stdin;\n1;2\n\\.\nselect 1;"],
    ['a comment stands in it', 'copy t /* from stdin; */ from -- x;\nstdin;\n1;2\n\\.\nselect 1;'],
    ['columns are named', 'copy "a;b" ("from", "stdin") from stdin;\n1;2\n\\.\nselect 1;'],
  ])('is data where %s', (_, sql) => {
    const [copy, select] = splitTree(sql);
    expect(copy?.copy && sql.slice(copy.copy.start, copy.copy.end)).toBe('1;2\n');
    expect(select?.sql).toBe('select 1');
  });
});
