import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CellCheckItem, Tenant } from '@tenantry/contract';
import { createTenancy, tenantId, type LaneName, type Tenancy } from '@tenantry/tenancy';
import { controlPlaneDirectory } from '@tenantry/tenancy/directory';
import { migrationFiles, smallMigrations, type MigrationFiles } from '../support/files.ts';
import { startTestServer, withDatabase, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

const referenceMigrations = {
  'V1__country.sql': `
    CREATE TABLE country (code text PRIMARY KEY, name text NOT NULL, id int GENERATED ALWAYS AS IDENTITY);
    INSERT INTO country (code, name) VALUES ('DE', 'Germany'), ('FR', 'France');
    CREATE VIEW country_names AS SELECT name FROM country;
    CREATE FUNCTION forget() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM country';
    CREATE SEQUENCE numbers;`,
};

let server: TestServer;
let files: MigrationFiles;
let reference: MigrationFiles;
let tenant: Tenant;
let credentialKey: string;
beforeAll(async () => {
  files = await migrationFiles({
    ...smallMigrations,
    'V3__country.sql': `CREATE TABLE country (code text); INSERT INTO country VALUES ('own');`,
  });
  reference = await migrationFiles(referenceMigrations);
  server = await startTestServer({ migrations: files.path, referenceMigrations: reference.path });
  tenant = await provision(server, 'acme');
  credentialKey = (await readFile(join(server.home, 'secrets', 'credential-key'), 'utf8')).trim();
});
afterAll(async () => {
  await server?.stop();
  await Promise.all([files?.clean(), reference?.clean()]);
});

async function openTenancy(lane: LaneName): Promise<Tenancy> {
  const { token } = await server.admin.call('createKey', { body: { name: lane, role: 'runtime' } });
  const directory = controlPlaneDirectory({ url: server.url, token, credentialKey });
  return createTenancy({ directory, credentialKey, lane });
}

/** The SQLSTATE that something is refused with, or `done`. */
async function stateOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

async function itemsOf(cell = 'default'): Promise<readonly CellCheckItem[]> {
  const { items } = await server.admin.call('checkCell', { params: { cell } });
  return items.filter(({ name }) => name.startsWith('reference'));
}

const fine = [
  { name: 'reference', ok: true },
  { name: 'reference-privileges', ok: true },
];

describe.each<LaneName>(['sealed', 'leased'])('a tenant on a %s lane', (lane) => {
  let tenancy: Tenancy;
  beforeAll(async () => {
    tenancy = await openTenancy(lane);
  });
  afterAll(() => tenancy?.close());
  const query = (sql: string) => tenancy.for(tenantId(tenant.id)).query<Record<string, string>>(sql);

  test('reads tables and views', async () => {
    const { rows } = await query('SELECT name FROM reference.country ORDER BY name');
    expect(rows).toEqual([{ name: 'France' }, { name: 'Germany' }]);
    expect((await query('SELECT * FROM reference.country_names')).rowCount).toBe(2);
  });

  test('finds its own table by the bare name, and the shared one only by its whole name', async () => {
    expect((await query('SELECT code FROM country')).rows).toEqual([{ code: 'own' }]);
    expect((await query('SELECT code FROM reference.country WHERE code <> $$own$$')).rowCount).toBe(2);
    // A name that only the shared schema has is nobody's without it.
    expect(await stateOf(query('SELECT * FROM country_names'))).toBe('42P01');
  });

  test.each([
    `INSERT INTO reference.country (code, name) VALUES ('XX', 'x')`,
    `UPDATE reference.country SET name = 'x'`,
    'DELETE FROM reference.country',
    `MERGE INTO reference.country c USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE`,
    'TRUNCATE reference.country',
    'SELECT * FROM reference.country FOR UPDATE',
    'DROP TABLE reference.country',
    'ALTER TABLE reference.country ADD COLUMN x int',
    'ALTER TABLE reference.country OWNER TO CURRENT_USER',
    'ALTER TABLE reference.country DISABLE TRIGGER ALL',
    'CREATE TABLE reference.mine ()',
    'CREATE VIEW reference.mine AS SELECT 1',
    'CREATE INDEX ON reference.country (name)',
    'CREATE FUNCTION reference.mine() RETURNS int RETURN 1',
    'CREATE TRIGGER t BEFORE INSERT ON reference.country EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'CREATE SCHEMA mine',
    'DROP SCHEMA reference CASCADE',
    'ALTER SCHEMA reference RENAME TO mine',
    'COMMENT ON TABLE reference.country IS $$x$$',
    'ANALYZE reference.country',
    `SELECT nextval('reference.numbers')`,
    'SELECT reference.forget()',
    'SELECT * FROM reference.flyway_schema_history',
    'SET ROLE tenantry_reference',
    'SELECT setval($$reference.numbers$$, 9)',
  ])('is refused: %s', async (sql) => {
    // PostgreSQL skips an ANALYZE that one may not do, with a warning.
    expect(await stateOf(query(sql))).toBe(sql.startsWith('ANALYZE') ? 'done' : '42501');
  });
});

test('a tenant takes no lock that another tenant would notice', async () => {
  const tenancy = await openTenancy('sealed');
  const lock = (mode: string) =>
    stateOf(
      tenancy
        .for(tenantId(tenant.id))
        .transaction((tx) => tx.query(`LOCK TABLE reference.country IN ${mode} MODE`)),
    );
  for (const mode of ['ROW SHARE', 'SHARE', 'ACCESS EXCLUSIVE']) expect(await lock(mode)).toBe('42501');
  expect(await lock('ACCESS SHARE')).toBe('done');
  await tenancy.close();
});

test('its owner cannot log in, and nobody is a member of it but the control role', async () => {
  const { rows } = await server.superuser.query(
    `SELECT r.rolcanlogin AS login, r.rolsuper AS super, ARRAY(
              SELECT pg_get_userbyid(m.member)::text FROM pg_auth_members m WHERE m.roleid = r.oid GROUP BY m.member) AS members,
            (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'reference') AS owner
       FROM pg_roles r WHERE rolname = 'tenantry_reference'`,
  );
  expect(rows).toEqual([
    { login: false, super: false, members: ['tenantry_control'], owner: 'tenantry_reference' },
  ]);
  expect(await itemsOf()).toMatchObject(fine);
});

test('a migration of tenants can neither change nor shadow it', async () => {
  const attempts: Readonly<Record<string, string>> = {
    'V4__a.sql': 'CREATE TABLE reference.mine ()',
    'V4__b.sql': `DO $$ BEGIN EXECUTE 'CREATE TABLE refer' || 'ence.mine ()'; END $$`,
    'V4__c.sql': `DO $$ BEGIN EXECUTE 'INSERT INTO refer' || 'ence.country (code, name) VALUES (1, 1)'; END $$`,
    'V4__d.sql': `DO $$ BEGIN EXECUTE 'CREATE SCHEMA refer' || 'ence2'; END $$`,
  };
  for (const [i, [name, sql]] of Object.entries(attempts).entries()) {
    await files.write({ [name]: sql });
    await expect(provision(server, `bad-${i}`)).rejects.toThrow(/MIGRATION_/);
    await files.remove(name);
  }
  expect(await itemsOf()).toMatchObject(fine);
});

describe('what comes later', () => {
  test('a table of a later migration is read at once, and nothing more', async () => {
    await reference.write({
      'V2__currency.sql': `
        CREATE TABLE currency (code text PRIMARY KEY); INSERT INTO currency VALUES ('EUR');
        GRANT INSERT, UPDATE (code) ON currency TO tenantry_tenants;
        GRANT USAGE ON SEQUENCE numbers TO tenantry_tenants;`,
    });
    expect(await itemsOf()).toMatchObject([{ ok: false, message: /V2__currency.sql/ }, { ok: true }]);
    await server.restart();
    expect(await itemsOf()).toMatchObject(fine);
    const tenancy = await openTenancy('sealed');
    const door = tenancy.for(tenantId(tenant.id));
    expect((await door.query('SELECT * FROM reference.currency')).rowCount).toBe(1);
    // What the migration granted was taken back.
    expect(await stateOf(door.query(`INSERT INTO reference.currency VALUES ('x')`))).toBe('42501');
    expect(await stateOf(door.query(`UPDATE reference.currency SET code = 'x'`))).toBe('42501');
    expect(await stateOf(door.query(`SELECT nextval('reference.numbers')`))).toBe('42501');
    await tenancy.close();
  });

  test('one that fails leaves what was there; the check says why, and it is tried again', async () => {
    await reference.write({
      'V3__broken.sql': 'CREATE TABLE half (x int);\nCREATE TABLE broken (x nonsense);',
    });
    await server.restart();
    const { ok } = await server.admin.call('checkCell', { params: { cell: 'default' } });
    expect(ok).toBe(false);
    const [item] = await itemsOf();
    expect(item).toMatchObject({ ok: false, severity: 'error' });
    expect(item!.message).toMatch(/V3__broken\.sql/);
    expect(item!.message).toMatch(/nonsense/);
    const tenancy = await openTenancy('sealed');
    const door = tenancy.for(tenantId(tenant.id));
    expect((await door.query('SELECT * FROM reference.country')).rowCount).toBe(2);
    expect(await stateOf(door.query('SELECT * FROM reference.half'))).toBe('42P01');
    await reference.write({ 'V3__broken.sql': 'CREATE TABLE half (x int)' });
    // Three at once: one migrates, the others wait for it.
    const again = () =>
      server.admin.call('updateCell', { params: { cell: 'default' }, body: { lanes: ['sealed', 'leased'] } });
    await Promise.all([again(), again(), again()]);
    expect(await itemsOf()).toMatchObject(fine);
    expect(await stateOf(door.query('SELECT * FROM reference.half'))).toBe('done');
    await tenancy.close();
  });

  test.each([
    ['GRANT INSERT ON reference.country TO tenantry_tenants', /country: INSERT for tenantry_tenants/],
    ['GRANT UPDATE (name) ON reference.country TO tenantry_tenants', /country\.name: UPDATE/],
    ['GRANT SELECT ON reference.country TO PUBLIC', /country: SELECT for PUBLIC/],
    ['GRANT CREATE ON SCHEMA reference TO tenantry_tenants', /schema reference: CREATE/],
    ['GRANT EXECUTE ON FUNCTION reference.forget TO tenantry_tenants', /forget: EXECUTE/],
    ['GRANT USAGE ON SEQUENCE reference.numbers TO tenantry_tenants', /numbers: USAGE/],
    ['REVOKE SELECT ON reference.country FROM tenantry_tenants', /country: no SELECT/],
    ['REVOKE USAGE ON SCHEMA reference FROM tenantry_tenants', /schema reference: no USAGE/],
  ])('privileges that somebody changes are found, and mended at the next start: %s', async (sql, message) => {
    await server.superuser.query(sql);
    expect((await itemsOf())[1]).toMatchObject({ ok: false, message });
    await server.admin.call('updateCell', { params: { cell: 'default' }, body: { slots: 16 } });
    expect(await itemsOf()).toMatchObject(fine);
  });

  test('a cell that is added has them, too', async () => {
    const client = new pg.Client(withDatabase(server.postgres.superuserUrl, 'tenantry'));
    await client.connect();
    await client.query('CREATE DATABASE second OWNER tenantry_control');
    await client.end();
    await server.admin.call('addCell', {
      body: { name: 'second', url: withDatabase(server.controlUrl, 'second') },
    });
    expect(await itemsOf('second')).toMatchObject(fine);
    const abroad = await provision(server, 'abroad', { cell: 'second' });
    const tenancy = await openTenancy('sealed');
    const { rowCount } = await tenancy.for(tenantId(abroad.id)).query('SELECT * FROM reference.country');
    expect(rowCount).toBe(2);
    await tenancy.close();
  });

  test('a schema of this name that is somebody else’s is left alone', async () => {
    const client = new pg.Client(withDatabase(server.postgres.superuserUrl, 'tenantry'));
    await client.connect();
    await client.query('CREATE DATABASE third OWNER tenantry_control');
    await client.end();
    const third = new pg.Client(withDatabase(server.postgres.superuserUrl, 'third'));
    await third.connect();
    await third.query('CREATE SCHEMA reference; CREATE TABLE reference.theirs ()');
    await server.admin.call('addCell', {
      body: { name: 'third', url: withDatabase(server.controlUrl, 'third') },
    });
    const [item] = await itemsOf('third');
    expect(item).toMatchObject({ ok: false });
    expect(item!.message).toMatch(/belongs to postgres/);
    const { rows } = await third.query(`SELECT nspacl FROM pg_namespace WHERE nspname = 'reference'`);
    expect(rows).toEqual([{ nspacl: null }]);
    await third.end();
  });
});

test('where none are configured there is no schema, no role, and nothing to check', async () => {
  const plain = await startTestServer({ migrations: files.path });
  try {
    const { rows } = await plain.superuser.query(
      `SELECT 1 FROM pg_namespace WHERE nspname = 'reference' UNION ALL SELECT 1 FROM pg_roles WHERE rolname = 'tenantry_reference'`,
    );
    expect(rows).toEqual([]);
    const { items } = await plain.admin.call('checkCell', { params: { cell: 'default' } });
    expect(items.filter(({ name }) => name.startsWith('reference'))).toEqual([]);
  } finally {
    await plain.stop();
  }
});
