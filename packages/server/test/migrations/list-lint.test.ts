import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { census, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles({
    'V10__ten.sql': 'CREATE TABLE ten ();\n',
    'V9__nine.sql': 'CREATE TABLE nine ();\n',
    'R__view.sql': 'CREATE OR REPLACE VIEW all_nine AS SELECT * FROM nine;\n',
    'U9__nine.sql': 'DROP TABLE nine;\n',
    'README.md': 'not a migration',
  });
  server = await startTestServer({ migrations: files.path });
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

test('the list has the order in which they run, how many tenants have them, and is read anew when a file changes', async () => {
  const first = await server.admin.call('listMigrations', {});
  expect(first).toMatchObject({
    locations: [files.path],
    schemaVersion: '10',
    tenants: { current: 0, behind: 0 },
  });
  expect(first.migrations.map(({ kind, version, script }) => [kind, version, script])).toEqual([
    ['versioned', '9', 'V9__nine.sql'],
    ['versioned', '10', 'V10__ten.sql'],
    ['repeatable', null, 'R__view.sql'],
  ]);
  expect(first.ignored).toEqual([{ script: 'U9__nine.sql', reason: expect.any(String) }]);

  await provision(server, 'one');
  expect(await server.admin.call('listMigrations', {})).toMatchObject({ tenants: { current: 1, behind: 0 } });
  await files.write({ 'V11__eleven.sql': 'CREATE TABLE eleven ();\n' });
  const second = await server.admin.call('listMigrations', {});
  expect(second).toMatchObject({ schemaVersion: '11', tenants: { current: 0, behind: 1 } });
  expect(second.fingerprint).not.toBe(first.fingerprint);
  expect(await provision(server, 'two')).toMatchObject({ schemaVersion: '11' });
  expect(await server.admin.call('listMigrations', {})).toMatchObject({ tenants: { current: 1, behind: 1 } });
});

test('lint says what is wrong, where, and what to write instead, and runs nothing', async () => {
  const before = await census(server);
  expect(await server.admin.call('lintMigrations', {})).toMatchObject({ ok: true });
  await files.write({ 'V12__bad.sql': '-- one\nSET search_path = public;\nCREATE TABLE public.x ();\n' });
  const { ok, findings } = await server.admin.call('lintMigrations', {});
  expect(ok).toBe(false);
  const errors = findings.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ script, line, rule }) => `${script}:${line} ${rule}`)).toEqual([
    'V12__bad.sql:2 session-search-path',
    'V12__bad.sql:2 hard-coded-schema',
    'V12__bad.sql:3 hard-coded-schema',
  ]);
  for (const { message, instead } of errors) expect(message.length * instead.length).toBeGreaterThan(0);
  expect(await census(server)).toEqual(before);
  await files.remove('V12__bad.sql');
});
