import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flyway, flywayWith } from '@tenantry/migrate/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../src/embedded/index.ts';
import { kitOf } from '../../src/testing/members.ts';
import {
  startTestTenants,
  type MakeSchema,
  type TestTenant,
  type TestTenants,
  type TestTenantsOptions,
} from '../../src/testing/index.ts';

const workspace = fileURLToPath(new URL('../../../../', import.meta.url));
const data = process.env['TENANTRY_FLYWAY_DATA'] ?? join(workspace, '../shared/flyway');
const missing = !existsSync(join(data, 'real'));

/** One for all: each kit has a database of its own on it. */
let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server?.stop());

let tenants: TestTenants | undefined;
afterEach(async () => {
  await tenants?.stop();
  tenants = undefined;
});

async function pairOf(
  schema: MakeSchema,
  more: Partial<TestTenantsOptions> = {},
): Promise<[TestTenant, TestTenant]> {
  tenants = await startTestTenants({ schema, spares: 0, postgres: { url: server.superuserUrl }, ...more });
  return tenants.pair();
}

/** What is wrong with a pair: keys that are not the same, tables without rows, a canary of the other. */
function faults([a, b]: readonly [TestTenant, TestTenant]): readonly string[] {
  const theirs = kitOf(b).planted;
  return kitOf(a).planted.flatMap(({ name, rows, primaryKey }, i) => {
    const others = theirs[i]!.rows;
    const keysOf = (list: typeof rows) =>
      JSON.stringify(list.map((row) => primaryKey.map((column) => row[column])));
    const rules: readonly (readonly [holds: boolean, otherwise: string])[] = [
      [rows.length > 0, `${name} is empty`],
      [rows.length === others.length, `${name} has ${rows.length} and ${others.length} rows`],
      [keysOf(rows) === keysOf(others), `${name} has other keys`],
      [!JSON.stringify(rows).toLowerCase().includes(b.canary), `${name} has the other's canary`],
    ];
    return rules.flatMap(([holds, otherwise]) => (holds ? [] : otherwise));
  });
}

const withCanary = (tenant: TestTenant): readonly string[] =>
  kitOf(tenant).planted.flatMap(({ name, rows }) =>
    JSON.stringify(rows).toLowerCase().includes(tenant.canary) ? [name] : [],
  );

describe('projects', () => {
  test('the sample product: enums, triggers, checks, generated columns, partial indexes', async () => {
    const pair = await pairOf(flyway(join(workspace, 'examples/sample-saas/migrations')));
    expect(faults(pair)).toEqual([]);
    expect(kitOf(pair[0]).planted).toHaveLength(22);
    expect(withCanary(pair[0])).toHaveLength(18);
    for (const tenant of pair) {
      const { rows } = await tenant.query('SELECT id, name FROM accounts ORDER BY id');
      expect(rows).toEqual([1, 2, 3].map((id, i) => ({ id: `${id}`, name: `${tenant.canary}${'abc'[i]}` })));
      // Sequences go on behind the rows.
      await tenant.query(`INSERT INTO accounts (name) VALUES ('next')`);
    }
  });

  test.skipIf(missing).each([
    ['conductor', 21],
    ['interventions', 49],
    ['ohdsi-webapi', 104],
  ])(
    `%s${missing ? ' (TENANTRY_FLYWAY_DATA names no directory with the data)' : ''}`,
    async (name, tables) => {
      const schema = flywayWith(
        { placeholders: { ohdsiSchema: '{schema}' } },
        join(data, 'real', name, 'sql'),
      );
      const pair = await pairOf(schema, { extensions: ['pgcrypto', 'uuid-ossp'] });
      expect(faults(pair)).toEqual([]);
      expect(kitOf(pair[0]).planted).toHaveLength(tables);
      expect(withCanary(pair[0]).length).toBeGreaterThan(tables / 2);
    },
  );
});

/** Each is one thing that stands in the way of a row. */
const hard: Readonly<Record<string, string>> = {
  'columns of every type': `CREATE TABLE t (a int2, b numeric(5,2) NOT NULL, c date NOT NULL, d time NOT NULL, e timetz NOT NULL, f interval NOT NULL,
    g inet NOT NULL, h cidr NOT NULL, i macaddr NOT NULL, j point NOT NULL, k polygon NOT NULL, l circle NOT NULL, m int4range NOT NULL,
    n tstzrange NOT NULL, o bit(3) NOT NULL, p varbit NOT NULL, q json NOT NULL, r xml NOT NULL, s bytea NOT NULL, t text[] NOT NULL,
    u int[] NOT NULL, v tsvector NOT NULL, w money NOT NULL, x "char" NOT NULL, y name NOT NULL, z float8 NOT NULL, aa int4multirange NOT NULL,
    bb lseg NOT NULL, cc box NOT NULL, dd path NOT NULL, ee line NOT NULL, ff macaddr8 NOT NULL, gg uuid NOT NULL, hh oid NOT NULL, ii jsonpath)`,
  'names in capitals and with quotes': `CREATE TABLE "Order Item" ("Id" serial PRIMARY KEY, "he said ""no""" text NOT NULL, "select" text)`,
  'a domain with a rule': `CREATE DOMAIN mail AS text CHECK (VALUE ~ '^[^@]+@[^@]+$'); CREATE DOMAIN work_mail AS mail CHECK (length(VALUE) > 6);
    CREATE TABLE t (id int PRIMARY KEY, address work_mail NOT NULL)`,
  'rules over several columns': `CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, state text NOT NULL CHECK (state IN ('new', 'done')), done_at timestamptz, amount int NOT NULL,
    least int NOT NULL, most int NOT NULL, CHECK ((state = 'done') = (done_at IS NOT NULL)), CHECK (least < most AND amount BETWEEN 700 AND 710))`,
  'texts of a length': `CREATE TABLE t (id char(26) PRIMARY KEY, hash text NOT NULL CHECK (length(hash) = 64), short varchar(3) NOT NULL, code text NOT NULL CHECK (code ~ '^[A-Z]{2}-[0-9]{4}$'), note text)`,
  'a key of texts that others name': `CREATE TABLE kinds (code text PRIMARY KEY CHECK (code ~ '^[a-z]+$'), title text NOT NULL);
    CREATE TABLE things (code text REFERENCES kinds, n int, title text UNIQUE NOT NULL, PRIMARY KEY (code, n))`,
  'keys of several columns': `CREATE TABLE a (x int, y uuid, name text, PRIMARY KEY (x, y)); CREATE TABLE b (id int PRIMARY KEY, x int NOT NULL, y uuid NOT NULL, FOREIGN KEY (x, y) REFERENCES a)`,
  'a table that names itself': `CREATE TABLE t (id serial PRIMARY KEY, parent int REFERENCES t, name text)`,
  'tables that name each other': `CREATE TABLE a (id int PRIMARY KEY, name text, b int); CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b`,
  'a constraint that is checked late': `CREATE TABLE a (id int PRIMARY KEY, name text); CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL UNIQUE REFERENCES a DEFERRABLE INITIALLY DEFERRED)`,
  'partitions by list, range and hash': `CREATE TABLE l (id int, region text NOT NULL, name text) PARTITION BY LIST (region); CREATE TABLE l1 PARTITION OF l FOR VALUES IN ('north', 'south');
    CREATE TABLE r (id int, at date NOT NULL, name text) PARTITION BY RANGE (at); CREATE TABLE r1 PARTITION OF r FOR VALUES FROM ('1999-05-01') TO ('1999-06-01');
    CREATE TABLE h (id int PRIMARY KEY, name text) PARTITION BY HASH (id); CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (modulus 2, remainder 0); CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (modulus 2, remainder 1);
    CREATE TABLE nowhere (id int, name text) PARTITION BY LIST (id)`,
  'one row at most': `CREATE TABLE settings (id int PRIMARY KEY CHECK (id = 1), name text NOT NULL)`,
  'an exclusion': `CREATE TABLE t (id serial PRIMARY KEY, during tsrange NOT NULL, room text, EXCLUDE USING gist (during WITH &&))`,
  'a trigger that refuses': `CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL, nick text, level int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.nick IS NOT NULL THEN RAISE EXCEPTION 'no nicknames'; END IF; RETURN NEW; END $$; CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()`,
  'generated columns and identities': `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, upper_name text GENERATED ALWAYS AS (upper(name)) STORED, big bigint GENERATED BY DEFAULT AS IDENTITY)`,
  'an index over an expression': `CREATE TABLE t (id serial PRIMARY KEY, email text NOT NULL, gone boolean NOT NULL); CREATE UNIQUE INDEX ON t (lower(email)) WHERE NOT gone`,
  'a view that is stored': `CREATE TABLE t (id serial PRIMARY KEY, name text); CREATE MATERIALIZED VIEW m AS SELECT name FROM t`,
  'a table without a column that must be': `CREATE TABLE t (id serial PRIMARY KEY, name text); CREATE TABLE empty ()`,
};

describe('schemas that stand in the way', () => {
  test.each(Object.keys(hard))('%s', async (name) => {
    const pair = await pairOf((client) => client.query(hard[name]!));
    expect(faults(pair)).toEqual([]);
    expect(withCanary(pair[1]).length).toBeGreaterThan(0);
    // Again, by what was found out the first time.
    const again = await tenants!.pair();
    expect(faults(again)).toEqual([]);
    expect(kitOf(again[0]).planted.map(({ rows }) => rows.length)).toEqual(
      kitOf(pair[0]).planted.map(({ rows }) => rows.length),
    );
  });

  test('what a tenant sees is computed of the rows', async () => {
    const [a] = await pairOf((client) => client.query(hard['a view that is stored']!));
    const { rows } = await a.query<{ name: string }>('SELECT name FROM m ORDER BY 1');
    expect(rows.map(({ name }) => name)).toEqual(['a', 'b', 'c'].map((letter) => a.canary + letter));
  });
});

describe('where it cannot be', () => {
  test.each([
    [
      'a trigger that lets nothing pass',
      `CREATE TABLE refusing (id int PRIMARY KEY, name text); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'closed on mondays'; END $$; CREATE TRIGGER t BEFORE INSERT ON refusing FOR EACH ROW EXECUTE FUNCTION f()`,
      /refusing takes: closed on mondays \(SQLSTATE P0001\).*`plant`/,
    ],
    [
      'no text at all',
      'CREATE TABLE numbers (id int PRIMARY KEY)',
      /No table has a column that a canary fits into/,
    ],
    ['no table', 'SELECT 1', /no table that a tenant may write to/],
  ])('%s is told, with what to do', async (_, sql, message) => {
    await expect(pairOf((client) => client.query(sql))).rejects.toMatchObject({
      code: 'TESTING_PLANT',
      message: expect.stringMatching(message) as string,
    });
  });

  test('the caller’s own function does it', async () => {
    const schema: MakeSchema = (client) => client.query('CREATE TABLE codes (id int PRIMARY KEY, code text)');
    const [a, b] = await pairOf(schema, {
      plant: (client, tenant) => client.query('INSERT INTO codes VALUES (1, $1)', [tenant.canary]),
    });
    expect((await a.query('SELECT * FROM codes')).rows).toEqual([{ id: 1, code: a.canary }]);
    expect((await b.query('SELECT * FROM codes')).rows).toEqual([{ id: 1, code: b.canary }]);
  });
});
