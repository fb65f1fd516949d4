import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { startTestServer, type TestServer } from '../support/server.ts';
import { loginAs, provision } from '../support/tenant.ts';

/**
 * A tenant attacks its neighbour with whole statements over its own login. Every attempt has to be refused by PostgreSQL;
 * the control at the end shows that the same statements do work for somebody who may.
 */
let server: TestServer;
let attacker: pg.Client;
let attackerTenant: Tenant;
let victimTenant: Tenant;
let a: string;
let b: string;

beforeAll(async () => {
  server = await startTestServer();
  attackerTenant = await provision(server, 'attacker');
  victimTenant = await provision(server, 'victim');
  [a, b] = [attackerTenant.schema, victimTenant.schema];
  await server.superuser.query(`INSERT INTO ${b}.accounts (name) VALUES ('canary')`);
  attacker = await loginAs(server, attackerTenant);
});
afterAll(async () => {
  await attacker.end();
  await server.stop();
});

const denied = '42501';

type Attack = readonly [name: string, sql: string, state?: string];

/** `$b` is the victim, `$a` the attacker. */
const attacks: readonly Attack[] = [
  ['read a table', 'SELECT * FROM $b.accounts'],
  ['read it through a union', 'SELECT 1::text UNION ALL SELECT name FROM $b.accounts'],
  ['read it as xml', `SELECT query_to_xml('SELECT * FROM $b.accounts', true, true, '')`, denied],
  ['read the schema as xml', `SELECT schema_to_xml('$b', true, true, '')`, denied],
  ['write a row', `INSERT INTO $b.accounts (name) VALUES ('x')`],
  ['change rows', `UPDATE $b.accounts SET name = 'x'`],
  ['delete rows', 'DELETE FROM $b.accounts'],
  ['truncate', 'TRUNCATE $b.accounts CASCADE'],
  ['lock a table', 'BEGIN; LOCK TABLE $b.accounts IN ACCESS EXCLUSIVE MODE'],
  ['copy a table out', 'COPY $b.accounts TO STDOUT'],
  ['use a sequence', `SELECT nextval('$b.accounts_id_seq')`],
  ['become the victim', 'SET ROLE $b'],
  ['become the victim by function', `SELECT set_config('role', '$b', false)`],
  ["become the victim's owner", 'SET ROLE $b_owner'],
  ['become its own owner', 'SET ROLE $a_owner'],
  ['become the control role', 'SET ROLE tenantry_control'],
  ['become the group of owners', 'SET ROLE tenantry_owners'],
  ['become its own group', 'SET ROLE tenantry_tenants'],
  ['log in as another in the session', 'SET SESSION AUTHORIZATION $b'],
  ['change its own schema', 'CREATE TABLE $a.evil (x int)'],
  ['change a table of its own', 'ALTER TABLE $a.accounts ADD COLUMN evil text'],
  ['grant its tables away', 'GRANT SELECT ON $a.accounts TO $b WITH GRANT OPTION', '01007'],
  [
    'put a trigger on its own table',
    'CREATE TRIGGER t BEFORE INSERT ON $a.accounts EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  ],
  ['make a table in public', 'CREATE TABLE public.evil (x int)'],
  ['make a temporary table', 'CREATE TEMP TABLE evil (x int)'],
  ['make a schema', 'CREATE SCHEMA evil'],
  ['make a function in extensions', 'CREATE FUNCTION extensions.evil() RETURNS int RETURN 1'],
  ['make an extension', 'CREATE EXTENSION dblink'],
  ['make a role', 'CREATE ROLE evil'],
  ["set the victim's password", `ALTER ROLE $b PASSWORD 'x'`],
  ["set the victim's search_path", 'ALTER ROLE $b SET search_path = $a'],
  ['join the victim', 'GRANT $b TO $a'],
  ['make a database', 'CREATE DATABASE evil'],
  ['rewrite the migration history', `UPDATE $a.flyway_schema_history SET success = false`],
  ['read the control schema', 'SELECT * FROM tenantry.tenants'],
  ['read the audit trail', 'SELECT * FROM tenantry_audit.events'],
  ['read the job queue', 'SELECT * FROM pgboss.job'],
  ['read the canary', 'SELECT * FROM tenantry_canary.canary'],
  ['read passwords', 'SELECT * FROM pg_authid'],
  ['read a file', `SELECT pg_read_file('/etc/passwd')`],
  ['list files', `SELECT pg_ls_dir('.')`],
  ['import a file', `SELECT lo_import('/etc/passwd')`],
  ['run a program', `COPY (SELECT 1) TO PROGRAM 'true'`],
  ['write a file', `COPY (SELECT 1) TO '/tmp/evil'`],
  ['reload the server', 'SELECT pg_reload_conf()'],
  ['change a server setting', 'ALTER SYSTEM SET work_mem = 1'],
  ['change the database', `ALTER DATABASE tenantry SET search_path = $a`],
  ['publish everything', 'CREATE PUBLICATION evil FOR ALL TABLES'],
  ['reserve the log', `SELECT pg_create_physical_replication_slot('evil')`],
  ["delete another's large object", 'SELECT lo_unlink($lo)'],
  ["read another's large object", 'SELECT lo_get($lo)'],
];

describe('a tenant over its own login', () => {
  test.each(attacks.map(([name, sql, state = denied]) => ({ name, sql, state })))(
    'is refused to $name',
    async ({ sql, state }) => {
      const text = await fill(sql);
      const outcome = await attempt(attacker, text);
      expect(outcome, text).toBe(state);
    },
  );

  test("cannot end the victim's connection, nor see what it runs", async () => {
    const victim = await loginAs(server, victimTenant);
    try {
      const { rows } = await victim.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const pid = rows[0]!.pid;
      expect(await attempt(attacker, `SELECT pg_terminate_backend(${pid})`)).toBe(denied);
      expect(await attempt(attacker, `SELECT pg_cancel_backend(${pid})`)).toBe(denied);
      const seen = await attacker.query<{ query: string }>(
        'SELECT query FROM pg_stat_activity WHERE pid = $1',
        [pid],
      );
      expect(seen.rows[0]?.query).toBe('<insufficient privilege>');
    } finally {
      await victim.end();
    }
  });

  test('the statements are right: the victim itself, or a superuser, gets what the attacker does not', async () => {
    const victim = await loginAs(server, victimTenant);
    try {
      const { rows } = await victim.query<{ name: string }>(`SELECT name FROM ${b}.accounts `);
      expect(rows).toEqual([{ name: 'canary' }]);
    } finally {
      await victim.end();
    }
    for (const [name, sql] of attacks.slice(0, 4)) {
      await expect(server.superuser.query(await fill(sql)), name).resolves.toBeDefined();
    }
  });
});

let largeObject: number | undefined;

async function fill(sql: string): Promise<string> {
  if (sql.includes('$lo')) {
    const victim = await loginAs(server, victimTenant);
    largeObject ??= (await victim.query<{ oid: number }>(`SELECT lo_from_bytea(0, 'secret') AS oid`)).rows[0]!
      .oid;
    await victim.end();
  }
  return sql.replaceAll('$lo', String(largeObject)).replaceAll('$a', a).replaceAll('$b', b);
}

/** The SQLSTATE that PostgreSQL answers with, `00000` when it let it pass, and 01007 for a GRANT that granted nothing. */
async function attempt(client: pg.Client, sql: string): Promise<string> {
  const notices: string[] = [];
  const note = (notice: { readonly code?: string | undefined }) => notices.push(notice.code ?? '');
  client.on('notice', note);
  try {
    await client.query(sql);
    return notices[0] ?? '00000';
  } catch (error) {
    return (error as pg.DatabaseError).code ?? String(error);
  } finally {
    client.off('notice', note);
    await client.query('ROLLBACK');
  }
}
