import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { lintFiles } from '../../src/lint/files.ts';
import type { LintFile } from '../../src/lint/options.ts';
import { sarifProblems } from './sarif-structure.ts';
import { loadMigrations } from '../../src/load.ts';
import { toSarif } from '../../src/lint/output/sarif.ts';
import { DATA, dataMissing, skipReason } from '../support/files.ts';
import { codes, SCHEMA } from './support.ts';

/** Placeholders stand for the schema in these projects. */
async function files(name: string, folders: readonly string[], prefix = 'V'): Promise<readonly LintFile[]> {
  const set = await loadMigrations({
    locations: folders.map((folder) => join(DATA, 'real', name, folder)),
    sqlMigrationPrefix: prefix,
    validateMigrationNaming: false,
  });
  return set.migrations.map(({ kind, version, script, path, sql }) => {
    return { kind, version, script, path, source: sql, sql: sql.replaceAll(/\$\{.*?\}/g, SCHEMA) };
  });
}

const PROJECTS = [
  ['interventions', ['sql'], 'V'],
  ['ohdsi-webapi', ['sql'], 'V'],
  ['conductor', ['sql'], 'V'],
  ['ccd-definition-store', ['sql'], 'V'],
  ['approved-premises', ['sql/all', 'sql/all-except-integration'], ''],
] as const;

describe.skipIf(dataMissing)(`real projects${skipReason}`, () => {
  it.each(PROJECTS)('%s is read whole', async (name, folders, prefix) => {
    const set = await files(name, folders, prefix);
    const { findings } = await lintFiles(set, { schemas: [SCHEMA], style: true });
    expect(codes(findings)).not.toContain('syntax');
    expect(sarifProblems(toSarif({ ok: true, files: 0, findings }, { root: DATA }))).toEqual([]);
    for (const { line, region } of findings) {
      expect(line).toBeGreaterThan(0);
      expect(region === null || region.endLine >= line).toBe(true);
    }
  });

  it('a schema that is built from nothing has nobody to lock out', async () => {
    const set = await files('interventions', ['sql']);
    const { findings } = await lintFiles(set, {
      schemas: [SCHEMA],
      appliedUpTo: null,
      allowedExtensions: ['pgcrypto'],
    });
    expect(codes(findings)).toEqual(['transaction-wrapper', 'concurrently-not-alone']);
  });

  it('263 files take less than a second', async () => {
    const set = await files('interventions', ['sql']);
    expect(set.length).toBe(263);
    // The best of a few: the tests of other files run beside this one.
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3; run++) {
      const began = performance.now();
      await lintFiles(set, { schemas: [SCHEMA] });
      best = Math.min(best, performance.now() - began);
    }
    expect(best).toBeLessThan(1000);
  });
});
