import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantState } from '@tenantry/contract';
import { problemOf } from '../support/call.ts';
import { listen } from '../support/events.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, loginAs, provision, refusedLogin, tracesOf } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path, gracePeriod: '12h' });
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

test.each(['active', 'suspended', 'archived'] as const)(
  'a tenant that was %s is shut out, and its purge is set for the end of the grace period',
  async (state: TenantState) => {
    const tenant = await provision(server, `from-${state}`);
    if (state === 'suspended') await server.admin.call('suspendTenant', { params: { tenant: tenant.id } });
    if (state === 'archived') await server.admin.call('archiveTenant', { params: { tenant: tenant.id } });
    const open = state === 'active' ? await loginAs(server, tenant) : undefined;
    const before = Date.now();
    const deleted = await server.admin.call('deleteTenant', {
      params: { tenant: tenant.id },
      body: { reason: 'left' },
      headers: { 'x-request-id': `delete-${state}` },
    });
    expect(deleted).toMatchObject({ state: 'deleting', stateReason: 'left' });
    const grace = new Date(deleted.purgeAfter ?? 0).getTime() - before;
    expect(grace).toBeGreaterThanOrEqual(12 * 3_600_000 - 1);
    expect(grace).toBeLessThan(12 * 3_600_000 + 10_000);
    await expect(open?.query('SELECT 1') ?? Promise.reject(new Error('shut'))).rejects.toThrow();
    await open?.end().catch(() => {});
    expect(await refusedLogin(server, tenant)).toBe('28000');
    expect((await auditOf(server, { tenant: tenant.id })).at(-1)).toMatchObject({
      action: 'tenant.delete',
      outcome: 'success',
      actor: { kind: 'apiKey', name: 'local administrator' },
      target: { kind: 'tenant', id: tenant.id },
      before: { state, purgeAfter: null },
      after: { state: 'deleting', purgeAfter: deleted.purgeAfter },
      reason: 'left',
      requestId: `delete-${state}`,
    });
  },
);

test('a tenant that is being deleted cannot be deleted, suspended or archived', async () => {
  await provision(server, 'going');
  await server.admin.call('deleteTenant', { params: { tenant: 'going' } });
  const before = await census(server);
  for (const verb of ['deleteTenant', 'suspendTenant', 'archiveTenant'] as const) {
    const problem = await problemOf(server.admin.call(verb, { params: { tenant: 'going' } }));
    expect(problem).toMatchObject({ code: 'TENANT_STATE_CONFLICT', status: 409 });
  }
  expect(await census(server)).toEqual(before);
});

test(
  'when the grace period has ended, the background purges, and only what is due',
  { timeout: 90_000 },
  async () => {
    const due = await provision(server, 'due');
    const notDue = await provision(server, 'not-due');
    for (const { id } of [due, notDue]) await server.admin.call('deleteTenant', { params: { tenant: id } });
    await server.superuser.query(
      `UPDATE tenantry.tenants SET purge_after = now() - interval '1 second' WHERE id = $1`,
      [due.id],
    );
    // Maintenance runs every minute; asking pg-boss for it now is what its schedule does.
    const stream = await listen(server.admin, { topics: `tenant:${due.id}` });
    await server.superuser.query(`INSERT INTO pgboss.job (name, data) VALUES ('maintain', '{}')`);
    await stream.until(({ event }) => event === 'tenant.deleted');
    await stream.close();

    expect(await tracesOf(server, due.schema)).toEqual([]);
    expect(await server.admin.call('getTenant', { params: { tenant: due.id } })).toMatchObject({
      state: 'deleted',
    });
    expect(await server.admin.call('getTenant', { params: { tenant: notDue.id } })).toMatchObject({
      state: 'deleting',
    });
    const actor = { kind: 'system', id: 'system:maintenance', name: 'maintenance' };
    expect((await auditOf(server, { tenant: due.id })).slice(-2)).toMatchObject([
      { action: 'tenant.purge-requested', actor, reason: 'The grace period has ended' },
      { action: 'tenant.purge', actor, outcome: 'success', reason: 'The grace period has ended' },
    ]);
  },
);

test('a due tenant that is busy does not hold up the one after it', { timeout: 90_000 }, async () => {
  const busy = await provision(server, 'due-and-busy');
  const next = await provision(server, 'due-after-it');
  for (const { id } of [busy, next]) await server.admin.call('deleteTenant', { params: { tenant: id } });
  await server.superuser.query(
    `INSERT INTO tenantry.operations (id, kind, state, tenant_id, tenant_slug, input, actor)
     VALUES ('op_unfinished0000', 'tenant.purge', 'queued', $1, 'due-and-busy', '{}', '{"kind":"system","id":"system:test","name":"test"}')`,
    [busy.id],
  );
  await server.superuser.query(
    `UPDATE tenantry.tenants SET purge_after = now() - interval '1 second' WHERE id = ANY ($1)`,
    [[busy.id, next.id]],
  );
  const stream = await listen(server.admin, { topics: `tenant:${next.id}` });
  await server.superuser.query(`INSERT INTO pgboss.job (name, data) VALUES ('maintain', '{}')`);
  await stream.until(({ event }) => event === 'tenant.deleted');
  await stream.close();
  expect(await tracesOf(server, next.schema)).toEqual([]);
});
