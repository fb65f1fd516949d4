import { describe, expect, test } from 'vitest';
import { findFlag } from '../../src/config/flag-source.ts';
import { foreignKeys } from '../../src/config/foreign.ts';
import { flagName } from '../../src/config/key.ts';
import { keys } from '../../src/config/keys.ts';
import { editDistance } from '../../src/config/nearest.ts';
import { configured, refused } from './support.ts';

describe('the table of keys', () => {
  test('no name, variable or flag stands twice', () => {
    for (const names of [
      keys.map(({ name }) => name),
      keys.map(({ env }) => env).filter((env) => env !== null),
      [...keys.map(({ name }) => flagName(name)), ...keys.map(({ alias }) => alias).filter((alias) => alias)],
      [...keys.map(({ name }) => name), ...foreignKeys.map(({ name }) => name)],
    ]) {
      expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    }
  });

  test('every key is found by its flag in both spellings', () => {
    for (const key of keys) {
      const below = key.type.map === true ? '.x' : '';
      expect(findFlag(`${key.name}${below}`)?.key).toBe(key);
      expect(findFlag(`${flagName(key.name)}${below}`)?.key).toBe(key);
    }
  });

  test('every variable is read', async () => {
    for (const { env, type, name } of keys) {
      if (env === null || type.map === true || name === 'configFiles' || name === 'configFileEncoding')
        continue;
      const value = type.says === 'true or false' ? 'true' : '1';
      if (type.read(value) === undefined) continue;
      const { origins } = await configured({ env: { [env]: value } });
      expect(origins.get(name)).toBe(`environment: ${env}`);
    }
  });
});

describe('names that are no keys', () => {
  test.each([
    ['flyway.outOfOdrer=true', 'There is no key flyway.outOfOdrer.', 'Did you mean flyway.outOfOrder?'],
    ['flyway.location=x', 'There is no key flyway.location.', 'Did you mean flyway.locations?'],
    [
      'flyway.placeholders=x',
      'There is no key flyway.placeholders.',
      'Did you mean flyway.placeholders.<name>?',
    ],
    ['flywy.table=x', 'There is no key flywy.table.', 'Did you mean flyway.table?'],
    ['outOfOrder=true', 'There is no key outOfOrder.', 'Did you mean flyway.outOfOrder?'],
    ['flyway.xyzzy=1', 'There is no key flyway.xyzzy.', /^The nearest key is flyway\./],
    [
      'spring.flyway.baseline-on-migrate=true',
      "spring.flyway.baseline-on-migrate is Spring Boot's name of a key; it is not read here.",
      'Write flyway.baselineOnMigrate in flyway.conf.',
    ],
    [
      'spring.flyway.postgresql.transactional-lock=false',
      "spring.flyway.postgresql.transactional-lock is Spring Boot's name of a key; it is not read here.",
      'Write flyway.postgresql.transactional.lock in flyway.conf.',
    ],
    [
      'spring.flyway.init-sqls=SET ROLE x',
      "spring.flyway.init-sqls is Spring Boot's name of a key; it is not read here.",
      'Write flyway.initSql in flyway.conf.',
    ],
    [
      'flyway.cherryPick=2.0',
      "flyway.cherryPick is a key of Flyway's paid editions and is not supported.",
      'Use target, or run the other files later with outOfOrder=true.',
    ],
    [
      'flyway.ignoreMissingMigrations=true',
      'flyway.ignoreMissingMigrations was removed from Flyway and is not supported.',
      'Write ignoreMigrationPatterns=*:missing.',
    ],
  ])('%s', async (line, message, hint) => {
    const error = await refused({ files: { 'work/flyway.conf': line } });
    expect(error.problems).toHaveLength(1);
    expect(error.problems[0]?.message).toBe(message);
    expect(error.hint).toEqual(typeof hint === 'string' ? hint : expect.stringMatching(hint));
  });

  test.each([
    ['flyway.licenseKey=FL01', "a key of Flyway's paid editions"],
    ['flyway.oracle.sqlplus=true', 'is for Oracle'],
    ['flyway.sqlserver.kerberos.login.file=x', 'is for SQL Server'],
    ['flyway.driver=org.postgresql.Driver', 'names a Java class'],
    ['my.own=1', 'does not begin with flyway.'],
  ])('%s has no effect, which is said', async (line, part) => {
    const { notes } = await configured({ files: { 'work/flyway.conf': line } });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(part);
  });

  test.each(['flyway.cherryPick=', 'flyway.oracle.sqlplus=false', 'flyway.errorOverrides='])(
    '%s asks for nothing',
    async (line) => {
      expect((await configured({ files: { 'work/flyway.conf': line } })).notes).toEqual([]);
    },
  );

  test('variables: a slip is an error, another one a note, those of images nothing', async () => {
    const error = await refused({ env: { FLYWAY_OUT_OF_ODRER: 'true' } });
    expect([error.code, error.hint]).toEqual(['CONFIG_KEY_UNKNOWN', 'Did you mean FLYWAY_OUT_OF_ORDER?']);
    const { notes } = await configured({
      env: { FLYWAY_DB_URL: 'x', FLYWAY_VERSION: '11', FLYWAY_EDITION: 'oss' },
    });
    expect(notes).toEqual(['FLYWAY_DB_URL is no setting; it is not read.']);
    expect((await refused({ env: { FLYWAY_DRYRUN_OUTPUT: 'x.sql' } })).code).toBe('CONFIG_KEY_UNSUPPORTED');
    expect((await refused({ env: { TENANTRY_MIGRATE_LOCK_TIMOUT: '1s' } })).hint).toBe(
      'Did you mean TENANTRY_MIGRATE_LOCK_TIMEOUT?',
    );
  });

  test('all that is wrong is said at once', async () => {
    const { problems } = await refused({
      files: { 'work/flyway.conf': 'flyway.a=1\nflyway.group=maybe\n' },
      env: { FLYWAY_TABEL: 'x' },
      flags: ['password=hunter2', 'dryRunOutput=x'],
    });
    expect(problems.map(({ code }) => code).toSorted()).toEqual([
      'CONFIG_KEY_UNKNOWN',
      'CONFIG_KEY_UNKNOWN',
      'CONFIG_KEY_UNSUPPORTED',
      'CONFIG_KEY_UNSUPPORTED',
      'CONFIG_VALUE_INVALID',
    ]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test.each(['password=hunter2', 'environments.dev.password=hunter2'])('-%s is refused', async (flag) => {
    const error = await refused({ flags: [flag] });
    expect(error.code).toBe('CONFIG_KEY_UNSUPPORTED');
    expect(error.hint).toContain('--password-file');
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});

test.each([
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['abc', 'acb', 1],
  ['kitten', 'sitting', 3],
])('from %j to %j it is %i', (from, to, distance) => {
  expect([editDistance(from, to), editDistance(to, from)]).toEqual([distance, distance]);
});
