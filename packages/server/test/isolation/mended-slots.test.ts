import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import {
  endLongStatements,
  endStrangers,
  mendSlots,
  renewSlotPasswords,
} from '../../src/db/cells/mend-slots.ts';
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

  // The lease is left, and came with the slot's own password.
  const thief = new pg.Client({
    host: '127.0.0.1',
    port: server.postgres.port,
    database: 'tenantry',
    user: 'tenantry_slot_1',
    password: 'stolen',
  });
  thief.on('error', () => {});
  await expect(thief.connect()).rejects.toMatchObject({ code: '28P01' });
  await (await loginAsRole(server, 'tenantry_slot_1')).end();
  await gone('tenantry_slot_1');
  const { orphans } = await mendSlots(control);
  expect(orphans).toEqual(['tenantry_slot_1']);

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

test('nobody reads the verifiers of the slots, the broker neither', async () => {
  await expect(broker.query('SELECT verifier FROM tenantry_lease.slots')).rejects.toMatchObject({
    code: '42501',
  });
});

test('what runs as a tenant’s owner can neither claim nor take back', async () => {
  const { schema } = mine;
  await server.superuser.query(`
    CREATE FUNCTION ${schema}.evil(call text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN EXECUTE call; END';
    ALTER FUNCTION ${schema}.evil(text) OWNER TO ${schema}_owner;
    GRANT EXECUTE ON FUNCTION ${schema}.evil(text) TO ${schema}`);
  const slot = await leaseTo(server, broker, mine, 5);
  for (const name of ['claim', 'lend', 'take_back']) {
    const call = `SELECT tenantry_lease.${name}('tenantry_slot_6', '${schema}')`;
    await expect(slot.query('SELECT evil($1)', [call])).rejects.toThrow('only the broker leases');
  }
  await slot.end();
  await mendSlots(control);
  await server.superuser.query(`DROP FUNCTION ${schema}.evil(text)`);
});

test('a session that holds nobody is ended, and a statement that catches what cancels it', async () => {
  const idle = await loginAsRole(server, 'tenantry_slot_7');
  await endStrangers(control);
  await idle.query('SELECT 1');
  await endStrangers(control, 0);
  await expect(idle.query('SELECT 1')).rejects.toThrow();

  const holder = await leaseTo(server, broker, mine, 8);
  const forever = holder.query(`DO $$ BEGIN LOOP
    BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$`);
  const outcome = forever.then(
    () => 'it ended by itself',
    () => 'ended',
  );
  expect(await endLongStatements(control)).toEqual([]);
  await expect.poll(() => endLongStatements(control, 0)).toEqual(['tenantry_slot_8']);
  expect(await outcome).toBe('ended');
  await mendSlots(control);
});

test('large objects across tenants, and those of a slot, stand in the way of no purge', async () => {
  const victimToo = await provision(server, 'granted');
  const slot = await leaseTo(server, broker, mine, 9);
  const make = async () => (await slot.query('SELECT lo_create(0) AS id')).rows[0].id as number;
  await slot.query(
    `GRANT SELECT ON LARGE OBJECT ${await make()} TO ${victimToo.schema}, ${victimToo.schema}_owner WITH GRANT OPTION`,
  );
  await slot.query('RESET ROLE');
  await slot.query(`GRANT SELECT ON LARGE OBJECT ${await make()} TO ${victimToo.schema}`);
  await server.admin.call('deleteTenant', { params: { tenant: victimToo.id } });
  const { operation } = await server.admin.call('purgeTenant', {
    params: { tenant: victimToo.id },
    body: { confirm: 'granted', force: true },
  });
  expect(await server.finished(operation.id)).toMatchObject({
    state: 'succeeded',
  });
  await mendSlots(control);
  const { rows } = await server.superuser.query(
    `SELECT FROM pg_largeobject_metadata WHERE pg_get_userbyid(lomowner) LIKE 'tenantry_slot_%'`,
  );
  expect(rows).toEqual([]);
  await slot.end().catch(() => {});
});
