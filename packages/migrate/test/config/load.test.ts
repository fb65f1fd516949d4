import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../src/settings.ts';
import { configured, refused } from './support.ts';
import type { Given } from './support.ts';

test('without anything, everything has its default', async () => {
  const { settings, connection, notes } = await configured({});
  expect({ ...settings, workingDirectory: '' }).toEqual({ ...defaultSettings, workingDirectory: '' });
  expect([connection.url, connection.password, notes]).toEqual([null, null, []]);
});

describe('precedence', () => {
  const steps: readonly Given[] = [
    { files: { 'home/flyway.conf': 'flyway.table=home\n' } },
    { files: { 'work/flyway.conf': 'flyway.table=work\n' } },
    { env: { FLYWAY_CONFIG_FILES: 'named.conf' }, files: { 'work/named.conf': 'flyway.table=named\n' } },
    { env: { FLYWAY_CONFIG_FILES: 'named.conf,-' }, stdin: 'flyway.table=stdin\n' },
    { env: { FLYWAY_CONFIG_FILES: 'named.conf,-', FLYWAY_TABLE: 'env' } },
    { flags: ['table=flag'] },
  ];
  const expected = ['home', 'work', 'named', 'stdin', 'env', 'flag'];

  test.each(expected.map((winner, at) => [winner, at] as const))(
    '%s wins over all before it',
    async (winner, at) => {
      const given = steps.slice(0, at + 1);
      const { settings, origins } = await configured({
        files: Object.assign({}, ...given.map(({ files }) => files ?? {})) as Record<string, string>,
        env: given.findLast(({ env }) => env)?.env ?? {},
        flags: given.at(-1)?.flags ?? [],
        ...(given.some(({ stdin }) => stdin) ? { stdin: 'flyway.table=stdin\n' } : {}),
      });
      expect(settings.table).toBe(winner);
      expect(origins.get('table')).toMatch(/table|TABLE/);
    },
  );

  test('flyway.user.toml wins over flyway.toml, a nearer directory over the home', async () => {
    const { settings } = await configured({
      files: {
        'home/flyway.user.toml': '[flyway]\ntable = "a"\ngroup = true\ntarget = "7"\n',
        'work/flyway.toml': '[flyway]\ntable = "b"\ntarget = "8"\n',
        'work/flyway.user.toml': '[flyway]\ntable = "c"\n',
      },
    });
    expect([settings.table, settings.group, settings.target]).toEqual(['c', true, '8']);
  });

  test('where there is any TOML, no CONF is read, and that is said', async () => {
    const { settings, notes } = await configured({
      files: { 'work/flyway.conf': 'flyway.table=conf\n', 'home/flyway.toml': '[flyway]\ngroup = true\n' },
    });
    expect([settings.table, settings.group]).toEqual(['flyway_schema_history', true]);
    expect(notes.join()).toContain('flyway.conf is not read because there is a flyway.toml');
  });

  test('-workingDirectory is looked into last, and is where locations begin', async () => {
    const { settings } = await configured({
      files: { 'work/flyway.conf': 'flyway.table=a\n', 'work/db/flyway.conf': 'flyway.table=b\n' },
      flags: ['workingDirectory=db'],
    });
    expect(settings.table).toBe('b');
    expect(settings.workingDirectory.endsWith(join('work', 'db'))).toBe(true);
  });

  test('placeholders are collected from everywhere, without regard to case', async () => {
    const { settings } = await configured({
      files: { 'work/flyway.conf': 'flyway.placeholders.Region=us\nflyway.placeholders.a.b=dotted\n' },
      env: { FLYWAY_PLACEHOLDERS_REGION: 'eu', FLYWAY_PLACEHOLDERS_MY_KEY: 'x' },
      flags: ['placeholders.other=1'],
    });
    expect(settings.placeholders).toEqual({ region: 'eu', 'a.b': 'dotted', my_key: 'x', other: '1' });
  });
});

describe('values', () => {
  test('lists, switches, numbers, durations and empty texts', async () => {
    const { settings } = await configured({
      files: {
        'work/flyway.conf': [
          'flyway.locations= filesystem:a , filesystem:b,,',
          'flyway.outOfOrder=TRUE',
          'flyway.lockRetryCount=-1',
          'flyway.sqlMigrationPrefix=',
          'flyway.defaultSchema=',
          'flyway.postgresql.transactional.lock=false',
          'tenantry.lockTimeout=2s',
          'tenantry.undoRecord=undo-sql',
        ].join('\n'),
      },
    });
    expect(settings.locations).toEqual(['filesystem:a', 'filesystem:b']);
    expect(settings).toMatchObject({
      outOfOrder: true,
      lockRetryCount: -1,
      sqlMigrationPrefix: '',
      defaultSchema: null,
      transactionalLock: false,
      lockTimeout: 2000,
      undoRecord: 'undo-sql',
    });
  });

  test('an empty variable is as good as none, but for texts', async () => {
    const { settings } = await configured({
      env: { FLYWAY_OUT_OF_ORDER: '', FLYWAY_LOCATIONS: '', FLYWAY_SQL_MIGRATION_PREFIX: '' },
    });
    expect([settings.outOfOrder, settings.locations, settings.sqlMigrationPrefix]).toEqual([
      false,
      defaultSettings.locations,
      '',
    ]);
  });

  test.each([
    ['flyway.outOfOrder=yes', 'flyway.outOfOrder must be true or false, not "yes".'],
    ['flyway.lockRetryCount=many', 'flyway.lockRetryCount must be whole number from -1, not "many".'],
    ['tenantry.lockTimeout=soon', 'tenantry.lockTimeout must be duration as 500ms, 5s, 1m, not "soon".'],
    ['tenantry.undoRecord=none', 'tenantry.undoRecord must be delete-marker, undo-sql, not "none".'],
  ])('%s is refused', async (line, message) => {
    const error = await refused({ files: { 'work/flyway.conf': `\n${line}\n` } });
    expect([error.code, error.line, error.flywayCode]).toEqual(['CONFIG_VALUE_INVALID', 2, 'CONFIGURATION']);
    expect(error.problems[0]?.message).toBe(message);
  });

  test('other encodings of .conf files', async () => {
    const { settings } = await configured({
      files: { 'work/flyway.conf': Buffer.from('flyway.placeholders.name=Zoë\n', 'latin1') },
      env: { FLYWAY_CONFIG_FILE_ENCODING: 'ISO-8859-1' },
    });
    expect(settings.placeholders).toEqual({ name: 'Zoë' });
    const files = { 'work/flyway.conf': Buffer.from('flyway.placeholders.name=Zoë\n', 'latin1') };
    expect(await refused({ files })).toMatchObject({ code: 'CONFIG_FILE_INVALID' });
    expect(await refused({ files, flags: ['configFileEncoding=EBCDIC-X'] })).toMatchObject({
      code: 'CONFIG_VALUE_INVALID',
    });
  });

  test('a password file gives its first line', async () => {
    const given = { files: { 'work/secret': 'hunter2\nrest\n' }, env: { FLYWAY_PASSWORD: 'weaker' } };
    expect((await configured({ ...given, flags: ['passwordFile=secret'] })).connection.password).toBe(
      'hunter2',
    );
    expect((await configured(given)).connection.password).toBe('weaker');
    expect(await refused({ flags: ['passwordFile=nothing'] })).toMatchObject({ code: 'CONFIG_FILE_MISSING' });
  });

  test('a file that was named must exist', async () => {
    expect(await refused({ flags: ['configFiles=nothing.conf'] })).toMatchObject({
      code: 'CONFIG_FILE_MISSING',
    });
    expect(await refused({ flags: ['configFiles=nothing.toml'] })).toMatchObject({
      code: 'CONFIG_FILE_MISSING',
    });
  });
});
