import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { mendSlots, renewSlotPasswords } from '../../src/db/cells/mend-slots.ts';
import { leaseTo, loginAsBroker, loginAsRole } from '../support/lease.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

/** What a tenant can do to the login behind its lease, and what a killed process leaves of it. */
let server: TestServer;
let control: pg.Client;
let broker: pg.Client;
let mine: Tenant;
let victim: Tenant;
let credentialKey: Uint8Array;
beforeAll(async () => {
  server = await startTestServer();
  mine = await provision(server, 'mine');
  victim = await provision(server, 'victim');
  credentialKey = Buffer.from(
    await readFile(join(server.home, 'secrets', 'credential-key'), 'utf8'),
    'base64',
  );
  broker = await loginAsBroker(server);
  control = new pg.Client(server.controlUrl);
  await control.connect();
});
afterAll(async () => {
  await broker.end();
  await control.end();
  await server.stop();
});

async function gone(slot: string): Promise<void> {
  await server.superuser.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1`,
    [slot],
  );
}

test('a tenant that has stolen a slot’s password finds nothing there when the process of its next holder dies', async () => {
  const stolen = await leaseTo(server, broker, mine, 1);
  await stolen.query('RESET ROLE');
  await stolen.query(`ALTER ROLE CURRENT_USER PASSWORD 'stolen'`);
  await broker.query(`SELECT tenantry_lease.revoke_${mine.schema}('tenantry_slot_1')`);
  await broker.query(`SELECT tenantry_lease.grant_${victim.schema}('tenantry_slot_1')`);
  await gone('tenantry_slot_1');
  await stolen.end().catch(() => {});

  const { orphans } = await mendSlots(control);
  expect(orphans).toEqual(['tenantry_slot_1']);
  const thief = new pg.Client({
    host: '127.0.0.1',
    port: server.postgres.port,
    database: 'tenantry',
    user: 'tenantry_slot_1',
    password: 'stolen',
  });
  await thief.connect();
  await expect(thief.query(`SET ROLE ${victim.schema}`)).rejects.toMatchObject({ code: '42501' });
  await thief.end();

  await renewSlotPasswords(control, credentialKey);
  await (await loginAsRole(server, 'tenantry_slot_1')).end();
});

test('a lease whose session is there is left alone', async () => {
  const holder = await leaseTo(server, broker, victim, 2);
  expect(await mendSlots(control)).toEqual({ orphans: [], settings: [] });
  await renewSlotPasswords(control, credentialKey);
  expect((await holder.query('SELECT current_user::text AS me')).rows).toEqual([{ me: victim.schema }]);
  await holder.end();
});

test('settings on a slot’s login are taken away, also of one that nobody can use any more', async () => {
  const slot = await leaseTo(server, broker, mine, 3);
  await slot.query('RESET ROLE');
  await slot.query('ALTER ROLE CURRENT_USER SET transform_null_equals = on');
  await slot.query(`ALTER ROLE CURRENT_USER IN DATABASE tenantry SET local_preload_libraries = 'evil'`);
  await slot.end();
  expect((await mendSlots(control)).settings).toEqual(['tenantry_slot_3']);
  const next = await loginAsRole(server, 'tenantry_slot_3');
  expect((await next.query('SHOW transform_null_equals')).rows).toEqual([{ transform_null_equals: 'off' }]);
  await next.end();
  expect((await mendSlots(control)).settings).toEqual([]);
});
