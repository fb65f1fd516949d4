import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rename } from 'node:fs/promises';
import { problemOf } from '../support/call.ts';
import { migrationFiles, smallMigrations, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, loginAs, provision, tracesOf, type Census } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({
    migrations: files.path,
    extensions: 'pgcrypto',
    placeholders: 'greeting=hello,where={schema}',
  });
});
beforeEach(() => files.replace(smallMigrations));
afterAll(async () => {
  await server.stop();
  await files.clean();
});

const create = (slug = 'refused') => server.admin.call('createTenant', { body: { slug } });
type Files = Readonly<Record<string, string | Uint8Array>>;
const lines = (count: number) => '-- a comment\n'.repeat(count);

/** What a failed provisioning may leave: its operation and its audit, and nothing else. */
function expectNothingLeft(before: Census, after: Census): void {
  expect({ ...after, operations: before.operations, audit: before.audit }).toEqual(before);
}

describe('a directory that cannot be read as migrations: refused at once, nothing is created, list and lint say the same', () => {
  const cases: readonly [name: string, files: Files, problem: object, detail: RegExp][] = [
    ['empty', {}, { code: 'MIGRATIONS_EMPTY' }, /no migration/],
    ['files that are no migrations only', { 'README.md': 'x' }, { code: 'MIGRATIONS_EMPTY' }, /no migration/],
    [
      'two files of one version',
      { ...smallMigrations, 'V2.0__again.sql': 'SELECT 1;' },
      { code: 'MIGRATION_DUPLICATE_VERSION' },
      /V2(\.0)?__/,
    ],
    [
      'two repeatables of one name',
      { ...smallMigrations, 'R__v.sql': '', 'sub_R__v.sql': '' },
      { code: 'MIGRATION_NAME_INVALID' },
      /sub_R__v\.sql/,
    ],
    [
      'one underscore',
      { ...smallMigrations, 'V3_x.sql': '' },
      { code: 'MIGRATION_NAME_INVALID' },
      /V3_x\.sql/,
    ],
    ['no version', { ...smallMigrations, 'V__x.sql': '' }, { code: 'MIGRATION_NAME_INVALID' }, /V__x\.sql/],
    [
      'a version that is a word',
      { ...smallMigrations, 'Vone__x.sql': '' },
      { code: 'MIGRATION_NAME_INVALID' },
      /Vone__x\.sql/,
    ],
    [
      'invalid UTF-8',
      { ...smallMigrations, 'V3__x.sql': Uint8Array.of(0x53, 0xff, 0xfe) },
      { code: 'MIGRATION_ENCODING', file: 'V3__x.sql' },
      /UTF-8/,
    ],
    [
      'a NUL',
      { ...smallMigrations, 'V3__x.sql': 'SELECT 1;\n\0' },
      { code: 'MIGRATION_ENCODING', file: 'V3__x.sql', line: 2 },
      /NUL/,
    ],
  ];
  test.each(cases)('%s', async (_, content, expected, detail) => {
    await files.replace(content);
    const before = await census(server);
    const calls = [
      () => create(),
      () => server.admin.call('listMigrations', {}),
      () => server.admin.call('lintMigrations', {}),
    ];
    for (const call of calls) {
      const problem = await problemOf(call());
      expect(problem).toMatchObject({ status: 422, ...expected });
      expect(problem.detail).toMatch(detail);
    }
    expect(await census(server)).toEqual(before);
  });

  test('missing', async () => {
    const before = await census(server);
    await rename(files.path, `${files.path}.away`);
    try {
      expect(await problemOf(create())).toMatchObject({ code: 'MIGRATIONS_MISSING', status: 422 });
      expect(await problemOf(server.admin.call('listMigrations', {}))).toMatchObject({
        code: 'MIGRATIONS_MISSING',
      });
    } finally {
      await rename(`${files.path}.away`, files.path);
    }
    expect(await census(server)).toEqual(before);
  });
});

describe('a file that must not or cannot run: the operation says which, where and why, and nothing is left', () => {
  const cases: readonly [name: string, sql: string, error: object][] = [
    [
      'an error on line 40',
      `${lines(39)}INSERT INTO missing VALUES (1);\n`,
      { code: 'MIGRATION_FAILED', line: 40, sqlState: '42P01' },
    ],
    [
      'an error inside a function call',
      `${lines(9)}SELECT 1/0;\n`,
      { code: 'MIGRATION_FAILED', line: 10, sqlState: '22012' },
    ],
    ['no SQL', `${lines(4)}CREATE TABEL x ();\n`, { code: 'MIGRATION_SYNTAX', line: 5 }],
    [
      'public. written out',
      `${lines(2)}CREATE TABLE public.x ();\n`,
      { code: 'MIGRATION_NOT_CONTAINED', line: 3 },
    ],
    ['another schema', 'CREATE SCHEMA elsewhere;\n', { line: 1 }],
    ['SET ROLE', `${lines(1)}SET ROLE tenantry_control;\n`, { code: 'MIGRATION_LINT', line: 2 }],
    [
      'SET ROLE in a function that a file calls',
      'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\nSET LOCAL ROLE NONE; CREATE ROLE evil; END $$; SELECT f();\n',
      { code: 'MIGRATION_LINT', line: 2 },
    ],
    [
      'a function with a role of its own',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1;\nALTER FUNCTION f() SET role TO tenantry_control; SELECT f();\n',
      { code: 'MIGRATION_LINT', line: 2 },
    ],
    ['RESET ROLE', `${lines(1)}RESET ROLE;\n`, { code: 'MIGRATION_LINT', line: 2 }],
    [
      'SET SESSION AUTHORIZATION',
      'SET SESSION AUTHORIZATION DEFAULT;\n',
      { code: 'MIGRATION_LINT', line: 1 },
    ],
    ['SET search_path', `${lines(1)}SET search_path = public;\n`, { code: 'MIGRATION_LINT', line: 2 }],
    ['COMMIT', `CREATE TABLE x ();\nCOMMIT;\nCREATE TABLE y ();\n`, { code: 'MIGRATION_LINT', line: 2 }],
    [
      'an extension that is not allowed',
      `${lines(1)}CREATE EXTENSION hstore;\n`,
      { code: 'MIGRATION_LINT', line: 2 },
    ],
    ['an extension that nobody may have', 'CREATE EXTENSION dblink;\n', { code: 'MIGRATION_LINT', line: 1 }],
    [
      'a placeholder without a value',
      `${lines(1)}SELECT '\${farewell}';\n`,
      { code: 'MIGRATION_PLACEHOLDER_MISSING', line: 2 },
    ],
    [
      'RESET ROLE hidden in a block',
      `DO $$ BEGIN EXECUTE 'RESET ' || 'ROLE'; EXECUTE 'CREATE TABLE public.leak ()'; END $$;\n`,
      {},
    ],
    ['a role', 'CREATE ROLE friend;\n', {}],
    ['a grant to everybody', 'GRANT SELECT ON notes TO PUBLIC;\n', {}],
  ];
  test.each(cases.map(([name, sql, error], i) => [name, sql, error, `case-${i}`] as const))(
    '%s',
    async (_, sql, error, slug) => {
      await files.replace({ ...smallMigrations, 'V3__bad.sql': sql });
      const before = await census(server);
      const { operation, tenant } = await create(slug);
      const failed = await server.finished(operation.id);
      expect(failed).toMatchObject({ state: 'failed', error: { file: 'V3__bad.sql', ...error } });
      expect(failed.error?.code).toMatch(/^MIGRATION_/);
      expect(failed.steps.map(({ name, state }) => [name, state])).toEqual([
        ['build', 'failed'],
        ['probe', 'pending'],
        ['activate', 'pending'],
        ['rollback', 'succeeded'],
      ]);
      expectNothingLeft(before, await census(server));
      expect(await tracesOf(server, tenant!.schema)).toEqual([]);
      expect((await auditOf(server, { tenant: tenant!.id })).at(-1)).toMatchObject({
        action: 'tenant.provision',
        outcome: 'failure',
        before: { slug, state: 'provisioning' },
        after: { operation: operation.id, state: 'failed', error: { file: 'V3__bad.sql' }, removed: true },
      });
      // The slug is free again.
      await files.replace(smallMigrations);
      expect(await provision(server, slug)).toMatchObject({ state: 'active' });
    },
  );
});

test('a file that tenants have and that was changed is refused by name, with both checksums', async () => {
  await provision(server, 'first');
  await files.write({ 'V1__notes.sql': 'CREATE TABLE notes (id int PRIMARY KEY, text text NOT NULL);\n' });
  const before = await census(server);
  const problem = await problemOf(create());
  expect(problem).toMatchObject({ code: 'MIGRATION_CHECKSUM_CHANGED', status: 422, file: 'V1__notes.sql' });
  expect(problem.detail).toMatch(/-?\d+.*-?\d+/);
  expect(await census(server)).toEqual(before);
});

test('an allowed extension, a placeholder and the schema in one work', async () => {
  await files.write({
    'V3__crypto.sql': `CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE TABLE hashes AS SELECT '\${greeting}' AS text, encode(digest('\${greeting}', 'sha256'), 'hex') AS hash, '\${where}' AS place;\n`,
  });
  const tenant = await provision(server, 'crypto');
  const client = await loginAs(server, tenant);
  const { rows } = await client.query('SELECT text, place, length(hash) AS length FROM hashes');
  expect(rows).toEqual([{ text: 'hello', place: tenant.schema, length: 64 }]);
  await client.query(`SELECT gen_random_bytes(4)`);
  await client.end();
  await files.remove('V3__crypto.sql');
});
