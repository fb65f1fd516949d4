import { describe, expect, test } from 'vitest';
import { configured, refused } from './support.ts';

const project = `
id = "8f0c"
name = "shop"
databaseType = "PostgreSql"

[flyway]
locations = ["filesystem:db/migration", "filesystem:db/more"]
outOfOrder = true
environment = "dev"
lockRetryCount = 7

[flyway.postgresql]
transactional.lock = false

[flyway.placeholders]
region = "eu"

[flywayDesktop]
developmentEnvironment = "dev"

[environments.dev]
url = "jdbc:postgresql://localhost/dev"
user = "\${env.DEV_USER}"
schemas = ["shop", "more"]
initSql = "SET ROLE shop_owner"

[environments.dev.jdbcProperties]
sslmode = "disable"

[environments.dev.flyway]
group = true

[environments.test]
url = "jdbc:postgresql://localhost/test"

[tenantry]
lockTimeout = "1s"
`;

const files = { 'work/flyway.toml': project };

describe('a project', () => {
  test('has the settings of its environment', async () => {
    const { settings, connection, notes } = await configured({ files, env: { DEV_USER: 'app' } });
    expect(notes).toEqual([]);
    expect(settings).toMatchObject({
      locations: ['filesystem:db/migration', 'filesystem:db/more'],
      outOfOrder: true,
      environment: 'dev',
      lockRetryCount: 7,
      transactionalLock: false,
      placeholders: { region: 'eu' },
      schemas: ['shop', 'more'],
      initSql: 'SET ROLE shop_owner',
      group: true,
      lockTimeout: 1000,
    });
    expect(connection).toMatchObject({
      url: 'jdbc:postgresql://localhost/dev',
      user: 'app',
      jdbcProperties: { sslmode: 'disable' },
    });
  });

  test('another environment can be chosen, and its values set from outside', async () => {
    const { settings, connection } = await configured({
      files,
      env: { environments_test_user: 'tester' },
      flags: ['environment=test', 'environments.test.schemas=one,two'],
    });
    expect([connection.url, connection.user]).toEqual(['jdbc:postgresql://localhost/test', 'tester']);
    expect([settings.schemas, settings.group, settings.environment]).toEqual([['one', 'two'], false, 'test']);
  });

  test('a plain flag is for the environment in use, and wins', async () => {
    const { connection, settings } = await configured({
      files,
      flags: ['url=jdbc:postgresql://h/x', 'group=false'],
      env: { FLYWAY_USER: 'me' },
    });
    expect([connection.url, connection.user, settings.group]).toEqual(['jdbc:postgresql://h/x', 'me', false]);
  });

  test('an environment that does not exist is an error', async () => {
    const error = await refused({ files, flags: ['environment=prod'] });
    expect([error.code, error.message]).toEqual([
      'CONFIG_ENVIRONMENT_UNKNOWN',
      'There is no [environments.prod].',
    ]);
    expect(error.hint).toBe('There are [environments.dev], [environments.test].');
  });
});

test.each([
  ['[flyway]\noutOfOrdr = true', 'There is no key flyway.outOfOrdr.', 'Did you mean flyway.outOfOrder?'],
  ['[flyway]\nurl = "x"', 'flyway.url stands in the wrong table.', 'Write it in [environments.<name>].'],
  [
    '[environments.a]\ngroup = true',
    'environments.a.group stands in the wrong table.',
    'Write it in [flyway] or [environments.a.flyway].',
  ],
  [
    '[tenantry]\nlocktimeout = 1',
    'There is no key tenantry.locktimeout.',
    'Did you mean tenantry.lockTimeout?',
  ],
  ['[flywy]\ngroup = true', 'There is no key flywy.group.', undefined],
  [
    '[environments.a]\nurl = "${vault.db}"',
    'environments.a.url asks the resolver "vault", which is not supported.',
    'Use ${env.NAME}, or give the value in a FLYWAY_ variable.',
  ],
  [
    '[environments.a]\nprovisioner = "clone"',
    'environments.a.provisioner is not supported.',
    'Make the database before.',
  ],
])('%j', async (content, message, hint) => {
  const error = await refused({ files: { 'work/flyway.toml': content } });
  expect(error.problems[0]?.message).toBe(message);
  if (hint !== undefined) expect(error.hint).toBe(hint);
});

test('what is no TOML is refused with its line, without what stands there', async () => {
  const error = await refused({ files: { 'work/flyway.toml': '[flyway]\n\npassword = hunter2\n' } });
  expect([error.code, error.line]).toEqual(['CONFIG_FILE_INVALID', 3]);
  expect(error.message).not.toContain('hunter2');
});
