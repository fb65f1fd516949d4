import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { RULES } from '../../src/lint/catalog.ts';
import { lintMarkdown } from '../../src/lint/document.ts';
import { lintFiles } from '../../src/lint/files.ts';
import { toLintJson } from '../../src/lint/output/json.ts';
import { toSarif } from '../../src/lint/output/sarif.ts';
import { toLintTable } from '../../src/lint/output/table.ts';
import { SCHEMA } from './support.ts';
import { sarifProblems } from './sarif-structure.ts';

const TEXT = `-- é🦊
CREATE TABLE fresh (id bigint);
ALTER TABLE orders ADD COLUMN a int,
  ADD COLUMN "🦊" uuid DEFAULT gen_random_uuid();
-- tenantry-lint: allow truncate reason: rows of a test
TRUNCATE orders;
SET ROLE \${who};
DO $$ BEGIN
  DROP TABLE orders;
END $$;`;

function report(root = 'db') {
  const sql = TEXT.replace('${who}', 'administrator');
  const file = { kind: 'versioned', version: '2', script: 'V2__a b.sql', sql, source: TEXT } as const;
  const other = { kind: 'repeatable', version: null, script: 'R__x.sql', sql: 'CREATE TABEL x;' } as const;
  return lintFiles([{ ...file, path: `${root}/V2__a b.sql` }, other], { schemas: [SCHEMA] });
}

describe('findings', () => {
  it('have regions of lines and columns, both from 1', async () => {
    const { findings, ok, files } = await report();
    expect([ok, files]).toEqual([false, 2]);
    expect(findings.map(({ rule, line, region }) => [rule, line, region])).toEqual([
      ['column-default-rewrites', 4, { column: 14, endLine: 4, endColumn: 49 }],
      ['truncate', 6, { column: 1, endLine: 6, endColumn: 16 }],
      // The text that ran has another length than the one of the file.
      ['session-role', 7, null],
      ['drop-table', 9, null],
      ['syntax', 1, { column: 8, endLine: 1, endColumn: 16 }],
    ]);
  });
});

describe('SARIF', () => {
  it('has the published structure', async () => {
    expect(sarifProblems(toSarif(await report()))).toEqual([]);
    const full = toSarif(await report('/root'), {
      toolVersion: '1.2.3',
      docsUrl: 'https://example.org/lint',
      root: '/',
    });
    expect(sarifProblems(JSON.parse(JSON.stringify(full)))).toEqual([]);
  });

  it('describes every rule and points to it', async () => {
    const [run] = toSarif(await report()).runs;
    expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(RULES.map(({ code }) => code));
    for (const { ruleId, ruleIndex } of run?.results ?? [])
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  it('records what is switched off, and where all of it is', async () => {
    const [run] = toSarif(await report('/srv/db'), { root: '/srv' }).runs;
    expect(run?.results[1]).toMatchObject({
      ruleId: 'truncate',
      level: 'warning',
      suppressions: [{ kind: 'inSource', status: 'accepted', justification: 'rows of a test' }],
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'db/V2__a%20b.sql' },
            region: { startLine: 6, startColumn: 1, endLine: 6, endColumn: 16 },
          },
        },
      ],
    });
    expect(run?.results[0]).not.toHaveProperty('suppressions');
    const [outside] = toSarif(await report('/elsewhere'), { root: '/srv' }).runs;
    expect(outside?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(
      'file:///elsewhere/V2__a%20b.sql',
    );
  });

  it('is told from what it is not', async () => {
    const log = toSarif(await report());
    expect(sarifProblems({ ...log, extra: 1 })).not.toEqual([]);
    expect(sarifProblems({ ...log, runs: [{}] })).not.toEqual([]);
  });
});

describe('JSON and table', () => {
  it('count what is not switched off', async () => {
    const json = toLintJson(await report());
    expect(json).toMatchObject({ operation: 'lint', ok: false, files: 2 });
    expect(json.counts).toEqual({ error: 2, warning: 2, info: 0, suppressed: 1 });
    expect(json.findings[1]).toMatchObject({
      line: 6,
      column: 1,
      suppression: { line: 5, scope: 'statement' },
    });
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });

  it('says where, what, and what to write instead', async () => {
    const table = toLintTable(await report());
    expect(table).toContain('V2__a b.sql:4:14  warning  column-default-rewrites  (ACCESS EXCLUSIVE lock)\n');
    expect(table).toContain('V2__a b.sql:7  error  session-role\n  SET role\n  instead: Remove it');
    expect(table).not.toContain('truncate');
    expect(table.endsWith('2 errors, 2 warnings, 0 notes in 2 files; 1 switched off\n')).toBe(true);
  });
});

describe('the page of the rules', () => {
  it('is what the catalogue says', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../../docs/migrate/lint.md'), 'utf8');
    expect(page.endsWith(`${lintMarkdown()}\n`)).toBe(true);
    for (const { code } of RULES) expect(page).toContain(`\n### ${code}\n`);
  });
});
