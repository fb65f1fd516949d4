import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { createTenancy, fingerprintOf, tenantId, type LaneName, type Tenancy } from '@tenantry/tenancy';
import { controlPlaneDirectory } from '@tenantry/tenancy/directory';
import { freePort } from '@tenantry/tenancy/embedded';
import { tenancyFromEnvironment } from '@tenantry/tenancy/environment';
import { listen } from '../support/events.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';
import { metricOf } from './support.ts';

/** From a statement in an application to whoever watches. */
let server: TestServer;
let files: MigrationFiles;
let acme: Tenant;
let other: Tenant;
let token: string;
let credentialKey: string;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path, port: String(await freePort()) });
  [acme, other] = [await provision(server, 'acme'), await provision(server, 'other')];
  ({ token } = await server.admin.call('createKey', { body: { name: 'app', role: 'runtime' } }));
  credentialKey = (await readFile(join(server.home, 'secrets', 'credential-key'), 'utf8')).trim();
});
afterAll(async () => {
  await server?.stop();
  await files?.clean();
});

const open = (lane: LaneName): Tenancy =>
  createTenancy({
    directory: controlPlaneDirectory({ url: server.url, token, credentialKey }),
    credentialKey,
    lane,
  });

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { readonly code?: string }).code ?? String(error),
  );

describe.each<LaneName>(['sealed', 'leased'])('a tenant on the lane %s', (lane) => {
  test('that reads another is on the stream within two seconds, in the list and in the metrics', async () => {
    const before = await metricOf(server, 'tenantry_security_events_total', {
      kind: 'denied',
      sqlstate: '42501',
      source: 'lane',
    });
    const tenancy = open(lane);
    try {
      await tenancy.for(tenantId(acme.id)).query('SELECT 1');
      const stream = await listen(server.admin, { topics: `security:${acme.id}` });
      const statement = `SELECT body FROM ${other.id}.${lane === 'sealed' ? 'notes' : 'flyway_schema_history'}`;
      const started = performance.now();
      for (let i = 0; i < 5; i++)
        expect(await codeOf(tenancy.for(tenantId(acme.id)).query(statement))).toBe('42501');
      const fingerprint = fingerprintOf(statement);
      await stream.until(({ data }) => JSON.stringify(data).includes(fingerprint));
      expect(performance.now() - started).toBeLessThan(2_000);
      await stream.close();
      const ours = async () => {
        const { items } = await server.admin.call('listSecurityEvents', {
          query: { tenant: 'acme', kind: 'denied' },
        });
        return items.filter((item) => item.fingerprint === fingerprint);
      };
      await expect
        .poll(async () => (await ours()).reduce((sum, { count }) => sum + count, 0), { timeout: 5_000 })
        .toBe(5);
      expect((await ours())[0]).toMatchObject({
        tenantId: acme.id,
        lane,
        sqlState: '42501',
        source: 'lane',
        cell: 'default',
      });
      expect(
        await metricOf(server, 'tenantry_security_events_total', {
          kind: 'denied',
          sqlstate: '42501',
          source: 'lane',
        }),
      ).toBe(before + 5);
      // No label names a tenant.
      expect(await (await fetch(`${server.url}/metrics`)).text()).not.toContain(acme.id);
    } finally {
      await tenancy.close();
    }
  });
});

test('a suspended tenant: what an application tries is seen, from both ends', async () => {
  const tenant = await provision(server, 'to-suspend');
  const tenancy = open('sealed');
  try {
    await tenancy.for(tenantId(tenant.id)).query('SELECT 1');
    await server.admin.call('suspendTenant', { params: { tenant: tenant.id }, body: { reason: 'unpaid' } });
    const stream = await listen(server.admin, { topics: `security:${tenant.id}` });
    await expect
      .poll(() => codeOf(tenancy.for(tenantId(tenant.id)).query('SELECT 1')))
      .toBe('TENANT_NOT_FOUND');
    const told = await stream.until(({ data }) => JSON.stringify(data).includes('"source":"lane"'));
    expect(told.data.data?.['events']).toContainEqual(
      expect.objectContaining({ kind: 'tenant-closed', source: 'lane' }),
    );
    await expect
      .poll(async () => {
        const { items } = await server.admin.call('listSecurityEvents', { query: { tenant: tenant.id } });
        return new Set(items.map(({ source }) => source));
      })
      .toEqual(new Set(['lane', 'control-plane']));
    await stream.close();
  } finally {
    await tenancy.close();
  }
});

test('while the control plane is away nothing waits, and what was refused is told when it is back', async () => {
  const { tenancy } = await tenancyFromEnvironment(
    { lane: 'sealed' },
    { TENANTRY_URL: server.url, TENANTRY_TOKEN: token, TENANTRY_CREDENTIAL_KEY: credentialKey },
  );
  try {
    const statement = `DELETE FROM ${other.id}.notes`;
    await tenancy.for(tenantId(acme.id)).query('SELECT 1');
    const back = server.restart();
    await expect
      .poll(() =>
        fetch(server.url).then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('down');
    const started = performance.now();
    for (let i = 0; i < 50; i++)
      expect(await codeOf(tenancy.for(tenantId(acme.id)).query(statement))).toBe('42501');
    expect(performance.now() - started).toBeLessThan(2_000);
    await back;
    await expect
      .poll(
        async () => {
          const { items } = await server.admin.call('listSecurityEvents', { query: { tenant: 'acme' } });
          return items
            .filter((item) => item.fingerprint === fingerprintOf(statement))
            .reduce((sum, { count }) => sum + count, 0);
        },
        { timeout: 15_000 },
      )
      .toBe(50);
  } finally {
    await tenancy.close();
  }
}, 40_000);
