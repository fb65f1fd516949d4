import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { splitScript } from '../src/index.ts';
import type { Statement } from '../src/index.ts';

/** Statements, COPY data and what lies between, put together again. */
function rejoin(sql: string, statements: readonly Statement[]): { text: string; between: readonly string[] } {
  const between: string[] = [];
  let text = '';
  let at = 0;
  for (const { start, end, sql: own, copy } of statements) {
    between.push(sql.slice(at, start));
    text += sql.slice(at, start) + own + (copy === null ? '' : sql.slice(end, copy.after));
    at = copy === null ? end : copy.after;
  }
  between.push(sql.slice(at));
  return { text: text + sql.slice(at), between };
}

const TRIVIA = /^(?:\s|;|\\\.|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*$/;

const piece = fc.constantFrom(
  'select 1',
  "insert into t values ('a;b', E'\\';')",
  'create function f() returns void language plpgsql as $x$ begin; end $x$',
  'select "a;b" from "é"',
  '-- note;\nselect 2',
  '/* a; /* b; */ */ select 3',
  "select '🦊', 'ß'",
);

describe('splitScript', () => {
  it('joins to the same text, and leaves nothing but blanks and comments between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }),
        fc.constantFrom(';', ';\n', ' ;\r\n\n'),
        async (pieces, end) => {
          const sql = pieces.join(end);
          const statements = await splitScript(sql);
          expect(statements).toHaveLength(pieces.length);
          const { text, between } = rejoin(sql, statements);
          expect(text).toBe(sql);
          for (const gap of between) expect(gap.replaceAll('/* a; /* b; */ */', '')).toMatch(TRIVIA);
        },
      ),
    );
  });

  it('neither crashes nor hangs on anything', async () => {
    const noise = fc.array(
      fc.constantFrom(
        'copy t from stdin',
        ';',
        "'",
        '$$',
        '$a$',
        '/*',
        '*/',
        '--',
        '\n',
        '(',
        ')',
        '"',
        '\\.',
        'é',
        '🦊',
        'select',
        ' ',
        'begin',
        'atomic',
      ),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          noise.map((words) => words.join(' ')),
        ),
        async (text) => {
          const sql = text.replaceAll('\0', '');
          try {
            const statements = await splitScript(sql);
            expect(rejoin(sql, statements).text).toBe(sql);
          } catch (error) {
            expect(error).toMatchObject({ name: 'GrammarError' });
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes COPY data as data', async () => {
    const sql =
      "create table a(x text);\nCOPY a (x) FROM stdin WITH (DELIMITER ';');\none;two\n'quoted\n\\.\n\nselect 1;";
    const statements = await splitScript(sql);
    expect(statements.map(({ node, line }) => [node, line])).toEqual([
      ['CreateStmt', 1],
      ['CopyStmt', 2],
      ['SelectStmt', 7],
    ]);
    const copy = statements[1]?.copy;
    expect(copy && sql.slice(copy.start, copy.end)).toBe("one;two\n'quoted\n");
    expect(copy?.line).toBe(3);
  });

  it('is not misled by COPY in comments and strings', async () => {
    const sql = "-- copy a from stdin;\nselect 'copy a from stdin;';\n/* copy a from stdin; */ select 2;";
    expect(await splitScript(sql)).toHaveLength(2);
  });

  it('counts lines behind characters of any width', async () => {
    const [, second] = await splitScript("select 'é🦊\n漢';\n\n  select 2;");
    expect(second).toMatchObject({ line: 4, sql: 'select 2' });
  });

  it('takes thousands of operators in one expression', async () => {
    const statements = await splitScript(`select ${'1+'.repeat(3000)}1;`);
    expect(statements).toHaveLength(1);
  });
});
