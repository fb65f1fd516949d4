import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { auditCatalog, tenantryLayout } from '@tenantry/isolation';
import { readConfig } from '../../src/config.ts';
import { installControlSchema } from '../../src/db/install.ts';
import { Presence } from '../../src/jobs/presence.ts';
import { startControlPlane } from '../../src/main/control-plane.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { loginAs, provision, refusedLogin } from '../support/tenant.ts';

let server: TestServer;
let mallory: Tenant;
let attacker: pg.Client;
beforeAll(async () => {
  server = await startTestServer();
  mallory = await provision(server, 'mallory');
});
beforeEach(async () => {
  attacker = await loginAs(server, mallory);
});
afterEach(() => attacker.end().catch(() => {}));
afterAll(() => server.stop());

const key = (name: string, seed = 0) => `hashtextextended('${name}', ${seed})`;
const lock = (name: string, seed = 0) => attacker.query(`SELECT pg_advisory_lock(${key(name, seed)})`);

async function endAll(): Promise<void> {
  await server.superuser.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
    mallory.schema,
  ]);
}

async function isConnected(): Promise<boolean> {
  return attacker.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

describe('a tenant that holds the advisory locks of the control plane stops nothing', () => {
  test('what is done in one transaction does not look at them', async () => {
    for (const name of ['tenantry.events', 'tenantry.isolation.schedule']) await lock(name);
    const startedAt = Date.now();
    await provision(server, 'unhindered');
    await server.admin.call('updateTenant', {
      params: { tenant: 'unhindered' },
      body: { name: 'Unhindered' },
    });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(await isConnected()).toBe(true);
    await expect(
      attacker.query('BEGIN; LOCK TABLE tenantry.event_order IN EXCLUSIVE MODE'),
    ).rejects.toMatchObject({
      code: '42501',
    });
  });

  test('its neighbour is purged, and it is ended', async () => {
    const tenant = await provision(server, 'purged');
    await server.admin.call('deleteTenant', { params: { tenant: 'purged' } });
    await lock(`tenantry.tenant:${tenant.schema}`);
    const { operation } = await server.admin.call('purgeTenant', {
      params: { tenant: 'purged' },
      body: { confirm: 'purged', force: true },
    });
    expect(await server.finished(operation.id)).toMatchObject({
      state: 'succeeded',
    });
    expect(await isConnected()).toBe(false);
  });

  test.each(['tenantry.install', 'tenantry.prepare'])('a control plane starts: %s', async (name) => {
    await lock(name);
    const flags = {
      home: server.home,
      databaseUrl: server.controlUrl,
      port: '0',
      warmPool: '0',
    };
    const second = await startControlPlane(readConfig({}, flags), pino({ level: 'silent' }), 'test');
    await second.stop();
    expect(await isConnected()).toBe(false);
  });

  test('one that comes again and again, on many connections, is behind whoever has waited', async () => {
    let over = false;
    const again = async () => {
      while (!over) {
        const client = await loginAs(server, mallory).catch(() => undefined);
        await client
          ?.query(`SELECT pg_advisory_lock(${key('tenantry.install')}), pg_sleep(60)`)
          .catch(() => {});
        await client?.end().catch(() => {});
      }
    };
    await lock('tenantry.install');
    const attackers = Array.from({ length: 8 }, again);
    try {
      const startedAt = Date.now();
      for (let i = 0; i < 5; i += 1) await installControlSchema({ url: server.controlUrl });
      expect(Date.now() - startedAt).toBeLessThan(10_000);
    } finally {
      over = true;
      // No longer than they last: what is still on its way would end the next test's own attacker.
      let left = attackers.length;
      for (const one of attackers) void one.then(() => (left -= 1));
      while (left > 0) await endAll();
    }
  }, 30_000);

  test('an isolation run takes the cell', async () => {
    const { items } = await server.admin.call('listCells', {});
    await lock(`tenantry.isolation.cell ${items[0]!.id}`);
    const { operation } = await server.admin.call('startIsolationRun', {
      body: { parts: ['audit'] },
    });
    expect(await server.finished(operation.id)).toMatchObject({
      state: 'succeeded',
    });
    expect(await isConnected()).toBe(false);
  });

  test('work of a process that died is seen to be abandoned', async () => {
    await lock('some work', 1);
    const presence = new Presence(server.controlUrl);
    try {
      expect(await presence.isAbandoned('some work')).toBe(true);
    } finally {
      await presence.stop();
    }
    expect(await isConnected()).toBe(false);
  });

  test('work of a process that lives is not', async () => {
    const working = new Presence(server.controlUrl);
    const other = new Presence(server.controlUrl);
    try {
      await working.during('living work', async () => {
        await expect.poll(() => other.isAbandoned('living work')).toBe(false);
      });
      await expect.poll(() => other.isAbandoned('living work')).toBe(true);
    } finally {
      await Promise.all([working.stop(), other.stop()]);
    }
  });
});

describe('a tenant that holds the row of its own role', () => {
  beforeEach(() => attacker.query(`BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'x'`));

  test('is suspended within a second, and let in again', async () => {
    const startedAt = Date.now();
    const suspended = server.admin.call('suspendTenant', {
      params: { tenant: 'mallory' },
      body: {},
    });
    await expect.poll(isConnected, { timeout: 5_000, interval: 20 }).toBe(false);
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    expect(await suspended).toMatchObject({ state: 'suspended' });
    expect(await refusedLogin(server, mallory)).toBe('28000');
    await server.admin.call('resumeTenant', { params: { tenant: 'mallory' } });
    await (await loginAs(server, mallory)).end();
  });

  test('is given another secret', async () => {
    mallory = await server.admin.call('rotateTenantCredential', {
      params: { tenant: 'mallory' },
      body: {},
    });
    expect(await isConnected()).toBe(false);
    await (await loginAs(server, mallory)).end();
  });

  test('is suspended though it comes again and again, on many connections', async () => {
    let over = false;
    const again = async () => {
      while (!over) {
        const client = await loginAs(server, mallory).catch(() => undefined);
        await client
          ?.query(`BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'x'; SELECT pg_sleep(60)`)
          .catch(() => {});
        await client?.end().catch(() => {});
      }
    };
    const attackers = Array.from({ length: 8 }, again);
    try {
      const startedAt = Date.now();
      await server.admin.call('suspendTenant', {
        params: { tenant: 'mallory' },
        body: {},
      });
      expect(Date.now() - startedAt).toBeLessThan(5_000);
      expect(await refusedLogin(server, mallory)).toBe('28000');
    } finally {
      over = true;
      await Promise.all(attackers);
    }
    await server.admin.call('resumeTenant', { params: { tenant: 'mallory' } });
  }, 30_000);
});

test('a tenant that locks the view of settings does not blind the audit', async () => {
  await attacker.query('BEGIN; LOCK TABLE pg_settings IN ACCESS EXCLUSIVE MODE');
  const client = new pg.Client({
    connectionString: server.controlUrl,
    query_timeout: 10_000,
  });
  await client.connect();
  try {
    await client.query(`SET lock_timeout = '2s'`);
    const { findings } = await auditCatalog(client, tenantryLayout({ database: 'tenantry' }));
    expect(findings.filter(({ check }) => check.startsWith('server.setting'))).toEqual([]);
  } finally {
    await client.end();
  }
});
