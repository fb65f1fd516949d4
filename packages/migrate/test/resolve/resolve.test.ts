import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { resolveMigrations } from '../../src/resolve/resolve.ts';
import { defaultSettings, type MigrateSettings } from '../../src/settings.ts';

const context = { schema: 'shop', user: 'ada', database: 'db', table: 'flyway_schema_history' };

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'migrate-resolve-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function resolve(
  files: Readonly<Record<string, string | Buffer>>,
  settings: Partial<MigrateSettings> = {},
) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
  }
  return resolveMigrations({ ...defaultSettings, workingDirectory: home, ...settings }, context);
}

async function refused(
  files: Readonly<Record<string, string | Buffer>>,
  settings: Partial<MigrateSettings> = {},
): Promise<MigrateError> {
  const error: unknown = await resolve(files, settings).catch((thrown: unknown) => thrown);
  if (!(error instanceof MigrateError)) throw new Error('it was not refused');
  return error;
}

describe('names', () => {
  test('an empty prefix takes what begins with a version, and a longer prefix wins', async () => {
    const { migrations } = await resolve(
      { 'sql/20240102__first.sql': '', 'sql/R__view.sql': '', 'sql/3.sql': '' },
      { sqlMigrationPrefix: '' },
    );
    expect(migrations.map(({ kind, version, description }) => [kind, version, description])).toEqual([
      ['versioned', '3', ''],
      ['versioned', '20240102', 'first'],
      ['repeatable', null, 'view'],
    ]);
  });

  test('baselines stand behind the migration of their version, undo files apart, callbacks by event', async () => {
    const found = await resolve({
      'sql/V2__b.sql': '',
      'sql/B2__base.sql': '',
      'sql/U2__b.sql': '',
      'sql/V10__c.sql': '',
      'sql/beforeMigrate.sql': '',
      'sql/beforeMigrate__z.sql': '',
      'sql/beforeMigrate__a.sql': '',
      'sql/afterEachMigrateError.sql': '',
      'sql/afterEachMigrate.sql': '',
    });
    expect(found.migrations.map(({ script, type }) => [script, type])).toEqual([
      ['V2__b.sql', 'SQL'],
      ['B2__base.sql', 'SQL_BASELINE'],
      ['V10__c.sql', 'SQL'],
    ]);
    expect(found.undo.map(({ script, type }) => [script, type])).toEqual([['U2__b.sql', 'UNDO_SQL']]);
    expect(found.callbacks.map(({ event, description }) => [event, description])).toEqual([
      ['afterEachMigrate', ''],
      ['afterEachMigrateError', ''],
      ['beforeMigrate', ''],
      ['beforeMigrate', 'a'],
      ['beforeMigrate', 'z'],
    ]);
  });

  test.each([
    [
      ['V1__a.sql', 'x/V1.0__b.sql'],
      'MIGRATION_DUPLICATE_VERSION',
      'DUPLICATE_VERSIONED_MIGRATION',
      /version 1/,
    ],
    [
      ['R__a.sql', 'x/R__a.sql'],
      'MIGRATION_DUPLICATE_REPEATABLE',
      'DUPLICATE_REPEATABLE_MIGRATION',
      /description a/,
    ],
    [['U1__a.sql', 'x/U001__b.sql'], 'MIGRATION_DUPLICATE_VERSION', 'DUPLICATE_UNDO_MIGRATION', /Offenders/],
    [
      ['beforeMigrate.sql', 'x/beforeMigrate.sql'],
      'MIGRATION_DUPLICATE_CALLBACK',
      'ERROR',
      /beforeMigrate\.sql/,
    ],
  ])('%j is refused', async (names, code, flywayCode, message) => {
    const error = await refused(Object.fromEntries(names.map((name) => [`sql/${name}`, ''])));
    expect(error).toMatchObject({ code, flywayCode });
    expect(error.message).toMatch(message);
  });
});

describe('texts', () => {
  test('a byte order mark is not hashed; an encoding is read first', async () => {
    const { migrations } = await resolve({
      'sql/V1__bom.sql': Buffer.from('\uFEFFcreate table a(id int);\r\n'),
      'sql/V2__latin.sql': Buffer.from("select 'é'", 'latin1'),
      'sql/V2__latin.sql.conf': 'encoding = ISO-8859-1\n',
    });
    expect(migrations[0]).toMatchObject({ checksum: -1193849269 });
    expect(migrations[1]).toMatchObject({ sql: "select 'é'" });
  });

  test("a repeatable's checksum is of the text with its values; the raw one is kept", async () => {
    const files = { 'sql/R__v.sql': 'create view v as select * from ${flyway:defaultSchema}.a' };
    const [first] = (await resolve(files)).migrations;
    const [again] = (
      await resolveMigrations({ ...defaultSettings, workingDirectory: home }, { ...context, schema: 'other' })
    ).migrations;
    expect(first!.checksum).not.toBe(again!.checksum);
    expect(first!.equivalentChecksum).toBe(again!.equivalentChecksum);
  });

  test('a value that is missing is named with file and line', async () => {
    const error = await refused({ 'sql/R__v.sql': 'select 1;\nselect ${Nope}' });
    expect(error).toMatchObject({ code: 'MIGRATION_PLACEHOLDER_MISSING', file: 'R__v.sql', line: 2 });
    expect(error.message).toContain('No value provided for placeholder: ${Nope}.  Check your configuration!');
  });
});
