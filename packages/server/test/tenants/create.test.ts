import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('a tenant gets a schema, an owner and a login of its own, and the audit says so', async () => {
  const created = await server.admin.call('createTenant', { body: { slug: 'acme', name: 'Acme Ltd' } });
  expect(created.tenant).toMatchObject({ slug: 'acme', state: 'provisioning' });

  const operation = await server.finished(created.operation.id);
  expect(operation).toMatchObject({ state: 'succeeded', error: null });
  expect(operation.steps.map(({ name, state }) => [name, state])).toEqual([
    ['build', 'succeeded'],
    ['probe', 'succeeded'],
    ['activate', 'succeeded'],
  ]);

  const tenant = await server.admin.call('getTenant', { params: { tenant: 'acme' } });
  expect(tenant).toMatchObject({ id: created.tenant?.id, state: 'active', schemaVersion: '18' });

  const { rows } = await server.superuser.query<{ rolname: string; rolcanlogin: boolean; owns: boolean }>(
    `SELECT rolname, rolcanlogin, EXISTS (SELECT FROM pg_namespace WHERE nspname = $1 AND nspowner = r.oid) AS owns
       FROM pg_roles r WHERE rolname IN ($1, $1 || '_owner') ORDER BY rolname`,
    [tenant.id],
  );
  expect(rows).toEqual([
    { rolname: tenant.id, rolcanlogin: true, owns: false },
    { rolname: `${tenant.id}_owner`, rolcanlogin: false, owns: true },
  ]);

  const audit = await server.admin.call('listAudit', { query: { tenant: tenant.id } });
  expect(audit.items.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['tenant.activate', 'success'],
    ['tenant.create', 'success'],
  ]);
});

test('ten requests for one slug at once: one wins, nine are told', async () => {
  const requests = Array.from({ length: 10 }, () =>
    fetch(`${server.url}/v1/tenants`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ slug: 'contested' }),
    }),
  );
  const statuses = (await Promise.all(requests)).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([202, ...Array.from({ length: 9 }, () => 409)]);
});

test('the control role may not change the audit trail', async () => {
  const control = new pg.Client(server.controlUrl);
  await control.connect();
  try {
    for (const sql of [
      `UPDATE tenantry_audit.events SET action = 'nothing'`,
      'DELETE FROM tenantry_audit.events',
      'TRUNCATE tenantry_audit.events',
      'ALTER TABLE tenantry_audit.events DISABLE TRIGGER ALL',
      'DROP TABLE tenantry_audit.events',
      'SET ROLE tenantry_audit',
    ]) {
      await expect(control.query(sql), sql).rejects.toMatchObject({ code: '42501' });
    }
  } finally {
    await control.end();
  }
});
