import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestPostgres } from '@tenantry/tenancy/embedded';
import type { TestPostgres } from '@tenantry/tenancy/embedded';

import {
  diffSchemas,
  fingerprint,
  renderDiff,
  renderDiffJson,
  snapshotSchema,
} from '../../src/drift/index.ts';
import type { SchemaSnapshot } from '../../src/drift/index.ts';
import { build } from './schema.ts';

let postgres: TestPostgres;
let client: pg.Client;
let count = 0;
beforeAll(async () => {
  postgres = await startTestPostgres();
  client = new pg.Client(postgres.superuserUrl);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

async function schemaOf(sql: string) {
  const schema = `s${count++}`;
  const names = { schema, owner: `${schema}_owner`, user: schema };
  await build(client, names, sql);
  return names;
}

async function snapshotOf(sql: string): Promise<SchemaSnapshot> {
  return snapshotSchema(client, (await schemaOf(sql)).schema);
}

const setting = async (name: string) =>
  (await client.query<{ value: string }>('SELECT current_setting($1) AS value', [name])).rows[0]?.value;

describe('snapshotSchema', () => {
  it('leaves transaction and settings as they were', async () => {
    const { schema } = await schemaOf('CREATE TABLE a (x int)');
    const jit = await setting('jit');
    await client.query(`SET search_path = ${schema}`);
    await snapshotSchema(client, schema);
    expect(client.getTransactionStatus()).toBe('I');
    expect(await setting('search_path')).toBe(schema);
    await client.query(`BEGIN; SET LOCAL search_path = public, ${schema}; CREATE TABLE ${schema}.b (y int)`);
    const inside = await snapshotSchema(client, schema);
    expect(inside.objects.map(({ name }) => name)).toContain('b');
    expect(client.getTransactionStatus()).toBe('T');
    expect(await setting('search_path')).toBe(`public, ${schema}`);
    await client.query('ROLLBACK; RESET search_path');
    expect(await setting('jit')).toBe(jit);
  });

  it('is the same whatever the caller’s search_path and temporary tables are', async () => {
    const { schema } = await schemaOf('CREATE TABLE a (x int); CREATE VIEW v AS SELECT * FROM a');
    const plain = await snapshotSchema(client, schema);
    await client.query(
      `CREATE TEMP TABLE a (z int); CREATE TEMP TABLE pg_class (z int); SET search_path = pg_temp, ${schema}, pg_catalog`,
    );
    try {
      expect(await snapshotSchema(client, schema)).toEqual(plain);
    } finally {
      await client.query('RESET search_path; DROP TABLE pg_temp.a; DROP TABLE pg_temp.pg_class');
    }
  });

  it('runs none of the schema’s functions and operators', async () => {
    const names = await schemaOf(`
      CREATE TABLE pg_class (relname name, oid oid); CREATE TABLE pg_namespace (oid oid);
      CREATE FUNCTION trap(a oid, b regclass) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
      CREATE OPERATOR = (leftarg = oid, rightarg = regclass, function = trap);
      CREATE FUNCTION trap(a oid, b oid) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
      CREATE OPERATOR = (leftarg = oid, rightarg = oid, function = trap);
      CREATE FUNCTION json_build_object(VARIADIC text[]) RETURNS json LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
      CREATE FUNCTION quote_ident(name) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
      CREATE FUNCTION pg_get_expr(pg_node_tree, oid) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
      CREATE FUNCTION set_config(text, text, bool) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
      CREATE VIEW v AS SELECT relname FROM s${count}.pg_class; CREATE TABLE d (a int DEFAULT 3)`);
    await client.query(`SET search_path = ${names.schema}, pg_catalog`);
    try {
      const { objects } = await snapshotSchema(client, names.schema);
      expect(objects.find(({ name }) => name === 'v')?.properties['definition']).toBe(
        ' SELECT relname\n   FROM <schema>.pg_class;',
      );
    } finally {
      await client.query('RESET search_path');
    }
  });

  it('needs USAGE and nothing more, and says so', async () => {
    const { schema } = await schemaOf('CREATE TABLE a (x int DEFAULT 3); CREATE VIEW v AS SELECT * FROM a');
    await client.query('CREATE ROLE onlooker; SET ROLE onlooker');
    await expect(snapshotSchema(client, schema)).rejects.toMatchObject({ code: 'SCHEMA_FORBIDDEN' });
    await client.query(`RESET ROLE; GRANT USAGE ON SCHEMA ${schema} TO onlooker`);
    const before = await snapshotSchema(client, schema);
    await client.query('SET ROLE onlooker');
    try {
      expect(fingerprint(await snapshotSchema(client, schema))).toBe(fingerprint(before));
    } finally {
      await client.query('RESET ROLE');
    }
  });

  it('leaves out rows, values of sequences, statistics and oids', async () => {
    const sql = 'CREATE TABLE a (id serial PRIMARY KEY, x text)';
    const before = await snapshotOf(sql);
    const { schema } = await schemaOf(sql);
    await client.query(`INSERT INTO ${schema}.a (x) SELECT 'x' FROM generate_series(1, 100)`);
    await client.query(`ANALYZE ${schema}.a`);
    await client.query(`VACUUM FULL ${schema}.a`);
    await client.query(`REINDEX TABLE ${schema}.a`);
    expect(fingerprint(await snapshotSchema(client, schema))).toBe(fingerprint(before));
  });

  it('leaves out what an extension brought, not the extension', async () => {
    const { objects } = await snapshotOf('RESET ROLE; CREATE EXTENSION citext');
    expect(
      objects.map(({ kind, name }) => `${kind} ${name}`).filter((key) => !key.startsWith('default')),
    ).toEqual(['extension citext', 'schema <schema>']);
  });

  it('masks roles by the names that it is given', async () => {
    await client.query('CREATE ROLE reader_7');
    const { schema } = await schemaOf('CREATE TABLE a (x int); GRANT SELECT ON a TO reader_7');
    const { objects } = await snapshotSchema(client, schema, { roles: { reader_7: '<reader>' } });
    expect(objects.find(({ name }) => name === 'a')?.properties['grants']).toMatchObject({
      '<reader>': 'SELECT',
    });
  });

  it('leaves out the history table, whatever it is called', async () => {
    const { schema } = await schemaOf('CREATE TABLE schema_version (x int PRIMARY KEY)');
    const { objects } = await snapshotSchema(client, schema, { table: 'schema_version' });
    expect(JSON.stringify(objects)).not.toContain('schema_version');
  });

  it('says so where there is no such schema, and leaves the transaction usable', async () => {
    await expect(snapshotSchema(client, 'nowhere')).rejects.toMatchObject({ code: 'SCHEMA_MISSING' });
    expect(client.getTransactionStatus()).toBe('I');
    await client.query('BEGIN');
    await expect(snapshotSchema(client, 'nowhere')).rejects.toMatchObject({ code: 'SCHEMA_MISSING' });
    expect(client.getTransactionStatus()).toBe('T');
    await client.query('ROLLBACK');
  });

  it('reads large schemas, one of a thousand relations', async () => {
    const snapshot = await snapshotOf(
      `DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY)', i); END LOOP; END $$`,
    );
    expect(snapshot.objects.filter(({ kind }) => kind === 'constraint')).toHaveLength(500);
  });
});

describe('a mistake that counts', () => {
  it('another tenant’s schema in a function is a difference', async () => {
    const body = (schema: string) =>
      `CREATE TABLE a (x int); CREATE FUNCTION f() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM ${schema}.a); END $$`;
    const right = await snapshotOf(body(`s${count}`));
    const wrong = await snapshotOf(body('s0'));
    expect(renderDiff(diffSchemas(right, wrong))).toBe(
      [
        '~ function f()  body: ' +
          ' BEGIN RETURN (SELECT count(*) FROM <schema>.a); END  ->  BEGIN RETURN (SELECT count(*) FROM s0.a); END ',
        '1 difference',
      ].join('\n'),
    );
  });
});

describe('renderDiff', () => {
  it('shows lines of bodies, not bodies', async () => {
    const body = (line: string) =>
      `CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  ${line}\n  RETURN 1;\nEND $$`;
    const [a, b] = [await snapshotOf(body('-- one')), await snapshotOf(body('-- two'))];
    expect(renderDiff(diffSchemas(a, b))).toBe(
      '~ function f()  body:\n    -   -- one\n    +   -- two\n1 difference',
    );
  });

  it('tells of columns in another order', async () => {
    const [a, b] = [
      await snapshotOf('CREATE TABLE a (x int, y int, z int)'),
      await snapshotOf('CREATE TABLE a (x int, z int, y int, w int)'),
    ];
    expect(renderDiff(diffSchemas(a, b))).toBe(
      '+ column a.w\n~ table a  columns: (x, y, z) -> (x, z, y)\n2 differences',
    );
    expect(diffSchemas(a, b)[1]?.kind).toBe('reordered');
    expect(JSON.parse(renderDiffJson(diffSchemas(a, b)))).toMatchObject({
      equal: false,
      differences: [{ kind: 'unexpected' }, {}],
    });
  });

  it('is the same for a snapshot that was stored as JSON', async () => {
    const a = await snapshotOf('CREATE TABLE a (x int)');
    const stored = JSON.parse(JSON.stringify(a)) as SchemaSnapshot;
    expect(diffSchemas(stored, a)).toEqual([]);
    expect(fingerprint(stored)).toBe(fingerprint(a));
  });
});
