import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { flyway, flywayWith } from '../../src/testing/index.ts';

let directory: string;
let tenants: TestTenants | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flyway-testing-'));
});
afterEach(async () => {
  await tenants?.stop();
  tenants = undefined;
  await rm(directory, { recursive: true });
});

async function files(named: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(named)) await writeFile(join(directory, name), text);
}

test('every tenant has the tables and the history, which it cannot write', async () => {
  await files({
    'V1__notes.sql': 'CREATE TABLE notes (id int PRIMARY KEY, body text NOT NULL);',
    'V2__index.sql': 'CREATE INDEX CONCURRENTLY notes_body ON notes (body);',
    'R__view.sql': 'CREATE OR REPLACE VIEW bodies AS SELECT body FROM notes;',
  });
  tenants = await startTestTenants({ schema: flyway(directory), spares: 1 });
  const [a, b] = await tenants.pair();
  for (const tenant of [a, b]) {
    const { rows } = await tenant.query('SELECT body FROM bodies ORDER BY 1 LIMIT 1');
    expect(rows).toEqual([{ body: `${tenant.canary}a` }]);
    const history = await tenant.query(
      'SELECT version, success FROM flyway_schema_history ORDER BY installed_rank',
    );
    expect(history.rows).toEqual([
      { version: '1', success: true },
      { version: '2', success: true },
      { version: null, success: true },
    ]);
    await expect(tenant.query('DELETE FROM flyway_schema_history')).rejects.toMatchObject({ code: '42501' });
  }
});

test('a file that fails is named with its line and SQLSTATE', async () => {
  await files({ 'V1__fine.sql': 'SELECT 1;', 'V2__broken.sql': 'SELECT 1;\nCREATE TABLE t (x missing);' });
  tenants = await startTestTenants({ schema: flyway(directory) });
  await expect(tenants.create()).rejects.toMatchObject({
    code: 'TESTING_SCHEMA',
    sqlState: '42704',
    message: expect.stringMatching(
      /V2__broken\.sql, line 2: type "missing" does not exist \(SQLSTATE 42704\)/,
    ) as string,
    cause: { name: 'MigrateError', file: 'V2__broken.sql', line: 2 },
  });
});

test('placeholders may hold the schema of the tenant, and an extension of the database may be named', async () => {
  await files({
    'V1__t.sql': `CREATE EXTENSION IF NOT EXISTS pgcrypto; CREATE TABLE \${mine}.t (hash text DEFAULT encode(digest('x', 'sha256'), 'hex'));`,
  });
  const schema = flywayWith({ placeholders: { mine: '{schema}' } }, directory);
  tenants = await startTestTenants({ schema, extensions: ['pgcrypto'] });
  const tenant = await tenants.create();
  const { rows } = await tenant.query<{ hash: string }>('INSERT INTO t DEFAULT VALUES RETURNING hash');
  expect(rows[0]!.hash).toMatch(/^[0-9a-f]{64}$/);
});

test('a directory that is not there is told when the first tenant is made', async () => {
  tenants = await startTestTenants({ schema: flyway(join(directory, 'none')) });
  await expect(tenants.create()).rejects.toMatchObject({
    code: 'TESTING_SCHEMA',
    cause: { code: 'MIGRATIONS_MISSING' },
  });
});
