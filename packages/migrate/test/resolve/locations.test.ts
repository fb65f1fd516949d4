import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { resolveMigrations } from '../../src/resolve/resolve.ts';
import { defaultSettings } from '../../src/settings.ts';
import type { MigrateSettings } from '../../src/settings.ts';
import { directoryOf, refusal } from '../support/files.ts';
import type { Files } from '../support/files.ts';
import { context, resolveFiles } from '../support/resolved.ts';

async function scripts(files: Files, locations: readonly string[], settings: Partial<MigrateSettings> = {}) {
  const { migrations } = await resolveFiles(files, { locations, ...settings });
  return migrations.map(({ script }) => script);
}

const TREE = {
  'm/x/sql/V1__a.sql': '',
  'm/one/two/sql/V2__b.sql': '',
  'm/one/two/sql/deep/V3__c.sql': '',
  'm/one/sql/sql/V6__f.sql': '',
  'm/x/other/V4__d.sql': '',
  'm/x/sql/.hidden/V5__e.sql': '',
};

describe('wildcards', () => {
  it.each([
    ['filesystem:m/*/sql', ['V1__a.sql', 'sql/V6__f.sql']],
    ['filesystem:m/?/sql', ['V1__a.sql']],
    ['filesystem:m/**/sql', ['V1__a.sql', 'V2__b.sql', 'deep/V3__c.sql', 'sql/V6__f.sql']],
    ['filesystem:m/one/**', ['two/sql/V2__b.sql', 'two/sql/deep/V3__c.sql', 'sql/sql/V6__f.sql']],
    ['m/**/V?__[a-z].sql', []],
    [
      'm/**/V?__?.sql',
      [
        'x/sql/V1__a.sql',
        'one/two/sql/V2__b.sql',
        'one/two/sql/deep/V3__c.sql',
        'x/other/V4__d.sql',
        'one/sql/sql/V6__f.sql',
      ],
    ],
    ['m/x/sql/*.sql', ['V1__a.sql']],
    ['m/x*/other', []],
  ])('%s', async (location, expected) => {
    expect(await scripts(TREE, [location])).toEqual(expected);
  });
});

describe('a location', () => {
  const resources = { 'src/main/resources/db/migration/V1__a.sql': '' };

  it.each(['classpath:db/migration', 'classpath:/db/migration', 'db/migration', 'classpath:db/*'])(
    '%s is looked for where a JVM build keeps its resources',
    async (location) => {
      expect(await scripts(resources, [location])).toEqual(['V1__a.sql']);
    },
  );

  it('without a scheme is the directory of that name first', async () => {
    expect(await scripts({ ...resources, 'db/migration/V2__b.sql': '' }, ['db/migration'])).toEqual([
      'V2__b.sql',
    ]);
  });

  it('may be absolute', async () => {
    const home = await directoryOf({ 'V1__a.sql': '' });
    expect(await scripts({}, [`filesystem:${home}`])).toEqual(['V1__a.sql']);
  });

  it('inside another one is left out, whichever comes first', async () => {
    const files = { 'sql/V1__a.sql': '', 'sql/deep/V2__b.sql': '', 'sql2/V3__c.sql': '' };
    const home = await directoryOf(files);
    const settings = {
      ...defaultSettings,
      workingDirectory: home,
      locations: ['sql2', 'sql/deep', 'filesystem:sql', 'sql'],
    };
    const { migrations, logs } = await resolveMigrations(settings, context);
    expect(migrations.map(({ script }) => script)).toEqual(['V1__a.sql', 'deep/V2__b.sql', 'V3__c.sql']);
    expect(logs).toEqual([
      `WARN Discarding duplicate location 'filesystem:${home}/sql'`,
      `WARN Discarding location 'filesystem:${home}/sql/deep' as it is a sub-location of 'filesystem:${home}/sql'`,
    ]);
  });

  it('is followed through links, but not in circles', async () => {
    const home = await directoryOf({ 'sql/V1__a.sql': '', 'else/V2__b.sql': '' });
    await symlink(join(home, 'sql'), join(home, 'sql', 'loop'));
    await symlink(join(home, 'else'), join(home, 'sql', 'more'));
    await symlink(join(home, 'nowhere'), join(home, 'sql', 'dangling'));
    const { migrations } = await resolveMigrations({ ...defaultSettings, workingDirectory: home }, context);
    expect(migrations.map(({ script }) => script)).toEqual(['V1__a.sql', 'more/V2__b.sql']);
  });

  it('of another kind is refused', async () => {
    const error = await refusal(resolveFiles({}, { locations: ['s3:bucket/sql'] }));
    expect(error).toMatchObject({
      code: 'MIGRATIONS_MISSING',
      message: 'Unknown prefix for location: s3:bucket/sql',
    });
  });
});

describe('a location that cannot be read', () => {
  it.each([
    ['nowhere', '{home}/nowhere (not found)'],
    ['nowhere/*/sql', '{home}/nowhere (not found)'],
    ['file.sql', '{home}/file.sql (not a directory)'],
  ])('%s is told, or refused', async (location, place) => {
    const home = await directoryOf({ 'sql/V1__a.sql': '', 'file.sql': '' });
    const settings = { ...defaultSettings, workingDirectory: home, locations: [location, 'sql'] };
    const shown = place.replace('{home}', home);
    const { logs, migrations } = await resolveMigrations(settings, context);
    expect(logs.filter((line) => line.startsWith('ERROR'))).toEqual([
      `ERROR Skipping filesystem location: ${shown}`,
    ]);
    expect(migrations).toHaveLength(1);
    const error = await refusal(resolveMigrations({ ...settings, failOnMissingLocations: true }, context));
    expect(error).toMatchObject({
      code: 'MIGRATIONS_MISSING',
      flywayCode: 'ERROR',
      message: `Failed to find filesystem location: ${shown}`,
    });
  });

  it('of the class path is told by its name', async () => {
    const { logs } = await resolveFiles({}, { locations: ['classpath:db/migration'] });
    expect(logs).toEqual(['ERROR Unable to resolve location classpath:db/migration.']);
  });

  // A superuser of the machine reads everything.
  it.skipIf(process.getuid?.() === 0)('is told where it is forbidden', async () => {
    const home = await directoryOf({});
    await mkdir(join(home, 'sql'));
    await chmod(join(home, 'sql'), 0);
    const { logs } = await resolveMigrations({ ...defaultSettings, workingDirectory: home }, context);
    expect(logs).toEqual([`ERROR Skipping filesystem location: ${home}/sql (not readable)`]);
  });
});

describe('callbacks', () => {
  const files = {
    'sql/V1__a.sql': '',
    'sql/afterMigrate.sql': 'select 1',
    'hooks/afterMigrate__b.sql': 'select ${x}',
    'hooks/afterMigrate__b.sql.conf': 'placeholderReplacement=false',
    'hooks/V9__not_looked_at.sql': '',
  };

  it('come from the locations and from their own', async () => {
    const { callbacks, migrations } = await resolveFiles(files, { callbackLocations: ['hooks'] });
    expect(callbacks.map(({ script, config }) => [script, config.placeholderReplacement])).toEqual([
      ['afterMigrate.sql', true],
      ['afterMigrate__b.sql', false],
    ]);
    expect(migrations).toHaveLength(1);
  });

  it('can be left out', async () => {
    expect((await resolveFiles(files, { skipDefaultCallbacks: true })).callbacks).toEqual([]);
  });

  it('of one name in two directories are refused', async () => {
    const home = await directoryOf({ 'sql/a/afterMigrate.sql': '', 'sql/b/afterMigrate.sql': '' });
    const error = await refusal(resolveMigrations({ ...defaultSettings, workingDirectory: home }, context));
    expect(error).toMatchObject({
      code: 'MIGRATION_DUPLICATE_CALLBACK',
      message: `Found more than 1 SQL callback script called afterMigrate!\nOffenders:\n-> ${home}/sql/a/afterMigrate.sql\n-> ${home}/sql/b/afterMigrate.sql`,
    });
  });
});

describe('duplicates', () => {
  it('are named with their paths', async () => {
    const home = await directoryOf({ 'sql/V1__a.sql': '', 'sql/x/V1.0__b.sql': '', 'sql/B1__c.sql': '' });
    const error = await refusal(resolveMigrations({ ...defaultSettings, workingDirectory: home }, context));
    expect(error.message).toBe(
      `Found more than one migration with version 1\nOffenders:\n-> ${home}/sql/V1__a.sql (SQL)\n-> ${home}/sql/x/V1.0__b.sql (SQL)`,
    );
  });

  it('a baseline, an undo and a migration of one version are none', async () => {
    const { migrations, undo } = await resolveFiles({
      'sql/V1__a.sql': '',
      'sql/B1__a.sql': '',
      'sql/U1__a.sql': '',
    });
    expect([migrations.length, undo.length]).toEqual([2, 1]);
  });
});
