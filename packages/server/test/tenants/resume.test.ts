import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemOf } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, loginAs, provision } from '../support/tenant.ts';

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

test.each([
  ['suspended', 'suspendTenant'],
  ['archived', 'archiveTenant'],
  ['deleting', 'deleteTenant'],
] as const)('a %s tenant is let in again, with its data', async (state, verb) => {
  const tenant = await provision(server, `was-${state}`);
  const writer = await loginAs(server, tenant);
  await writer.query(`INSERT INTO notes (text) VALUES ('kept')`);
  await writer.end();
  const left = await server.admin.call(verb, { params: { tenant: tenant.id }, body: { reason: 'for now' } });
  expect(left).toMatchObject({ state, stateReason: 'for now' });

  const resumed = await server.admin.call('resumeTenant', {
    params: { tenant: tenant.id },
    body: { reason: 'paid' },
    headers: { 'x-request-id': `resume-${state}` },
  });
  expect(resumed).toMatchObject({
    state: 'active',
    stateReason: 'paid',
    purgeAfter: null,
    version: left.version + 1,
  });
  const client = await loginAs(server, tenant);
  expect((await client.query('SELECT text FROM notes')).rows).toEqual([{ text: 'kept' }]);
  await client.end();
  expect((await auditOf(server, { tenant: tenant.id })).at(-1)).toMatchObject({
    action: 'tenant.resume',
    outcome: 'success',
    actor: { kind: 'apiKey', name: 'local administrator' },
    before: { state },
    after: { state: 'active', purgeAfter: null },
    reason: 'paid',
    requestId: `resume-${state}`,
  });
});

test('an active tenant cannot be resumed', async () => {
  await provision(server, 'active');
  const before = await census(server);
  const problem = await problemOf(server.admin.call('resumeTenant', { params: { tenant: 'active' } }));
  expect(problem).toMatchObject({ code: 'TENANT_STATE_CONFLICT', status: 409 });
  expect(await census(server)).toEqual(before);
});

test('suspended and resumed twenty times, the tenant is as it was', async () => {
  const tenant = await provision(server, 'restless');
  const privileges = async () => {
    const { rows } = await server.superuser.query(
      `SELECT n.nspacl::text, r.rolcanlogin FROM pg_namespace n JOIN pg_roles r ON r.rolname = n.nspname WHERE n.nspname = $1`,
      [tenant.schema],
    );
    return rows;
  };
  const before = await privileges();
  for (let i = 0; i < 20; i++) {
    await server.admin.call('suspendTenant', { params: { tenant: 'restless' } });
    await server.admin.call('resumeTenant', { params: { tenant: 'restless' } });
  }
  expect(await privileges()).toEqual(before);
});
