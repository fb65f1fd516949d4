import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { tenantId, tenantLeaseSql } from '@tenantry/tenancy';
import { prepareLeases } from '../../src/db/cells/leases.ts';
import { endLongStatements, endStrangers, mendSlots } from '../../src/db/cells/mend-slots.ts';
import { credentialKeyOf, hold, leaseTo, loginAsBroker, loginAsRole } from '../support/lease.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

/** What a tenant can do to the login behind its lease, and what a killed process leaves of it. */
let server: TestServer;
let control: pg.Client;
let broker: pg.Client;
let mine: Tenant;
let victim: Tenant;
beforeAll(async () => {
  server = await startTestServer();
  mine = await provision(server, 'mine');
  victim = await provision(server, 'victim');
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

/** A slot with a lease whose process died, after an earlier tenant has given it a password of its own. */
async function stolen(n: number): Promise<string> {
  const slot = `tenantry_slot_${n}`;
  const thief = await leaseTo(server, broker, mine, n);
  await thief.query('RESET ROLE');
  await thief.query(`ALTER ROLE CURRENT_USER PASSWORD 'stolen'`);
  await broker.query(`SELECT tenantry_lease.revoke_${mine.schema}('${slot}')`);
  await broker.query(`SELECT tenantry_lease.grant_${victim.schema}('${slot}')`);
  await gone(slot);
  await thief.end().catch(() => {});
  return slot;
}

function login(slot: string, password: () => string | Promise<string>, options = ''): pg.Client {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: server.postgres.port,
    database: 'tenantry',
    user: slot,
    password,
    options,
  });
  client.on('error', () => {});
  return client;
}

test('nobody logs in as a slot with a password that a tenant has given it, and what was leased there is taken back', async () => {
  const slot = await stolen(1);
  await expect(login(slot, () => 'stolen').connect()).rejects.toMatchObject({ code: '28000' });
  expect((await mendSlots(control)).orphans).toEqual([slot]);
  await (await loginAsRole(server, slot)).end();
  await expect(login(slot, () => 'stolen').connect()).rejects.toMatchObject({ code: '28P01' });
});

test('a login that was begun with a stolen password and ends while the slot is open finds no lease, and gets none', async () => {
  const slot = await stolen(4);
  // PostgreSQL reads the password before it asks for it.
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const thief = login(slot, async () => {
    asked.resolve();
    await gate.promise;
    return 'stolen';
  });
  const login4 = thief.connect();
  await asked.promise;

  const other = await loginAsBroker(server, undefined, 'other');
  const open = async () => (await other.query('SELECT tenantry_lease.open_slot($1) AS left', [slot])).rows;
  expect(await open()).toEqual([{ left: [victim.schema] }]);
  await other.query(`SELECT tenantry_lease.revoke_${victim.schema}($1)`, [slot]);
  expect(await open()).toEqual([{ left: [] }]);
  gate.resolve();
  await login4;
  // The pool that had the slot before may not have noticed yet that its session is over.
  const lease = `SELECT tenantry_lease.grant_${victim.schema}('${slot}')`;
  await expect(broker.query(lease)).rejects.toThrow("the slot is another pool's");
  await expect(other.query(lease)).rejects.toThrow('the slot is open');
  await other.query('SELECT tenantry_lease.shut_slot($1)', [slot]);
  await expect(thief.query(`SET ROLE ${victim.schema}`)).rejects.toMatchObject({ code: '42501' });
  expect(await open()).toEqual([{ left: null }]);
  await endStrangers(control, 0);
  await expect(thief.query('SELECT 1')).rejects.toThrow();
  expect(await open()).toEqual([{ left: [] }]);
  await other.end();
});

test('a slot that is being opened is nobody else’s, and one that was left open is shut', async () => {
  const other = await loginAsBroker(server, undefined, 'other');
  const slot = 'tenantry_slot_6';
  const open = `SELECT tenantry_lease.open_slot('${slot}') AS left`;
  expect((await other.query(open)).rows).toEqual([{ left: [] }]);
  expect((await broker.query(open)).rows).toEqual([{ left: null }]);
  const shut = `SELECT tenantry_lease.shut_slot('${slot}') AS done`;
  expect((await broker.query(shut)).rows).toEqual([{ done: false }]);
  const canLogin = async () =>
    (await control.query('SELECT rolcanlogin FROM pg_roles WHERE rolname = $1', [slot])).rows;
  await mendSlots(control);
  expect(await canLogin()).toEqual([{ rolcanlogin: true }]);
  await control.query(
    `UPDATE tenantry_lease.slots SET opened_at = now() - interval '2 minutes' WHERE slot = $1`,
    [slot],
  );
  await mendSlots(control);
  expect(await canLogin()).toEqual([{ rolcanlogin: false }]);
  expect((await broker.query(open)).rows).toEqual([{ left: [] }]);
  expect((await other.query(shut)).rows).toEqual([{ done: false }]);
  expect((await broker.query(shut)).rows).toEqual([{ done: true }]);
  await other.end();
});

test('nothing is leased to a slot that another cell of the server has open', async () => {
  await hold(broker, 12);
  const lease = `SELECT tenantry_lease.grant_${victim.schema}('tenantry_slot_12')`;
  await server.superuser.query('ALTER ROLE tenantry_slot_12 LOGIN');
  await expect(broker.query(lease)).rejects.toThrow('the slot is open');
  await server.superuser.query('ALTER ROLE tenantry_slot_12 NOLOGIN');
  await broker.query(lease);
  await mendSlots(control);
});

test('while a tenant gets its lease functions, slots are opened and shut', async () => {
  await control.query(`BEGIN; ${tenantLeaseSql(tenantId(mine.schema))}`);
  await hold(broker, 13);
  await control.query('ROLLBACK');
});

test('a lease whose session is there is left alone', async () => {
  const holder = await leaseTo(server, broker, victim, 2);
  expect(await mendSlots(control)).toEqual({ orphans: [], dropped: [] });
  expect((await holder.query('SELECT current_user::text AS me')).rows).toEqual([{ me: victim.schema }]);
  await holder.end();
});

test('settings on a slot’s login are none of the next pool’s', async () => {
  const slot = await leaseTo(server, broker, mine, 3);
  await slot.query('RESET ROLE');
  await slot.query('ALTER ROLE CURRENT_USER SET transform_null_equals = on');
  await slot.query(`ALTER ROLE CURRENT_USER IN DATABASE tenantry SET local_preload_libraries = 'evil'`);
  await slot.end();
  await mendSlots(control);
  const next = await loginAsRole(server, 'tenantry_slot_3');
  expect((await next.query('SHOW transform_null_equals')).rows).toEqual([{ transform_null_equals: 'off' }]);
  await next.end();
});

test('a setting that nobody can take away is none of the next pool’s: the slot is made anew', async () => {
  await server.superuser.query('CREATE EXTENSION pg_trgm SCHEMA extensions');
  const name = 'tenantry_slot_10';
  const slot = await leaseTo(server, broker, mine, 10);
  await slot.query(`SELECT similarity('a', 'b')`);
  await slot.query('RESET ROLE');
  await slot.query('ALTER ROLE CURRENT_USER SET pg_trgm.similarity_threshold = 0.01');
  await slot.query('ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC');
  await broker.query(`SELECT tenantry_lease.revoke_${mine.schema}($1)`, [name]);
  await slot.end();
  await gone(name);
  const open = `SELECT tenantry_lease.open_slot('${name}') AS left`;
  expect((await broker.query(open)).rows).toEqual([{ left: null }]);

  expect((await mendSlots(control)).dropped).toEqual([name]);
  await control.query('BEGIN');
  await prepareLeases(control, { slots: 16, credentialKey: await credentialKeyOf(server) });
  await control.query('COMMIT');
  const next = await leaseTo(server, broker, victim, 10);
  await next.query(`SELECT similarity('a', 'b')`);
  expect((await next.query('SHOW pg_trgm.similarity_threshold')).rows).toEqual([
    { 'pg_trgm.similarity_threshold': '0.3' },
  ]);
  await next.end();
});

test.each(["transaction_isolation = 'read committed'", 'transaction_read_only = off'])(
  'a setting that PostgreSQL resets for nobody keeps a slot from nobody: %s',
  async (setting) => {
    const slot = await leaseTo(server, broker, mine, 11);
    await slot.query('RESET ROLE');
    await slot.query(`ALTER ROLE CURRENT_USER SET ${setting}`);
    await broker.query(`SELECT tenantry_lease.revoke_${mine.schema}('tenantry_slot_11')`);
    await slot.end();
    await gone('tenantry_slot_11');
    expect((await mendSlots(control)).dropped).toEqual([]);
    const next = await leaseTo(server, broker, victim, 11);
    const { rows } = await next.query('SHOW transaction_read_only');
    expect(rows).toEqual([{ transaction_read_only: 'off' }]);
    await broker.query(`SELECT tenantry_lease.revoke_${victim.schema}('tenantry_slot_11')`);
    await next.end();
    await gone('tenantry_slot_11');
  },
);

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

test('a session that holds nobody is ended also while it is busy', async () => {
  const busy = await loginAsRole(server, 'tenantry_slot_14');
  const isOld = `SELECT backend_start < clock_timestamp() - interval '300 ms' AS old FROM pg_stat_activity WHERE pid = pg_backend_pid()`;
  while (!(await busy.query(isOld)).rows[0].old);
  await endStrangers(control, 300);
  await expect(busy.query('SELECT 1')).rejects.toThrow();
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
