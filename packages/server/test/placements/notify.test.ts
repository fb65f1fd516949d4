import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { loginAsBroker, PlacementNews } from '../support/lease.ts';
import { createControlRole, startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';
import { until } from '../support/until.ts';

/** Applications are told within this after a change has been answered. */
const aSecond = 1000;
let server: TestServer;
let files: MigrationFiles;
let second: TestPostgres;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  second = await startTestPostgres();
  const url = await createControlRole(second.superuserUrl, 'tenants');
  await server.admin.call('addCell', { body: { name: 'abroad', url } });
});
afterAll(async () => {
  await server.stop();
  await second.stop();
  await files.clean();
});

/** The tenants that a cell is still to be told of. */
async function kept(): Promise<string[]> {
  const { rows } = await server.superuser.query<{ tenant_id: string }>(
    'SELECT DISTINCT tenant_id FROM tenantry.placement_notices',
  );
  return rows.map((row) => row.tenant_id);
}

describe.each(['default', 'abroad'])('on the cell %s', (cell) => {
  let broker: pg.Client;
  let news: PlacementNews;
  let tenant: Tenant;
  beforeAll(async () => {
    const place = { port: second.port, database: 'tenants' };
    broker = await loginAsBroker(server, cell === 'default' ? undefined : place);
    news = await PlacementNews.of(broker);
    tenant = await provision(server, `told-${cell}`, { cell });
  });
  afterAll(() => broker.end());

  const params = () => ({ tenant: tenant.id, domain: `told.${cell}.example` });
  const changes: readonly [name: string, change: () => Promise<unknown>][] = [
    ['a suspension', () => server.admin.call('suspendTenant', { params: params() })],
    ['a resumption', () => server.admin.call('resumeTenant', { params: params() })],
    ['an archiving', () => server.admin.call('archiveTenant', { params: params() })],
    ['a resumption again', () => server.admin.call('resumeTenant', { params: params() })],
    ['a deletion', () => server.admin.call('deleteTenant', { params: params() })],
    ['a deletion taken back', () => server.admin.call('resumeTenant', { params: params() })],
    ['a rotation', () => server.admin.call('rotateTenantCredential', { params: params() })],
    [
      'another slug',
      () => server.admin.call('updateTenant', { params: params(), body: { slug: `renamed-${cell}` } }),
    ],
    ['a domain', () => server.admin.call('addTenantDomain', { params: params() })],
    ['a domain that is gone', () => server.admin.call('removeTenantDomain', { params: params() })],
    ['other slots', () => server.admin.call('updateCell', { params: { cell }, body: { slots: 15 } })],
    ['other lanes', () => server.admin.call('updateCell', { params: { cell }, body: { lanes: ['sealed'] } })],
    [
      'the lanes again',
      () =>
        server.admin.call('updateCell', {
          params: { cell },
          body: { lanes: ['sealed', 'leased'], slots: 16 },
        }),
    ],
  ];

  test('applications are told of every change within a second, in their own database', async () => {
    for (const [name, change] of changes) {
      expect(await news.after(tenant, change), name).toBeLessThan(aSecond);
    }
    await until('the notices are gone', async () => (await kept()).length === 0);
  });

  test('a new tenant is told of when it becomes active', async () => {
    const { tenant: made, operation } = await server.admin.call('createTenant', {
      body: { slug: `new-${cell}`, cell },
    });
    expect(await news.told(made!.id)).toBe(true);
    expect(await server.finished(operation.id)).toMatchObject({ state: 'succeeded' });
  });

  test('what an application does not need to know is not told', async () => {
    const told = await news.during(() =>
      server.admin.call('updateTenant', { params: params(), body: { plan: 'pro', name: 'Other' } }),
    );
    expect(told).not.toContain(tenant.id);
  });
});

test('a change that is rolled back is not told of', async () => {
  const tenant = await provision(server, 'rolled-back');
  const broker = await loginAsBroker(server);
  const news = await PlacementNews.of(broker);
  const told = await news.during(async () => {
    const client = await server.superuser.connect();
    await client.query('BEGIN');
    await client.query(`UPDATE tenantry.tenants SET slug = 'never' WHERE id = $1`, [tenant.id]);
    await client.query('ROLLBACK');
    client.release();
  });
  expect(told).toEqual([]);
  await broker.end();
});

test('a cell that was away is told when it is back, also by another control plane than the one that changed it', async () => {
  const tenant = await provision(server, 'away', { cell: 'abroad' });
  await second.kill();
  await server.admin.call('updateTenant', { params: { tenant: tenant.id }, body: { slug: 'was-away' } });
  expect(await kept()).toEqual([tenant.id]);
  await second.restart();
  const broker = await loginAsBroker(server, { port: second.port, database: 'tenants' });
  const news = await PlacementNews.of(broker);
  expect(await news.after(tenant, () => server.restart())).toBeLessThan(5_000);
  await until('the notices are gone', async () => (await kept()).length === 0);
  await broker.end();
});
