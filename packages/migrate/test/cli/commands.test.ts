import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { project, runHere, startServer, tenantryMigrate } from './support.ts';
import type { Around, Ran, Server } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const files = {
  'sql/V1__customers.sql': 'CREATE TABLE customer (id bigint PRIMARY KEY, name text NOT NULL);\n',
  'sql/V2__orders.sql': 'CREATE TABLE orders (id bigint PRIMARY KEY);\n',
  'sql/U2__orders.sql': 'DROP TABLE orders;\n',
  'sql/R__views.sql': 'CREATE OR REPLACE VIEW customer_name AS SELECT name FROM customer;\n',
};

let count = 0;

/** A project with a schema of its own, and the program in its directory: in this process, or `spawned` in one of its own. */
async function shop(more: Readonly<Record<string, string>> = {}) {
  const directory = await project({ ...files, ...more });
  const schema = `shop_${(count += 1)}`;
  const bind =
    (start: typeof runHere) =>
    (argv: readonly string[], around: Around = {}): Promise<Ran> => {
      const env = { FLYWAY_URL: server.url, ...around.env };
      return start([...argv, '--schema', schema], { directory, ...around, env });
    };
  return { directory, schema, run: bind(runHere), spawned: bind(tenantryMigrate) };
}

describe('the way of a schema', () => {
  test('info, migrate, validate, undo, repair, clean, as a user of Flyway knows them', async () => {
    const { directory, schema, run, spawned } = await shop();
    const before = await spawned(['info']);
    expect([before.code, before.stderr]).toEqual([0, '']);
    expect(before.stdout).toContain('Schema version: << Empty Schema >>');
    expect(before.stdout.match(/\| Pending +\|/g)).toHaveLength(3);

    const migrated = await spawned(['migrate']);
    expect([migrated.code, migrated.stderr]).toEqual([0, '']);
    for (const line of [
      `Creating schema "${schema}" ...`,
      `Migrating schema "${schema}" to version "1 - customers"`,
      `Migrating schema "${schema}" to version "2 - orders"`,
      `Migrating schema "${schema}" with repeatable migration "views"`,
      `Successfully applied 3 migrations to schema "${schema}", now at version v2`,
    ])
      expect(migrated.stdout).toContain(line);
    expect((await run(['migrate'])).stdout).toContain(
      `Schema "${schema}" is up to date. No migration necessary.`,
    );

    await writeFile(join(directory, 'sql/V2__orders.sql'), '-- changed\n');
    const invalid = await spawned(['validate']);
    expect(invalid.code).toBe(1);
    expect(invalid.stderr).toContain('V2__orders.sql: CHECKSUM_MISMATCH');
    expect((await run(['migrate'])).stderr).toContain('ERROR: MIGRATION_VALIDATION: Validate failed');
    expect((await run(['repair'])).code).toBe(0);
    expect((await run(['validate'])).code).toBe(0);

    expect((await run(['undo'])).code).toBe(0);
    expect((await run(['info', '--info-of-state', 'pending', '--migration-ids', '-q'])).stdout).toBe('2\n');

    const refused = await run(['clean']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('MIGRATION_CLEAN_DISABLED')]);
    const cleaned = await run(['clean', 'migrate', '-cleanDisabled=false', '-target=1']);
    expect(cleaned.code).toBe(0);
    expect(cleaned.stdout).toContain('now at version v1');
  });

  test('baseline of what was there before', async () => {
    const { schema, run } = await shop();
    await server.client.query(
      `CREATE SCHEMA ${schema} CREATE TABLE customer (id bigint PRIMARY KEY, name text)`,
    );
    const refused = await run(['migrate']);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('MIGRATION_SCHEMA_NOT_EMPTY'),
    ]);
    expect((await run(['baseline', '--baseline-version=1'])).code).toBe(0);
    expect((await run(['migrate', '-q'])).code).toBe(0);
    const { stdout } = await run(['info', '--json']);
    const { migrations } = JSON.parse(stdout) as { migrations: { version: string; state: string }[] };
    expect(migrations.map(({ version, state }) => [version, state])).toContainEqual(['1', 'Baseline']);
  });
});

describe('for programs', () => {
  test("documents have Flyway's names, and stdout is nothing else", async () => {
    const { schema, run, spawned } = await shop();
    const { code, stdout, stderr } = await spawned(['migrate', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      operation: 'migrate',
      success: true,
      schemaName: schema,
      migrationsExecuted: 3,
      targetSchemaVersion: '2',
      warnings: [],
      migrations: [
        { category: 'Versioned', version: '1' },
        { category: 'Versioned', version: '2' },
        { category: 'Repeatable', description: 'views' },
      ],
    });
    const both = await run(['info', 'validate', '-outputType=json']);
    expect(JSON.parse(both.stdout)).toMatchObject({
      individualResults: [
        { operation: 'info', schemaVersion: '2' },
        { operation: 'validate', validationSuccessful: true },
      ],
    });
  });

  test('what was configured without effect is a warning of the document', async () => {
    const { run } = await shop({ 'flyway.conf': 'flyway.licenseKey=FL01\n' });
    const { stdout, stderr } = await run(['info', '--json']);
    expect(stderr).toBe('');
    const { warnings } = JSON.parse(stdout) as { warnings: string[] };
    expect(warnings).toEqual([
      expect.stringContaining("flyway.licenseKey is a key of Flyway's paid editions"),
    ]);
  });

  test('an error is one object: where, what, and what to do', async () => {
    const { run } = await shop({
      'sql/V3__notes.sql':
        'ALTER TABLE orders ADD COLUMN note text;\n\nALTER TABLE costumer ADD COLUMN note text;\n',
    });
    const people = await run(['migrate', '-q']);
    expect(people.code).toBe(1);
    expect(people.stderr).toContain('Line       : 3');
    const programs = await run(['migrate', '--json']);
    expect([programs.code, programs.stdout]).toEqual([1, '']);
    expect(JSON.parse(programs.stderr)).toMatchObject({
      error: {
        code: 'MIGRATION_FAILED',
        file: 'V3__notes.sql',
        line: 3,
        statement: 'ALTER TABLE costumer ADD COLUMN note text',
        sqlState: '42P01',
        exitCode: 1,
      },
    });
    const flyway = await run(['migrate', '-outputType=json']);
    expect([flyway.code, flyway.stderr]).toEqual([1, '']);
    expect(JSON.parse(flyway.stdout)).toMatchObject({ error: { errorCode: expect.any(String) as string } });
  });

  test('--output-file gets what stdout gets', async () => {
    const { directory, run } = await shop();
    const { stdout } = await run(['info', '--output-file', 'info.txt']);
    expect(await readFile(join(directory, 'info.txt'), 'utf8')).toBe(stdout);
  });
});

describe('configuration on its way through the program', () => {
  test('a project of flyway.toml, an environment, a variable, a flag', async () => {
    const { directory, run } = await shop({
      'flyway.toml': [
        '[flyway]\nlocations = ["filesystem:elsewhere"]\nenvironment = "dev"\ntable = "history"',
        '[flyway.placeholders]\nname = "toml"',
        '[environments.dev]\nurl = "${env.DEV_URL}"',
      ].join('\n'),
      'elsewhere/V1__x.sql':
        "CREATE TABLE x AS SELECT '${name}' AS name, '${flyway:environment}' AS environment;\n",
    });
    const env = { FLYWAY_URL: '', DEV_URL: server.url, FLYWAY_PLACEHOLDERS_NAME: 'variable' };
    const { code, stderr } = await run(['migrate', '-q'], { env });
    expect([code, stderr]).toEqual([0, '']);
    const schema = `shop_${count}`;
    const { rows } = await server.client.query(`SELECT name, environment FROM ${schema}.x`);
    expect(rows).toEqual([{ name: 'variable', environment: 'dev' }]);
    const { rows: history } = await server.client.query(
      `SELECT script FROM ${schema}.history WHERE version = '1'`,
    );
    expect(history).toEqual([{ script: 'V1__x.sql' }]);
    expect((await run(['info', '-X', '-q'], { env, directory })).stderr).toContain('DEBUG: table is from');
  });

  test('the password of a file, and the standard input as configuration', async () => {
    const { directory, spawned } = await shop();
    const url = new URL(server.url);
    await writeFile(join(directory, 'secret'), `${decodeURIComponent(url.password)}\n`);
    url.password = '';
    const { code, stderr } = await spawned(['info', '--password-file=secret', '-configFiles=-'], {
      env: { FLYWAY_URL: '' },
      stdin: `flyway.url=${url.href}\n`,
    });
    expect([code, stderr]).toEqual([0, '']);
  });

  test('initSql decides who owns what is made', async () => {
    const { schema, run } = await shop();
    await server.client.query(
      `CREATE ROLE ${schema}_owner; GRANT CREATE ON DATABASE postgres TO ${schema}_owner`,
    );
    const { code, stderr } = await run(['migrate', '-q', `-initSql=SET ROLE ${schema}_owner`]);
    expect([code, stderr]).toEqual([0, '']);
    const { rows } = await server.client.query(
      'SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = $1',
      [schema],
    );
    expect(rows).toEqual([{ tableowner: `${schema}_owner` }]);
  });
});

test('Ctrl-C cancels what is running; nothing of it is left', async () => {
  const { schema, spawned } = await shop({
    'sql/V3__slow.sql': 'CREATE TABLE slow (); SELECT pg_sleep(60);\n',
  });
  const sleeping = `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%V3__slow.sql%'`;
  const { code, stderr } = await spawned(['migrate'], {
    async onStart(kill) {
      await vi.waitFor(async () => expect((await server.client.query(sleeping)).rowCount).toBe(1), 20_000);
      kill('SIGINT');
    },
  });
  expect([code, stderr]).toEqual([130, expect.stringContaining('INTERRUPTED')]);
  const { rows } = await server.client.query(
    'SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1',
    [schema],
  );
  expect(rows.map(({ tablename }: { tablename: string }) => tablename)).toEqual([
    'customer',
    'flyway_schema_history',
    'orders',
  ]);
});

describe('lint', () => {
  const careless = { 'sql/V3__index.sql': 'CREATE INDEX orders_id_idx ON orders (id);\n' };

  test('needs no database, fails as severely as asked', async () => {
    const { run } = await shop(careless);
    const env = { FLYWAY_URL: 'jdbc:postgresql://127.0.0.1:1/none' };
    const ran = await run(['lint'], { env });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toContain('index-blocks-writes');
    expect((await run(['lint', '--fail-on', 'warning'], { env })).code).toBe(1);
    expect((await run(['lint', '--fail-on=warning', '--rules=index-blocks-writes=off'], { env })).code).toBe(
      0,
    );
    expect((await run(['lint', '--rules', 'no-such=off'], { env })).code).toBe(2);
    const sarif = JSON.parse((await run(['lint', '--format', 'sarif'], { env })).stdout) as {
      version: string;
    };
    expect(sarif.version).toBe('2.1.0');
    expect(JSON.parse((await run(['lint', '--json'], { env })).stdout)).toMatchObject({
      operation: 'lint',
      ok: true,
    });
  });

  test('--pending judges only what would run', async () => {
    const { run } = await shop(careless);
    expect((await run(['lint', '--pending', '-q'])).stdout).not.toContain('index-blocks-writes');
    expect((await run(['migrate', '-q', '--target=2'])).code).toBe(0);
    expect((await run(['lint', '--pending', '-q'])).stdout).toContain('index-blocks-writes');
    expect((await run(['migrate', '-q'])).code).toBe(0);
    expect((await run(['lint', '--pending', '-q'])).stdout).not.toContain('index-blocks-writes');
  });
});

describe('drift as a role that is no superuser', () => {
  /** A URL of a role of its own, which may make schemas; with `owning`, its database is its own, too. */
  async function urlOfRole(name: string, owning: boolean): Promise<string> {
    const { client } = server;
    const url = new URL(server.url);
    const database = owning ? name : url.pathname.slice(1);
    await client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}'`);
    if (owning) await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
    else await client.query(`GRANT CREATE ON DATABASE ${database} TO ${name}`);
    [url.username, url.password, url.pathname] = [name, name, `/${database}`];
    return url.href;
  }

  test.each([
    ['owns just its schema', 'drift_one', false],
    ['owns its database', 'drift_two', true],
  ])('that %s', async (_, name, owning) => {
    const url = await urlOfRole(name, owning);
    const { schema, run } = await shop({
      'sql/V3__path.sql':
        'SET search_path = pg_catalog;\nGRANT SELECT ON ${flyway:defaultSchema}.customer TO PUBLIC;\n',
      'sql/V4__more.sql': 'CREATE TABLE more (a int);\n',
    });
    const env = { FLYWAY_URL: url };
    expect(await run(['migrate'], { env })).toMatchObject({ code: 0 });
    expect(await run(['drift'], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no difference') as string,
    });

    const owner = new pg.Client(url);
    await owner.connect();
    await owner.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT ON TABLES TO PUBLIC`);
    const { code, stdout, stderr } = await run(['drift'], { env });
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toContain('default privileges');
    const left = await owner.query("SELECT FROM pg_namespace WHERE nspname LIKE 'drift\\_%'");
    expect(left.rows).toEqual([]);
    await owner.end();
  });

  test('a file that would not be rolled back is not run', async () => {
    const { run } = await shop({ 'sql/V3__commit.sql': 'CREATE TABLE c (a int);\nCOMMIT;\n' });
    expect(await run(['migrate'])).toMatchObject({ code: 0 });
    expect((await run(['drift'])).stderr).toContain('MIGRATION_LINT');
  });
});

describe('drift', () => {
  test('against what the migrations make: pending files do not count, a change by hand does', async () => {
    const { directory, schema, run } = await shop();
    expect((await run(['migrate', '-q'])).code).toBe(0);
    await writeFile(join(directory, 'sql/V3__pending.sql'), 'CREATE TABLE pending ();\n');
    const same = await run(['drift']);
    expect([same.code, same.stdout, same.stderr]).toEqual([0, expect.stringContaining('no difference'), '']);
    await server.client.query(`ALTER TABLE ${schema}.customer ADD COLUMN secret text`);
    const other = await run(['drift']);
    expect([other.code, other.stdout]).toEqual([1, expect.stringContaining('+ column customer.secret')]);
    const { rows } = await server.client.query(
      `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'drift\\_%'`,
    );
    expect(rows).toEqual([]);
  });

  test('against another schema and against a file', async () => {
    const one = await shop();
    const two = await shop();
    for (const { run } of [one, two]) expect((await run(['migrate', '-q'])).code).toBe(0);
    expect((await two.run(['drift', '--against', one.schema])).code).toBe(0);
    expect((await one.run(['drift', '--save', 'one.json'])).code).toBe(0);
    await server.client.query(`DROP VIEW ${one.schema}.customer_name`);
    const { code, stdout } = await one.run(['drift', '--against=one.json', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      operation: 'drift',
      equal: false,
      differences: [{ kind: 'missing', object: 'view customer_name' }],
    });
    await rm(join(one.directory, 'one.json'));
    expect((await one.run(['drift', '--against=one.json'])).code).toBe(2);
  });

  test('files with placeholders of their own, extensions, and what undo took back', async () => {
    await server.client.query('CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public');
    const { run } = await shop({
      'flyway.conf':
        'flyway.placeholderPrefix=[[\nflyway.placeholderSuffix=]]\nflyway.placeholders.type=text\n',
      'sql/V3__x.sql':
        'CREATE TABLE [[flyway:defaultSchema]].x (a [[type]], b bytea DEFAULT gen_random_bytes(2));\n',
      'sql/V4__y.sql': 'CREATE EXTENSION IF NOT EXISTS pgcrypto;\nCREATE TABLE y ();\n',
      'sql/U4__y.sql': 'DROP TABLE y;\n',
    });
    expect((await run(['migrate', '-q'])).stderr).not.toContain('ERROR');
    expect((await run(['drift'])).stdout).toContain('no difference');
    expect((await run(['undo', '-q'])).code).toBe(0);
    expect((await run(['drift'])).stdout).toContain('no difference');
  });

  test('a history that files alone cannot make again says what to do', async () => {
    const { schema, run } = await shop();
    await server.client.query(
      `CREATE SCHEMA ${schema} CREATE TABLE customer (id bigint PRIMARY KEY, name text)`,
    );
    expect((await run(['drift'])).stderr).toContain('holds no migration');
    expect((await run(['baseline'])).code).toBe(0);
    expect((await run(['drift'])).stderr).toContain('--against');
  });
});
