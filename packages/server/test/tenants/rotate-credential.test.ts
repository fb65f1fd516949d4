import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemOf, send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, loginAs, provision, refusedLogin } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

test('the old secret and its connections end, the new one works', async () => {
  const tenant = await provision(server, 'rotated');
  const open = await loginAs(server, tenant);
  const rotated = await server.admin.call('rotateTenantCredential', {
    params: { tenant: 'rotated' },
    body: { reason: 'laptop lost' },
    headers: { 'x-request-id': 'rotate-1' },
  });
  expect(rotated).toMatchObject({ credentialVersion: 2, state: 'active', version: tenant.version + 1 });
  await expect(open.query('SELECT 1')).rejects.toThrow();
  await open.end().catch(() => {});
  expect(await refusedLogin(server, tenant, 1)).toBe('28P01');
  const client = await loginAs(server, tenant, 2);
  await client.query('SELECT * FROM notes');
  await client.end();

  const event = (await auditOf(server, { tenant: tenant.id })).at(-1);
  expect(event).toMatchObject({
    action: 'tenant.rotate-credential',
    outcome: 'success',
    actor: { kind: 'apiKey', name: 'local administrator' },
    before: { credentialVersion: 1 },
    after: { credentialVersion: 2 },
    reason: 'laptop lost',
    requestId: 'rotate-1',
  });
  expect(JSON.stringify(event)).not.toMatch(/password|SCRAM/i);
});

test('ten rotations at once: each counts, the last secret works', async () => {
  const tenant = await provision(server, 'spinning');
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      send(server, '/v1/tenants/spinning/rotate-credential', { method: 'POST' }),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const now = await server.admin.call('getTenant', { params: { tenant: 'spinning' } });
  expect(now.credentialVersion).toBe(11);
  const client = await loginAs(server, tenant, 11);
  await client.end();
  expect(await refusedLogin(server, tenant, 10)).toBe('28P01');
});

test('a suspended tenant gets a new secret and stays shut out', async () => {
  const tenant = await provision(server, 'shut');
  await server.admin.call('suspendTenant', { params: { tenant: 'shut' } });
  await server.admin.call('rotateTenantCredential', { params: { tenant: 'shut' } });
  expect(await refusedLogin(server, tenant, 2)).toBe('28000');
  await server.admin.call('resumeTenant', { params: { tenant: 'shut' } });
  const client = await loginAs(server, tenant, 2);
  await client.end();
});

test('a purged tenant has no secret to rotate', async () => {
  const tenant = await provision(server, 'gone');
  await server.admin.call('deleteTenant', { params: { tenant: 'gone' } });
  const purge = await server.admin.call('purgeTenant', {
    params: { tenant: 'gone' },
    body: { confirm: 'gone', force: true },
  });
  await server.finished(purge.operation.id);
  const before = await census(server);
  const problem = await problemOf(
    server.admin.call('rotateTenantCredential', { params: { tenant: tenant.id } }),
  );
  expect(problem).toMatchObject({ code: 'TENANT_STATE_CONFLICT', status: 409 });
  expect(await census(server)).toEqual(before);
});
