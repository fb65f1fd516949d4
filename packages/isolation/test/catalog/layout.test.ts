import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditCatalog } from '../../src/audit.ts';
import type { Finding } from '../../src/finding.ts';
import { layoutFromFile } from '../../src/layout.ts';
import { askOracle } from '../../src/oracle.ts';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startTestPostgres();
  await on('postgres', (client) =>
    client.query(`REVOKE ALL ON DATABASE postgres FROM PUBLIC; REVOKE ALL ON DATABASE template1 FROM PUBLIC`),
  );
});
afterAll(() => postgres.stop());

async function on<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(postgres.superuserUrl);
  url.pathname = `/${database}`;
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

interface Looked {
  readonly findings: readonly Finding[];
  readonly tenants: number;
  message(check: string): string | undefined;
}

/** Makes a database by plain SQL, looks at it with a file, and removes it. */
async function look(database: string, sql: string, roles: readonly string[], file: object): Promise<Looked> {
  await on('postgres', (client) => client.query(`CREATE DATABASE ${database}`));
  try {
    return await on(database, async (client) => {
      await client.query(sql);
      const layout = layoutFromFile(file);
      const audit = await auditCatalog(client, layout);
      const oracle = await askOracle(client, layout);
      const findings = [...audit.findings, ...oracle.findings];
      return {
        findings,
        tenants: audit.tenants,
        message: (id) => findings.find(({ check }) => check === id)?.message,
      };
    });
  } finally {
    await on('postgres', (client) =>
      client
        .query(`DROP DATABASE ${database} WITH (FORCE)`)
        .then(() => client.query(`DROP ROLE ${roles.join(', ')}`)),
    );
  }
}

const tables = (schema: string) =>
  `CREATE TABLE ${schema}.notes (id serial PRIMARY KEY, body text); CREATE TABLE ${schema}.users (id serial PRIMARY KEY, name text);`;

describe('django-tenants: one role owns everything, a query finds the tenants, public is behind all of them', () => {
  const sql = `
    CREATE ROLE django LOGIN; ALTER DATABASE shop OWNER TO django; SET ROLE django;
    GRANT ALL ON SCHEMA public TO django;
    CREATE TABLE public.customers_client (id serial PRIMARY KEY, schema_name varchar(63) UNIQUE, name text);
    CREATE TABLE public.django_migrations (id serial, app text);
    ${tables('public')}
    INSERT INTO public.customers_client (schema_name, name) VALUES ('public', 'Shared'), ('acme', 'ACME Corp'), ('globex', 'Globex'), ('initech', 'Initech');
    CREATE SCHEMA acme; CREATE SCHEMA globex; CREATE SCHEMA initech;
    ${['acme', 'globex', 'initech'].map((name) => `${tables(name)} CREATE TABLE ${name}.django_migrations (id serial, app text);`).join('\n')}
    RESET ROLE;`;
  const file = {
    style: 'django-tenants',
    control: 'django',
    application: ['django'],
    tenants: { query: 'SELECT schema_name FROM public.customers_client', except: ['public'] },
    shared: ['public'],
  };
  let looked: Looked;
  beforeAll(async () => {
    looked = await look(
      'shop',
      sql.replace('SET ROLE django;', 'GRANT ALL ON SCHEMA public TO django; SET ROLE django;'),
      ['django'],
      file,
    );
  });

  test('the one role reaches every tenant, says the audit, and so says the oracle', () => {
    expect(looked.tenants).toBe(3);
    expect(looked.message('reach.tenants')).toBe('django reaches 3 of 3 tenants');
    expect(looked.message('oracle.schema')).toMatch(/^PostgreSQL lets django use the schemas of 3 tenants/);
    expect(looked.findings.find(({ check }) => check === 'reach.tenants')).toMatchObject({
      severity: 'critical',
      subject: 'role django',
    });
  });

  test('it is one login for all, which may also change and drop tables', () => {
    expect(looked.message('reach.shared-login')).toMatch(/^The application connects as django for 3 tenants/);
    expect(looked.message('reach.ddl')).toBe('django owns, or may create in, the schemas of 3 of 3 tenants');
  });

  test('a query without a tenant reads public', () => {
    expect(looked.message('reach.fallback')).toMatch(
      /^3 tables of shared schemas have the names of tenants' tables/,
    );
  });

  test('what PostgreSQL gives to everybody of the database is said, and nothing is said a thousand times', () => {
    expect(
      looked.findings.filter(({ check }) => check === 'privilege.unknown').map(({ subject }) => subject),
    ).toEqual([
      'database shop: CONNECT for PUBLIC',
      'database shop: TEMPORARY for PUBLIC',
      'schema public: USAGE for PUBLIC',
    ]);
    expect(looked.findings.length).toBeLessThan(12);
  });
});

describe('Apartment: a migration role owns, the application may use every schema', () => {
  const sql = `
    CREATE ROLE rails_owner; CREATE ROLE rails LOGIN; GRANT rails_owner TO postgres; ALTER DATABASE flats OWNER TO rails_owner;
    GRANT ALL ON SCHEMA public TO rails_owner; GRANT USAGE ON SCHEMA public TO rails;
    SET ROLE rails_owner;
    ${tables('public')}
    CREATE TABLE public.schema_migrations (version text PRIMARY KEY);
    ${['flat_one', 'flat_two']
      .map(
        (
          name,
        ) => `CREATE SCHEMA ${name}; ${tables(name)} CREATE TABLE ${name}.schema_migrations (version text PRIMARY KEY);
          GRANT USAGE ON SCHEMA ${name} TO rails; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name} TO rails;
          GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${name} TO rails;`,
      )
      .join('\n')}
    RESET ROLE;`;
  const file = {
    style: 'apartment',
    control: 'rails_owner',
    application: ['rails'],
    tenants: { pattern: '^flat_', owner: 'rails_owner' },
  };

  test('one application role has rights on every schema, and public is the fallback', async () => {
    const looked = await look('flats', sql, ['rails', 'rails_owner'], file);
    expect(looked.tenants).toBe(2);
    expect(looked.message('reach.tenants')).toBe('rails reaches 2 of 2 tenants');
    expect(looked.message('oracle.schema')).toMatch(/^PostgreSQL lets rails use the schemas of 2 tenants/);
    expect(looked.message('reach.shared-login')).toMatch(/^The application connects as rails/);
    expect(looked.message('reach.fallback')).toMatch(/^3 tables/);
    // It owns nothing, so that this is not said of it.
    expect(looked.message('reach.ddl')).toBeUndefined();
    expect(looked.findings.filter(({ check }) => check.startsWith('owner.'))).toEqual([]);
  });

  test('and a fault in it is found beside what is open anyway', async () => {
    const looked = await look(
      'flats',
      `${sql} CREATE ROLE other LOGIN; GRANT SELECT (body) ON flat_one.notes TO other; CREATE VIEW flat_two.v AS SELECT * FROM flat_one.notes; ALTER VIEW flat_two.v OWNER TO rails_owner;`,
      ['rails', 'rails_owner', 'other'],
      file,
    );
    const subjects = looked.findings.map(({ check, subject }) => `${check} ${subject}`);
    expect(subjects).toContain('role.unknown role other');
    expect(subjects).toContain('privilege.unknown column flat_one.notes.body: SELECT for other');
    expect(
      subjects.some((each) => each.startsWith('dependency.tenants rule _RETURN on view flat_two.v')),
    ).toBe(true);
  });
});

describe('a login for each tenant, without Tenantry', () => {
  const sql = `
    CREATE ROLE maker CREATEROLE; ALTER DATABASE own OWNER TO maker; REVOKE ALL ON DATABASE own FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC;
    ${['c_one', 'c_two']
      .map(
        (
          name,
        ) => `CREATE ROLE ${name} LOGIN; CREATE SCHEMA ${name} AUTHORIZATION maker; GRANT CONNECT ON DATABASE own TO ${name};
          SET ROLE maker; ${tables(name)} GRANT USAGE ON SCHEMA ${name} TO ${name}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name} TO ${name}; RESET ROLE;`,
      )
      .join('\n')}`;
  const file = { control: 'maker', tenants: { pattern: '^c_', login: '{schema}', owner: 'maker' } };

  test('has no finding; and has one when one may read the other', async () => {
    expect((await look('own', sql, ['c_one', 'c_two', 'maker'], file)).findings).toEqual([]);
    const open = await look(
      'own',
      `${sql} GRANT USAGE ON SCHEMA c_one TO c_two`,
      ['c_one', 'c_two', 'maker'],
      file,
    );
    expect(open.findings.map(({ check }) => check)).toEqual([
      'privilege.unknown',
      'reach.tenants',
      'oracle.schema',
    ]);
  });
});

describe('one login that becomes each tenant’s role', () => {
  const sql = `
    CREATE ROLE maker CREATEROLE; CREATE ROLE app LOGIN; ALTER DATABASE switch OWNER TO maker; REVOKE ALL ON DATABASE switch FROM PUBLIC;
    GRANT CONNECT ON DATABASE switch TO app; REVOKE ALL ON SCHEMA public FROM PUBLIC;
    ${['c_one', 'c_two', 'c_three']
      .map(
        (
          name,
        ) => `CREATE ROLE ${name}; CREATE SCHEMA ${name} AUTHORIZATION maker; SET ROLE maker; ${tables(name)}
          GRANT USAGE ON SCHEMA ${name} TO ${name}; GRANT SELECT ON ALL TABLES IN SCHEMA ${name} TO ${name}; RESET ROLE; GRANT ${name} TO app WITH INHERIT FALSE;`,
      )
      .join('\n')}`;
  const file = {
    control: 'maker',
    application: ['app'],
    tenants: { pattern: '^c_', login: '{schema}', owner: 'maker' },
  };

  test('reaches them all, by membership', async () => {
    const looked = await look('switch', sql, ['app', 'c_one', 'c_two', 'c_three', 'maker'], file);
    expect(looked.message('reach.tenants')).toBe('app reaches 3 of 3 tenants');
    expect(
      looked.findings.filter(({ check }) => check === 'oracle.member').map(({ subject }) => subject),
    ).toEqual(['role app: c_one', 'role app: c_three', 'role app: c_two']);
  });
});

describe('a file that is not usable says where', () => {
  const ok = { control: 'app', application: ['app'], tenants: { pattern: '^t' } };
  test.each([
    [[], 'The file must be an object.'],
    [{ ...ok, tenant: {} }, 'The file has no "tenant"; it has style, '],
    [
      { ...ok, style: 'rails' },
      '"style" must be one of tenantry, schema-per-tenant, django-tenants, apartment.',
    ],
    [{ ...ok, tenants: {} }, '"tenants" must say which schemas are tenants’'],
    [{ ...ok, tenants: { pattern: 'a', query: 'b' } }, 'give one of them'],
    [{ ...ok, tenants: { pattern: 7 } }, '"tenants.pattern" must be a text.'],
    [{ ...ok, application: 'app' }, '"application" must be a list of texts.'],
    [{ control: 'app', tenants: { pattern: '^t' } }, 'Say whose SQL tenants run'],
    [
      { ...ok, accepted: [{ check: 'a', subject: '(', reason: 'x' }] },
      '"accepted[0].subject" is no regular expression.',
    ],
    [{ ...ok, accepted: [{ check: 'a', subject: 'b' }] }, '"accepted[0].reason" is missing'],
    [{ ...ok, lanes: ['sealed'] }, '"lanes" belongs to the style tenantry.'],
    [{ style: 'tenantry', shared: ['public'] }, '"shared" does not belong to the style tenantry'],
    [{ style: 'tenantry', lanes: ['other'] }, '"lanes" must be a list of sealed, leased.'],
    [{ style: 'tenantry', slots: -1 }, '"slots" must be a whole number from 0.'],
  ])('%j', (file, message) => {
    expect(() => layoutFromFile(file)).toThrow(message);
  });
});
