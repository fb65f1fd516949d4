import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';
import { harden, runIsolation } from './support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ warmPool: '2' });
  await harden(server);
});
afterAll(() => server.stop());

/** A tenant's whole life, again and again. */
async function live(name: string, isOver: () => boolean): Promise<number> {
  let lives = 0;
  while (!isOver()) {
    const slug = `${name}-${lives}`;
    await provision(server, slug);
    const params = { tenant: slug };
    await server.admin.call('suspendTenant', { params, body: {} });
    await server.admin.call('resumeTenant', { params, body: {} });
    await server.admin.call('rotateTenantCredential', { params, body: {} });
    await server.admin.call('archiveTenant', { params, body: {} });
    await server.admin.call('deleteTenant', { params, body: {} });
    const { operation } = await server.admin.call('purgeTenant', {
      params,
      body: { confirm: slug, force: true },
    });
    expect((await server.finished(operation.id)).state).toBe('succeeded');
    lives += 1;
  }
  return lives;
}

test('audits while tenants come, are shut, and go find nothing', async () => {
  const opened = await server.admin.call('openReader', {
    body: { tenants: [(await provision(server, 'read')).id], reason: 'looks on' },
  });
  let over = false;
  const lives = Promise.all([live('a', () => over), live('b', () => over), live('c', () => over)]);
  for (let n = 0; n < 8; n += 1) {
    const { state, findings, results } = await runIsolation(server, { parts: ['audit', 'oracle'] });
    expect(results.map(({ error }) => error)).toEqual([null, null]);
    expect({ state, ...findings }).toEqual({ state: 'succeeded', seen: 0, opened: 0, resolved: 0 });
  }
  over = true;
  expect((await lives).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(3);
  const { rows } = await server.superuser.query('SELECT check_id, subject FROM tenantry.isolation_findings');
  expect(rows).toEqual([]);
  await server.admin.call('closeReader', { params: { reader: opened.reader.id } });
}, 180_000);
