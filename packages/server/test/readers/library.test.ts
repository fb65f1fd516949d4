import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { createTenancy, type SecurityEvent, type Tenancy, tenantId } from '@tenantry/tenancy';
import { controlPlaneDirectory } from '@tenantry/tenancy/directory';
import { crossTenantReader, type CrossTenantReaderOptions } from '@tenantry/tenancy/patterns';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let tenancy: Tenancy;
let a: Tenant;
let b: Tenant;
let c: Tenant;
const events: SecurityEvent[] = [];
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  [a, b, c] = [await provision(server, 'a'), await provision(server, 'b'), await provision(server, 'c')];
  const credentialKey = (await readFile(join(server.home, 'secrets', 'credential-key'), 'utf8')).trim();
  const { token } = await server.admin.call('createKey', { body: { name: 'app', role: 'runtime' } });
  const directory = controlPlaneDirectory({ url: server.url, token, credentialKey });
  tenancy = createTenancy({ directory, credentialKey, onSecurityEvent: (event) => events.push(event) });
  for (const { id } of [a, b, c]) {
    await tenancy.for(tenantId(id)).query('INSERT INTO notes (text) VALUES ($1)', [`canary of ${id}`]);
  }
});
afterAll(async () => {
  await tenancy?.close();
  await server?.stop();
  await files?.clean();
});

const open = (rest: Partial<CrossTenantReaderOptions> = {}) =>
  crossTenantReader({
    tenancy,
    url: server.url,
    token: server.token,
    reason: 'ticket 4711',
    tenants: ['a', 'b'],
    ...rest,
  });

/** The code or SQLSTATE that work is refused with, or `done`. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

const logins = async (): Promise<number> => {
  const { rows } = await server.superuser.query<{ count: number }>(
    `SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 'tenantry\\_reader\\_%'`,
  );
  return rows[0]!.count;
};

test('reads each tenant by bare names, and all of them by qualified ones', async () => {
  await using reader = await open();
  const found = await reader.each(async ({ id }, query) => {
    const { rows } = await query<{ text: string }>('SELECT text FROM notes');
    expect(rows).toEqual([{ text: `canary of ${id}` }]);
    return rows.length;
  });
  expect(new Map(found)).toEqual(new Map([a, b].map(({ id }) => [id, 1])));
  const [one, two] = reader.tenants;
  const { rows } = await reader.query<{ text: string }>(
    `SELECT text FROM ${one!.schema}.notes UNION ALL SELECT text FROM ${two!.schema}.notes WHERE text <> $1`,
    [''],
  );
  expect(rows.map(({ text }) => text).toSorted()).toEqual(
    [a, b].map(({ id }) => `canary of ${id}`).toSorted(),
  );
  expect((await auditOf(server, { tenant: 'b', action: 'reader.open' })).at(-1)).toMatchObject({
    reason: 'ticket 4711',
    target: { id: reader.id },
  });
});

test('is over when its block is over', async () => {
  const reader = await open();
  expect(await logins()).toBe(1);
  await reader.close();
  await reader.close();
  expect(await logins()).toBe(0);
  expect(await codeOf(reader.query('SELECT 1'))).toBe('TENANCY_CLOSED');
  expect(await codeOf(reader.each(async () => {}))).toBe('TENANCY_CLOSED');
});

test('a function that throws ends it, and leaves a connection that is as good as new', async () => {
  await using reader = await open();
  const failure = new Error('enough');
  let calls = 0;
  await expect(
    reader.each(async (_, query) => {
      calls += 1;
      await query(`SELECT set_config('search_path', 'pg_catalog', false)`);
      throw failure;
    }),
  ).rejects.toBe(failure);
  expect(calls).toBe(1);
  await reader.each(async ({ id }, query) => {
    const { rows } = await query('SELECT text FROM notes');
    expect(rows).toEqual([{ text: `canary of ${id}` }]);
  });
});

describe('what it does not do', () => {
  test.each([
    ['write', 'INSERT INTO notes (text) VALUES (1)', '25006'],
    ['leave its transaction to write', 'COMMIT; DELETE FROM notes', '42601'],
    ['read a tenant that was not named', () => `SELECT * FROM ${c.schema}.notes`, '42501'],
  ])('%s', async (_, sql, code) => {
    await using reader = await open();
    const text = typeof sql === 'string' ? sql : sql();
    expect(await codeOf(reader.each((_tenant, query) => query(text)))).toBe(code);
  });

  test('take a name without a schema for a table of somebody', async () => {
    await using reader = await open();
    expect(await codeOf(reader.query('SELECT * FROM notes'))).toBe('42P01');
  });

  test('anything for a tenant’s request, which is reported', async () => {
    await using reader = await open();
    const id = tenantId(a.id);
    events.length = 0;
    const before = await logins();
    expect(await codeOf(tenancy.run(id, () => open()))).toBe('TENANT_CONTEXT_CONFLICT');
    expect(await codeOf(tenancy.run(id, () => reader.query('SELECT 1')))).toBe('TENANT_CONTEXT_CONFLICT');
    expect(await codeOf(tenancy.run(id, () => reader.each(async () => 1)))).toBe('TENANT_CONTEXT_CONFLICT');
    expect(
      await codeOf(reader.each((_tenant, query) => tenancy.run(id, () => query('SELECT text FROM notes')))),
    ).toBe('TENANT_CONTEXT_CONFLICT');
    // The first is told at once, and its equals together within a second.
    await vi.waitFor(() => expect(events.reduce((sum, { count }) => sum + count, 0)).toBe(4), 5_000);
    for (const { code, tenant } of events)
      expect({ code, tenant }).toEqual({ code: 'TENANT_CONTEXT_CONFLICT', tenant: id });
    expect(await logins()).toBe(before);
  });

  test('open for whoever is no administrator, and say so', async () => {
    for (const role of ['runtime', 'operator', 'auditor'] as const) {
      const { token } = await server.admin.call('createKey', { body: { name: role, role } });
      const refusal = open({ token });
      await expect(refusal).rejects.toMatchObject({ code: 'TENANCY_CONTROL_PLANE' });
      await expect(refusal).rejects.toThrow(/403.*FORBIDDEN.*readers:write/);
    }
    await expect(open({ tenants: ['nobody'] })).rejects.toThrow(/TENANT_NOT_FOUND/);
    expect(await logins()).toBe(0);
  });

  test('start with options that cannot be', async () => {
    const wrong: Partial<Record<keyof CrossTenantReaderOptions, unknown>>[] = [
      { tenancy: undefined },
      { url: 'ftp://x' },
      { token: 'a b' },
      { token: undefined },
    ];
    for (const options of wrong) expect(await codeOf(open(options as never))).toBe('TENANCY_OPTION');
  });
});

test('closed by an administrator it reads no more', async () => {
  const reader = await open();
  await reader.query('SELECT 1');
  await server.admin.call('closeReader', { params: { reader: reader.id } });
  expect(await codeOf(reader.query('SELECT 1'))).not.toBe('done');
  await reader.close();
});
