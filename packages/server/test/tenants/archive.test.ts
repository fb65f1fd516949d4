import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemOf } from '../support/call.ts';
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

test.each(['active', 'suspended'] as const)(
  'a tenant that was %s keeps its data and lets nobody in',
  async (state) => {
    const tenant = await provision(server, `from-${state}`);
    const open = await loginAs(server, tenant);
    await open.query(`INSERT INTO notes (text) VALUES ('kept')`);
    if (state === 'suspended') await server.admin.call('suspendTenant', { params: { tenant: tenant.id } });
    const archived = await server.admin.call('archiveTenant', {
      params: { tenant: tenant.slug ?? '' },
      body: { reason: 'contract ended' },
      headers: { 'x-request-id': `archive-${state}` },
    });
    expect(archived).toMatchObject({ state: 'archived', stateReason: 'contract ended' });
    await expect(open.query('SELECT 1')).rejects.toThrow();
    await open.end().catch(() => {});
    expect(await refusedLogin(server, tenant)).toBe('28000');
    const { rows } = await server.superuser.query<{ text: string }>(
      `SELECT text FROM ${tenant.schema}.notes`,
    );
    expect(rows).toEqual([{ text: 'kept' }]);
    expect((await auditOf(server, { tenant: tenant.id })).at(-1)).toMatchObject({
      action: 'tenant.archive',
      outcome: 'success',
      actor: { kind: 'apiKey', name: 'local administrator' },
      before: { state },
      after: { state: 'archived' },
      reason: 'contract ended',
      requestId: `archive-${state}`,
    });
  },
);

test('what is archived can be resumed or deleted, not suspended or archived again', async () => {
  await provision(server, 'moves');
  await server.admin.call('archiveTenant', { params: { tenant: 'moves' } });
  const before = await census(server);
  for (const verb of ['suspendTenant', 'archiveTenant'] as const) {
    const problem = await problemOf(server.admin.call(verb, { params: { tenant: 'moves' } }));
    expect(problem).toMatchObject({ code: 'TENANT_STATE_CONFLICT', status: 409 });
  }
  expect(await census(server)).toEqual(before);
});
