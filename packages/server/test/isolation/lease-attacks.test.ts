import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { slotRole } from '@tenantry/tenancy';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { leaseTo, loginAsBroker, loginAsRole } from '../support/lease.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { loginAs, provision, tracesOf } from '../support/tenant.ts';

/**
 * What leasing adds to a cell is attacked: the broker, which may lease every tenant; a slot without a lease; a slot that is
 * leased; a tenant over its own login; the owner, as which migrations run. Every attempt is refused by PostgreSQL.
 */
let server: TestServer;
let files: MigrationFiles;
let mine: Tenant;
let victim: Tenant;
const clients: Record<string, pg.Client> = {};
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  mine = await provision(server, 'mine');
  victim = await provision(server, 'victim');
  await server.superuser.query(`INSERT INTO ${victim.schema}.notes (text) VALUES ('canary')`);
  clients['broker'] = await loginAsBroker(server);
  clients['slot'] = await loginAsRole(server, slotRole(1));
  clients['leased'] = await leaseTo(server, clients['broker'], mine, 2);
  clients['tenant'] = await loginAs(server, mine);
});
afterAll(async () => {
  await Promise.all(Object.values(clients).map((client) => client.end().catch(() => {})));
  await server.stop();
  await files.clean();
});

/** `$b` is the victim, `$a` the attacker's own tenant. */
const data: readonly (readonly [name: string, sql: string])[] = [
  ['read a tenant', 'SELECT * FROM $b.notes'],
  ['write to a tenant', `INSERT INTO $b.notes (text) VALUES ('x')`],
  ['become a tenant', 'SET ROLE $b'],
  ['become a tenant by function', `SELECT set_config('role', '$b', false)`],
  ['log in as a tenant in the session', 'SET SESSION AUTHORIZATION $b'],
  ["become a tenant's owner", 'SET ROLE $b_owner'],
  ['become the control role', 'SET ROLE tenantry_control'],
  ['become the registrar', 'SET ROLE tenantry_registrar'],
  ['become its group', 'SET ROLE tenantry_slots'],
  ['become the group of tenants', 'SET ROLE tenantry_tenants'],
  ['become the group of owners', 'SET ROLE tenantry_owners'],
  ['become another slot', 'SET ROLE tenantry_slot_9'],
  ['read the control schema', 'SELECT * FROM tenantry.tenants'],
  ['read the audit trail', 'SELECT * FROM tenantry_audit.events'],
  ['read the job queue', 'SELECT * FROM pgboss.job'],
  ['read the canary', 'SELECT * FROM tenantry_canary.canary'],
  ['read passwords', 'SELECT * FROM pg_authid'],
  ['make a schema', 'CREATE SCHEMA evil'],
  ['make a temporary table', 'CREATE TEMP TABLE evil (x int)'],
  ['make a table in public', 'CREATE TABLE public.evil (x int)'],
  ['make a role', 'CREATE ROLE evil'],
  ['make a function among the leases', 'CREATE FUNCTION tenantry_lease.evil() RETURNS int RETURN 1'],
  ['add a slot', `INSERT INTO tenantry_lease.slots VALUES ('evil')`],
  ['change a slot', `UPDATE tenantry_lease.slots SET slot = 'evil'`],
  ['lift the limit of a slot', 'ALTER ROLE tenantry_slot_9 CONNECTION LIMIT 99'],
  ["set a slot's password", `ALTER ROLE tenantry_slot_9 PASSWORD 'x'`],
  ["set the broker's password", `ALTER ROLE tenantry_broker CREATEROLE`],
  ["change the broker's search_path", `ALTER ROLE tenantry_control SET search_path = $a`],
  ['join a tenant', 'GRANT $b TO CURRENT_USER'],
  ['lease past the functions', 'GRANT $b TO tenantry_slot_9'],
  ['lock the slots away', 'BEGIN; LOCK TABLE tenantry_lease.slots IN ACCESS EXCLUSIVE MODE'],
  ['read a file', `SELECT pg_read_file('/etc/passwd')`],
  ['run a program', `COPY (SELECT 1) TO PROGRAM 'true'`],
];

const lease: readonly (readonly [name: string, sql: string])[] = [
  ['lease a tenant to itself', `SELECT tenantry_lease.grant_$b('tenantry_slot_1')`],
  ['lease its own tenant to a slot', `SELECT tenantry_lease.grant_$a('tenantry_slot_9')`],
  ['take a lease from a slot', `SELECT tenantry_lease.revoke_$b('tenantry_slot_1')`],
  ['claim a slot', `SELECT tenantry_lease.claim('tenantry_slot_9', '$b')`],
  [
    'open a slot',
    `SELECT set_config('tenantry.pool', 'mine', false), tenantry_lease.open_slot('tenantry_slot_9')`,
  ],
  ['shut a slot', `SELECT tenantry_lease.shut_slot('tenantry_slot_1')`],
  ['let its own login in again', 'ALTER ROLE CURRENT_USER LOGIN'],
  ['lend past the functions of a tenant', `SELECT tenantry_lease.lend('tenantry_slot_9', '$b')`],
  ['take back past the functions of a tenant', `SELECT tenantry_lease.take_back('tenantry_slot_1', '$b')`],
  [
    'replace what those functions call',
    `CREATE OR REPLACE FUNCTION tenantry_lease.lend(slot text, tenant text) RETURNS void LANGUAGE sql AS ''`,
  ],
  [
    'replace a function',
    `CREATE OR REPLACE FUNCTION tenantry_lease.grant_$b(slot text) RETURNS void LANGUAGE sql AS ''`,
  ],
  ['drop a function', 'DROP FUNCTION tenantry_lease.grant_$b(text)'],
  ['look at the slots', 'SELECT * FROM tenantry_lease.slots'],
];

const fill = (sql: string) => sql.replaceAll('$a', mine.schema).replaceAll('$b', victim.schema);

async function attempt(who: string, sql: string): Promise<string> {
  const client = clients[who]!;
  try {
    await client.query(fill(sql));
    return '00000';
  } catch (error) {
    return (error as pg.DatabaseError).code ?? String(error);
  } finally {
    await client.query('ROLLBACK');
  }
}

describe.each(['broker', 'slot', 'leased', 'tenant'])('%s', (who) => {
  test.each(data)('is refused to %s', async (_, sql) => {
    expect(await attempt(who, sql), fill(sql)).toBe('42501');
  });
});

describe.each(['slot', 'leased', 'tenant'])('%s', (who) => {
  test.each(lease)('is refused to %s', async (_, sql) => {
    expect(await attempt(who, sql), fill(sql)).toBe('42501');
  });
});

describe('the broker leases to slots and to nobody else', () => {
  test.each([
    ['itself', 'tenantry_broker'],
    ['the control role', 'tenantry_control'],
    ['the group of slots', 'tenantry_slots'],
    ['everybody', 'public'],
    ['another tenant', '$a'],
    ['a slot that there is not', 'tenantry_slot_999'],
    ['SQL', 'tenantry_slot_1, tenantry_broker'],
    ['a name with a line', 'tenantry_slot_1\ntenantry_broker'],
    ['a slot that holds another tenant', 'tenantry_slot_2'],
  ])('not to %s', async (_, slot) => {
    const text = `SELECT tenantry_lease.grant_$b('${slot}')`;
    expect(await attempt('broker', text)).toBe('42501');
  });

  test('and cannot change what it leases with', async () => {
    for (const [name, sql] of lease.filter(([, text]) => /FUNCTION|claim|lend|take_back/.test(text)))
      expect(await attempt('broker', sql), name).toBe('42501');
  });

  test('a slot that is leased becomes what it was leased, and loses it with the lease', async () => {
    const slot = await leaseTo(server, clients['broker']!, victim, 3);
    expect((await slot.query('SELECT text FROM notes')).rows).toEqual([{ text: 'canary' }]);
    expect(await attempt('broker', `SELECT tenantry_lease.revoke_$b('tenantry_slot_3')`)).toBe('00000');
    await slot.query('RESET ROLE');
    await expect(slot.query(fill('SELECT * FROM $b.notes'))).rejects.toMatchObject({ code: '42501' });
    await slot.end();
  });
});

test('a slot has one connection', async () => {
  await expect(loginAsRole(server, slotRole(1))).rejects.toMatchObject({ code: '28000' });
  await server.superuser.query('ALTER ROLE tenantry_slot_1 LOGIN');
  await expect(loginAsRole(server, slotRole(1))).rejects.toMatchObject({ code: '53300' });
  await server.superuser.query('ALTER ROLE tenantry_slot_1 NOLOGIN');
});

describe('a migration', () => {
  const migrations: readonly (readonly [name: string, sql: string])[] = [
    [
      'replaces the functions of its tenant',
      `EXECUTE format('CREATE FUNCTION tenantry_lease.%I(slot text) RETURNS void LANGUAGE sql AS ''''', 'grant_' || current_schema)`,
    ],
    [
      'makes functions for another one',
      `EXECUTE 'CREATE FUNCTION tenantry_lease.grant_$b(slot text) RETURNS void LANGUAGE sql AS '''''`,
    ],
    ['lends another tenant', `PERFORM tenantry_lease.lend('tenantry_slot_9', '$b')`],
    ['takes another tenant back', `PERFORM tenantry_lease.take_back('tenantry_slot_2', '$b')`],
    ['makes a table among the leases', `EXECUTE 'CREATE TABLE tenantry_lease.evil ()'`],
    ['joins another tenant', `EXECUTE format('GRANT %I TO %I', '$b', current_schema)`],
    ['lends its own role to another tenant', `EXECUTE format('GRANT %I TO %I', current_schema, '$b')`],
    ['lends its own role to its owner', `EXECUTE format('GRANT %I TO %I', current_schema, current_user)`],
    ['lends its own role to the broker', `EXECUTE format('GRANT %I TO tenantry_broker', current_schema)`],
  ];
  test.each(migrations.map(([name, sql], i) => ({ name, sql, i })))(
    'that $name: nothing is kept',
    async ({ sql, i }) => {
      await files.write({ 'V99__evil.sql': `DO $evil$ BEGIN ${fill(sql)}; END $evil$;\n` });
      try {
        const { operation } = await server.admin.call('createTenant', { body: { slug: `evil-${i}` } });
        const { state, error, tenantId: id } = await server.finished(operation.id);
        expect(state, JSON.stringify(error)).toBe('failed');
        expect(['MIGRATION_FAILED', 'MIGRATION_NOT_CONTAINED', 'MIGRATION_LINT']).toContain(error?.code);
        expect(await tracesOf(server, id!)).toEqual([]);
        const { rows } = await server.superuser.query(
          `SELECT proname FROM pg_proc WHERE pronamespace = 'tenantry_lease'::regnamespace AND proname LIKE '%' || $1`,
          [id],
        );
        expect(rows).toEqual([]);
      } finally {
        await files.remove('V99__evil.sql');
      }
    },
  );
});
