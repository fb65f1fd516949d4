import { describe, expect, it } from 'vitest';

import { validateMigrations } from '../../src/info/validate.ts';
import { defaultSettings } from '../../src/settings.ts';
import type { ResolvedMigration } from '../../src/resolve/types.ts';
import { describeAll, file, history } from '../support/resolved.ts';

function problems(
  files: readonly (string | ResolvedMigration)[],
  rows: readonly string[],
  patterns: readonly string[] = ['*:future'],
  options: { pendingIgnored?: boolean } = {},
) {
  const settings = { ...defaultSettings, ignoreMigrationPatterns: patterns };
  return validateMigrations(describeAll(files, history(...rows)), settings, options);
}

describe('what is wrong', () => {
  it.each([
    ['a text that changed', [file('V1__a.sql', 2)], ['SQL 1 a'], ['CHECKSUM_MISMATCH']],
    ['a description that changed', ['V1__b.sql'], ['SQL 1 a'], ['DESCRIPTION_MISMATCH']],
    ['a repeatable that was code', ['R__v.sql'], ['JDBC - v'], ['TYPE_MISMATCH']],
    [
      'a file that is gone',
      ['V2__b.sql'],
      ['SQL 1 a', 'SQL 2 b'],
      ['APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED'],
    ],
    ['a repeatable that is gone', [], ['SQL - v'], ['APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED']],
    ['nothing, for a file from the future', [], ['SQL 1 a'], []],
    ['a failure in the past', ['V2__b.sql'], ['SQL 1 a!', 'SQL 2 b'], ['FAILED_VERSIONED_MIGRATION']],
    ['a repeatable that failed', ['R__v.sql'], ['SQL - v!'], ['FAILED_REPEATABLE_MIGRATION']],
    ['a repeatable not applied', ['R__v.sql'], [], ['RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED']],
    [
      'one out of order',
      ['V1__a.sql', 'V2__b.sql'],
      ['SQL 2 b'],
      ['RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED'],
    ],
    ['nothing, for a baseline file over what stands', ['V1__a.sql', 'B2__x.sql'], ['SQL 1 a'], []],
    ['nothing, for a script that is not for here', ['V1__a.sql!'], [], []],
    [
      'nothing at or below the baseline',
      [file('V1__x.sql', 2), file('V2__y.sql', 3)],
      ['SQL 1 a', 'SQL 2 b', 'BASELINE 2 b'],
      [],
    ],
    ['nothing of a description that was empty', ['V1.sql'], ['SQL 1 << no description >>'], []],
  ])('%s', (_, files, rows, codes) => {
    expect(problems(files, rows).invalid.map(({ code }) => code)).toEqual(codes);
  });

  it('a type that changed, in words', () => {
    expect(problems(['R__v.sql'], ['JDBC - v']).message).toBe(
      'Migration type mismatch for migration v.sql\n-> Applied to database : JDBC\n-> Resolved locally    : SQL\n' +
        'Either revert the changes to the migration, or run repair to update the schema history.',
    );
  });

  it('counts what it looked at, or nothing', () => {
    expect(problems(['V1__a.sql'], ['SQL 1 a', 'SQL 9 z'])).toMatchObject({
      ok: true,
      count: 2,
      message: '',
    });
    expect(problems(['V1__a.sql'], [])).toMatchObject({ ok: false, count: 0 });
  });
});

describe('patterns', () => {
  it.each([
    [['*:missing'], []],
    [['versioned:missing'], ['APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED']],
    [['Repeatable : Missing'], ['APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED']],
    [['*:*'], []],
    [[], ['APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED', 'APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED']],
  ])('%j', (patterns, codes) => {
    const found = problems(['V2__b.sql'], ['SQL 1 a', 'SQL 2 b', 'SQL - v'], patterns);
    expect(found.invalid.map(({ code }) => code)).toEqual(codes);
  });

  it('what failed is not missing', () => {
    const found = problems(['V2__b.sql'], ['SQL 1 a!', 'SQL 2 b'], ['*:missing']);
    expect(found.invalid.map(({ code }) => code)).toEqual(['FAILED_VERSIONED_MIGRATION']);
  });

  it('what is to run again is pending for who ignores all that is pending', () => {
    const files = [file('R__v.sql', 2)];
    expect(problems(files, ['SQL - v'], ['repeatable:pending']).invalid.map(({ code }) => code)).toEqual([
      'OUTDATED_REPEATABLE_MIGRATION',
    ]);
    expect(problems(files, ['SQL - v'], [], { pendingIgnored: true }).ok).toBe(true);
  });

  it.each([
    ['future', "Invalid pattern 'future'. Pattern must be of the form <migration_type>:<migration_state>"],
    ['a:b:c', "Invalid pattern 'a:b:c'. Pattern must be of the form <migration_type>:<migration_state>"],
    ['undo:future', "Invalid migration type 'undo'. Valid types are: [*, repeatable, versioned]"],
    ['*:gone', "Invalid migration state 'gone'. Valid states are: [*, missing, pending, ignored, future]"],
    [
      '*:constructor',
      "Invalid migration state 'constructor'. Valid states are: [*, missing, pending, ignored, future]",
    ],
  ])('%s is none', (pattern, message) => {
    expect(() => problems([], [], [pattern])).toThrow(
      expect.objectContaining({ code: 'MIGRATION_PATTERN_INVALID', message }),
    );
  });
});
