import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client, PlaygroundResult, Tenant } from '@tenantry/contract';
import { problemOf, send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, loginAs, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let developer: Client;
let a: Tenant;
let b: Tenant;
let customer: Tenant;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  developer = await server.as('developer');
  const { operations } = await server.admin.call('preparePlayground', {});
  for (const { operation } of operations) await server.finished(operation.id);
  a = await server.admin.call('getTenant', { params: { tenant: 'sandbox-a' } });
  b = await server.admin.call('getTenant', { params: { tenant: 'sandbox-b' } });
  customer = await provision(server, 'customer');
  const login = await loginAs(server, a);
  await login.query(`INSERT INTO notes (text) SELECT 'note ' || n FROM generate_series(1, 500) n`);
  await login.end();
});
afterAll(async () => {
  await server?.stop();
  await files?.clean();
});

function ask(sql: string, tenant = a.id): Promise<PlaygroundResult> {
  return developer.call('runPlaygroundQuery', { body: { tenant, sql } });
}

test('two sandbox tenants are made, and no third', async () => {
  expect(a.labels).toEqual({ sandbox: 'true' });
  const { operations } = await server.admin.call('preparePlayground', {});
  expect(operations).toEqual([]);
  const { tenants, limits } = await developer.call('getPlayground', {});
  expect(tenants).toMatchObject([
    { slug: 'sandbox-a', schema: a.schema, tables: ['notes', 'tags', 'flyway_schema_history'] },
    { slug: 'sandbox-b', schema: b.schema },
  ]);
  expect(limits).toEqual({ ms: 2000, rows: 200, bytes: 262_144 });
});

test('every example is answered as it says', async () => {
  const { examples } = await developer.call('getPlayground', {});
  expect(examples.length).toBeGreaterThan(5);
  for (const { sql, tenant, expects } of examples) {
    const { refused } = await ask(sql, tenant);
    expect(refused?.sqlState ?? 'rows', sql).toBe(expects);
  }
});

test('rows come as PostgreSQL writes them, with names and types', async () => {
  const { columns, rows, command, login, refused, truncated } = await ask(
    `SELECT session_user, 1.50::numeric AS n, NULL AS nothing, ARRAY[1,2] AS list, 'x' = 'x' AS yes`,
  );
  expect(refused).toBeNull();
  expect({ command, login, truncated }).toEqual({ command: 'SELECT', login: a.schema, truncated: false });
  expect(columns).toEqual([
    { name: 'session_user', type: 'name' },
    { name: 'n', type: 'numeric' },
    { name: 'nothing', type: 'text' },
    { name: 'list', type: 'integer[]' },
    { name: 'yes', type: 'boolean' },
  ]);
  expect(rows).toEqual([[a.schema, '1.50', null, '{1,2}', 't']]);
});

describe('a neighbour', () => {
  test.each([
    ['its table', () => `SELECT * FROM ${b.schema}.notes`, '42501'],
    [
      'its table by a view of one’s own',
      () => `SELECT query_to_xml('SELECT * FROM ${b.schema}.notes', true, true, '')`,
      '42501',
    ],
    ['its role', () => `SET ROLE ${b.schema}`, '42501'],
    ['the registry', () => 'SELECT * FROM tenantry.tenants', '42501'],
    ['what is not there', () => 'SELECT * FROM nowhere', '42P01'],
  ])('%s', async (_, sql, sqlState) => {
    const { refused, rows } = await ask(sql());
    expect(refused?.sqlState).toBe(sqlState);
    expect(rows).toEqual([]);
  });
});

describe('nothing stays', () => {
  const census = async () => {
    const { rows } = await server.superuser.query(
      `SELECT (SELECT count(*)::int FROM ${a.schema}.notes) AS notes, (SELECT count(*)::int FROM pg_class) AS relations`,
    );
    return rows[0] as { readonly notes: number; readonly relations: number };
  };

  test.each([
    `INSERT INTO notes (text) VALUES ('x')`,
    `WITH gone AS (DELETE FROM notes RETURNING id) SELECT count(*) FROM gone`,
    'TRUNCATE notes',
    'CREATE TABLE leak (a int)',
    'COMMIT',
    'ROLLBACK',
    'SET default_transaction_read_only = off',
    'SET TRANSACTION READ WRITE',
    `DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; INSERT INTO notes (text) VALUES ('x'); COMMIT; END $$`,
    `DO $$ BEGIN PERFORM set_config('transaction_read_only', 'off', false); INSERT INTO notes (text) VALUES ('x'); END $$`,
    'SELECT * FROM notes FOR UPDATE',
    'COPY notes FROM STDIN',
    'PREPARE p AS SELECT 1',
    'LISTEN channel',
    '',
  ])('%s', async (sql) => {
    const before = await census();
    // What is empty is no request; everything else is answered by PostgreSQL.
    if (sql === '') expect((await problemOf(ask(sql))).code).toBe('VALIDATION');
    else await ask(sql);
    expect(await census()).toEqual(before);
  });

  test('two statements at once are refused', async () => {
    const { refused } = await ask(`SELECT 1; DELETE FROM notes`);
    expect(refused?.sqlState).toBe('42601');
  });

  test('a setting of one query is not there in the next', async () => {
    await ask(`SELECT set_config('search_path', 'pg_catalog', false)`);
    expect((await ask('SHOW search_path')).rows).toEqual([[`${a.schema},extensions,pg_temp`]]);
  });
});

describe('limits', () => {
  test('rows', async () => {
    const { rows, truncated } = await ask('SELECT id FROM notes ORDER BY id');
    expect(rows).toHaveLength(200);
    expect(truncated).toBe(true);
    expect((await ask('SELECT id FROM notes ORDER BY id LIMIT 200')).rows).toHaveLength(200);
  });

  test('endless rows', async () => {
    const { rows, truncated, refused } = await ask('SELECT generate_series(1, 1e12::bigint)');
    expect({ rows: rows.length, truncated, refused }).toEqual({ rows: 200, truncated: true, refused: null });
  });

  test('large values', async () => {
    const many = await ask(`SELECT repeat('x', 10000) FROM generate_series(1, 100)`);
    expect(many.truncated).toBe(true);
    expect(many.rows.length).toBeLessThan(30);
    const one = await ask(`SELECT repeat('x', 5000000)`);
    expect(one.truncated).toBe(true);
    expect(one.rows).toEqual([]);
  });

  test('time', async () => {
    const started = Date.now();
    const { refused } = await ask('SELECT pg_sleep(30)');
    expect(refused).toMatchObject({ sqlState: '57014', condition: 'query_canceled' });
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  test('many at once: some are told to come back', async () => {
    const all = await Promise.allSettled(Array.from({ length: 12 }, () => ask('SELECT pg_sleep(0.5)')));
    const refused = all.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(12);
    for (const { reason } of refused) expect(reason.problem.code).toBe('PLAYGROUND_BUSY');
    expect((await ask('SELECT 1')).rows).toEqual([['1']]);
  });

  test('no connection is left', async () => {
    const { rows } = await server.superuser.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'tenantry playground' AND state = 'active'`,
    );
    expect(rows).toEqual([]);
  });
});

describe('a customer', () => {
  test('is not queried, by nobody', async () => {
    for (const client of [developer, server.admin]) {
      const call = client.call('runPlaygroundQuery', { body: { tenant: customer.id, sql: 'SELECT 1' } });
      expect(await problemOf(call)).toMatchObject({ code: 'SANDBOX_ONLY', status: 409 });
    }
    const { tenants } = await developer.call('getPlayground', {});
    expect(tenants.map(({ id }) => id)).not.toContain(customer.id);
  });

  test('nor one that is suspended, or not there', async () => {
    await server.admin.call('suspendTenant', { params: { tenant: b.id }, body: {} });
    expect((await problemOf(ask('SELECT 1', b.id))).code).toBe('SANDBOX_ONLY');
    await server.admin.call('resumeTenant', { params: { tenant: b.id }, body: {} });
    expect((await problemOf(ask('SELECT 1', 'none'))).code).toBe('TENANT_NOT_FOUND');
  });

  test.each(['operator', 'auditor', 'tenant', 'runtime'] as const)('%s may not', async (role) => {
    const client = await server.as(role, role === 'tenant' ? a.id : undefined);
    const problem = await problemOf(
      client.call('runPlaygroundQuery', { body: { tenant: a.id, sql: 'SELECT 1' } }),
    );
    expect(problem).toMatchObject({ code: 'FORBIDDEN', status: 403 });
    expect(problem.detail).toContain('playground:run');
  });
});

test('every query is in the audit trail, and what was refused is there as denied', async () => {
  await ask('SELECT 4711');
  await ask(`SELECT * FROM ${b.schema}.notes`);
  await ask('SELEC');
  const events = (await auditOf(server, { action: 'playground.query', tenant: a.id })).slice(-3);
  expect(events).toMatchObject([
    { outcome: 'success', after: { sql: 'SELECT 4711', sqlState: null, rows: 1 }, target: { id: a.id } },
    { outcome: 'denied', after: { sqlState: '42501', rows: 0 } },
    { outcome: 'failure', after: { sqlState: '42601' } },
  ]);
  const { body } = await send<{ items: unknown[] }>(server, '/v1/audit?action=playground.query&limit=1');
  expect(JSON.stringify(body)).not.toContain('note 1');
});
