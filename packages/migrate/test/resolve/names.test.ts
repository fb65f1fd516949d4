import { describe, expect, it } from 'vitest';

import { nameReader } from '../../src/resolve/names.ts';
import type { Naming } from '../../src/resolve/names.ts';
import { defaultSettings } from '../../src/settings.ts';
import { refusal } from '../support/files.ts';
import { resolveFiles } from '../support/resolved.ts';

function read(name: string, naming: Partial<Naming> = {}) {
  return nameReader({ ...defaultSettings, ...naming })(name);
}

describe('names', () => {
  it.each([
    ['V1.sql', { kind: 'versioned', version: '1', description: '' }],
    ['V-1__x.sql', { kind: 'versioned', version: '-1', description: 'x' }],
    ['V2024_01_15__date.SQL', { kind: 'versioned', version: '2024.01.15', description: 'date' }],
    ['B2__base.sql', { kind: 'baseline', version: '2', description: 'base' }],
    ['U2_1__undo_b.sql', { kind: 'undo', version: '2.1', description: 'undo b' }],
    ['R.sql', { kind: 'repeatable', description: '' }],
    ['R__.sql', { kind: 'repeatable', description: '' }],
    ['afterMigrate.sql', { kind: 'callback', event: 'afterMigrate', description: '' }],
    ['afterMigrateError__tell.sql', { kind: 'callback', event: 'afterMigrateError', description: 'tell' }],
    [
      'beforeEachMigrateStatement__a_b.sql',
      { kind: 'callback', event: 'beforeEachMigrateStatement', description: 'a b' },
    ],
    ['V1__a.sql.conf', { kind: 'none' }],
    ['V1__seed.sh', { kind: 'script' }],
    ['afterMigrate__tell.py', { kind: 'script' }],
    ['Rebuild.sh', { kind: 'none' }],
    ['V2.ps1', { kind: 'none' }],
  ])('%s', (name, meaning) => {
    expect(read(name)).toEqual(meaning);
  });

  it.each([
    [
      'V__x.sql',
      'Invalid versioned migration name format: V__x.sql (It must contain a version and should look like this: V1.2__x.sql)',
    ],
    [
      'B.sql',
      'Invalid versioned migration name format: B.sql (It must contain a version and should look like this: B1.2__description.sql)',
    ],
    [
      'Vlatest__x.sql',
      'Invalid versioned migration name format: Vlatest__x.sql (could not recognise version number latest)',
    ],
    [
      'afterMigrate2__x.sql',
      'Invalid repeatable migration / callback name format: afterMigrate2__x.sql (It cannot contain a version and should look like this: afterMigrate__x.sql)',
    ],
    ['x.sql', 'Unrecognised migration name format: x.sql'],
  ])('%s is none', (name, reason) => {
    expect(read(name)).toEqual({ kind: 'invalid', reason });
  });

  it('prefixes, separator and suffixes are those of the settings; the longest prefix wins', () => {
    const naming = {
      sqlMigrationPrefix: '',
      repeatableSqlMigrationPrefix: 'again-',
      undoSqlMigrationPrefix: 'again-undo',
      sqlMigrationSeparator: '-',
      sqlMigrationSuffixes: ['.pgsql', '.sql'],
    };
    expect(read('1-x_y.pgsql', naming)).toEqual({ kind: 'versioned', version: '1', description: 'x y' });
    expect(read('again--v.sql', naming)).toEqual({ kind: 'repeatable', description: 'v' });
    expect(read('again-undo1-x.sql', naming)).toEqual({ kind: 'undo', version: '1', description: 'x' });
    expect(read('readme.sql', naming)).toMatchObject({
      reason:
        'Invalid versioned migration name format: readme.sql (could not recognise version number readme)',
    });
  });

  it('an ending of the settings is SQL, whatever it is called', () => {
    expect(read('V1__a.sh', { sqlMigrationSuffixes: ['.sh'] })).toMatchObject({ kind: 'versioned' });
  });
});

describe('a directory', () => {
  it('is told of names that follow no convention, or refused', async () => {
    const files = { 'sql/V1__a.sql': '', 'sql/v2__b.sql': '', 'sql/readme.md': '' };
    expect((await resolveFiles(files)).logs).toEqual([
      'INFO 1 SQL migrations were detected but not run because they did not follow the filename convention.',
      "INFO Set 'validateMigrationNaming' to true to fail fast and see a list of the invalid file names.",
    ]);
    expect(await refusal(resolveFiles(files, { validateMigrationNaming: true }))).toMatchObject({
      code: 'MIGRATION_NAME_INVALID',
      flywayCode: 'ERROR',
      message: 'Invalid SQL filenames found:\r\nUnrecognised migration name format: v2__b.sql',
    });
  });

  it('with a migration in another language warns, and is refused with validateMigrationNaming', async () => {
    const files = { 'sql/V1__a.sql': '', 'sql/deep/V2__seed.py': '' };
    expect((await resolveFiles(files)).logs).toEqual([
      'WARN deep/V2__seed.py is named as a migration, but is no SQL: it is not run.',
    ]);
    expect(await refusal(resolveFiles(files, { validateMigrationNaming: true }))).toMatchObject({
      code: 'MIGRATION_NOT_SQL',
      file: 'deep/V2__seed.py',
    });
  });
});
