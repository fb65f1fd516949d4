import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { attackApplication, type AttackApplicationOptions } from '../../src/attack-application.ts';
import { attacks, type ApplicationSpec, type AttackResult } from '../../src/attacks/index.ts';
import { plantSchemas } from '../../src/canaries.ts';

let postgres: TestPostgres;
let superuser: pg.Client;

beforeAll(async () => {
  postgres = await startTestPostgres();
  superuser = new pg.Client(postgres.superuserUrl);
  await superuser.connect();
  await superuser.query(`
    CREATE ROLE app LOGIN PASSWORD 'x';
    CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'x'`);
  await superuser.query('CREATE DATABASE shop OWNER app');
  await superuser.query('GRANT CREATE ON DATABASE shop TO maker');
});
afterAll(async () => {
  await superuser.end();
  await postgres.stop();
});

function login(user: string): pg.ClientConfig & { readonly user: string } {
  return { host: '127.0.0.1', port: postgres.port, database: 'shop', user, password: 'x' };
}

/** One login that makes all schemas and tells them apart by the path: what django-tenants and Apartment do. */
const path: ApplicationSpec = {
  create: ['CREATE SCHEMA {schema}'],
  grant: [],
  drop: ['DROP SCHEMA {schema} CASCADE'],
  owner: null,
  role: null,
  enter: ['SET search_path = {schema}, public'],
  leave: ['RESET search_path'],
};

/** A role for each tenant, and one login that becomes it for each transaction. */
const role: ApplicationSpec = {
  create: [
    'CREATE ROLE {schema} NOLOGIN',
    'GRANT {schema} TO app WITH INHERIT FALSE, SET TRUE',
    'CREATE SCHEMA {schema}',
  ],
  grant: [
    'GRANT USAGE ON SCHEMA {schema} TO {schema}',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {schema}',
    'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {schema}',
  ],
  drop: ['DROP SCHEMA {schema} CASCADE', 'DROP ROLE {schema}'],
  owner: null,
  role: '{schema}',
  enter: ['BEGIN', 'SET LOCAL ROLE {schema}', 'SET LOCAL search_path = {schema}'],
  leave: ['RESET ROLE', 'RESET ALL'],
};

async function left(): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: postgres.superuserUrl.replace(/\/postgres$/, '/shop') });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT nspname AS name FROM pg_namespace WHERE nspname ~ 'canary|evil' UNION ALL SELECT rolname FROM pg_roles WHERE rolname ~ 'canary|evil'
      UNION ALL SELECT relname FROM pg_class WHERE relname ~ 'evil' UNION ALL SELECT datname FROM pg_database WHERE datname = 'evil'
      UNION ALL SELECT 'large object' FROM pg_largeobject_metadata`,
  );
  await client.end();
  return rows.map(({ name }) => name);
}

function hitsOf(results: readonly AttackResult[]): ReadonlySet<string> {
  return new Set(results.flatMap(({ attack, verdict }) => (verdict === 'hit' ? [attack] : [])));
}

async function attackedBy(
  spec: ApplicationSpec,
  more: Partial<AttackApplicationOptions> = {},
): Promise<readonly AttackResult[]> {
  const run = await attackApplication({ control: login('app'), application: login('app'), spec, ...more });
  return run.attacks;
}

describe('a database with one login and a search path', () => {
  test('is open, as it is said to be; nothing is left of the attacks', async () => {
    const results = await attackedBy(path);
    const hits = hitsOf(results);
    // What needs roles or leases aside, all that hit the control hit it.
    const needless = attacks.filter(
      ({ hits: on, needs, steps, level }) =>
        on.includes('search_path') &&
        needs === undefined &&
        level !== 'poison' &&
        !JSON.stringify(steps).includes('{lo}'),
    );
    expect(needless.map(({ id }) => id).filter((id) => !hits.has(id))).toEqual([]);
    expect(hits.size).toBeGreaterThan(100);
    expect(await left()).toEqual([]);
  }, 120_000);
});

describe('a database with a role for each tenant and one login', () => {
  test('is open to whoever can have a role set, and to nobody who only names a schema', async () => {
    const hits = hitsOf(await attackedBy(role, { control: login('maker') }));
    expect([...hits]).toEqual(
      expect.arrayContaining([
        'read.set-role-xml',
        'become.set-role',
        'become.rollback-set',
        'read.stacked',
        'poison.prepared',
      ]),
    );
    for (const id of ['read.union', 'read.query-to-xml', 'write.insert', 'read.stacked-select'])
      expect(hits.has(id), id).toBe(false);
    expect(await left()).toEqual([]);
  });
});

test('what a killed run left is found by the next one', async () => {
  const pair = await plantSchemas({ control: login('app'), application: 'app', recipe: path });
  await superuser.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'app'`);
  expect(await left()).toHaveLength(2);
  const run = await attackApplication({
    control: login('app'),
    application: login('app'),
    spec: path,
    attacks: attacks.slice(0, 2),
  });
  expect(run.notes).toHaveLength(2);
  expect(run.notes[0]).toContain(pair.run);
  expect(await left()).toEqual([]);
});

test('an application that is a superuser: much succeeds, and still nothing is left but on the canaries', async () => {
  const before = await footprint();
  const config = { ...login('postgres'), password: new URL(postgres.superuserUrl).password };
  const hits = hitsOf(await attackedBy(path, { control: config, application: config }));
  expect([...hits]).toEqual(
    expect.arrayContaining([
      'server.read-file',
      'become.alter-superuser',
      'server.alter-system',
      'define.database',
    ]),
  );
  expect(await left()).toEqual([]);
  expect(await footprint()).toEqual(before);
});

/** What a superuser could have changed for everybody. */
async function footprint(): Promise<unknown> {
  const { rows } = await superuser.query(
    `SELECT (SELECT json_agg(rolname || ' ' || rolsuper || coalesce(rolconfig::text, '') ORDER BY rolname) FROM pg_roles) AS roles,
            (SELECT json_agg(datname || ' ' || datdba || coalesce(datacl::text, '') ORDER BY datname) FROM pg_database) AS databases,
            (SELECT json_agg(setconfig) FROM pg_db_role_setting) AS settings, (SELECT json_agg(spcname) FROM pg_tablespace) AS tablespaces,
            (SELECT json_agg(subname) FROM pg_subscription) AS subscriptions, (SELECT json_agg(slot_name) FROM pg_replication_slots) AS slots,
            (SELECT json_agg(roname) FROM pg_replication_origin) AS origins, (SELECT json_agg(parname) FROM pg_parameter_acl) AS parameters,
            (SELECT count(*) FROM pg_prepared_xacts) AS prepared`,
  );
  return { ...rows[0], file: await readFile(join(postgres.dataDirectory, 'postgresql.auto.conf'), 'utf8') };
}
