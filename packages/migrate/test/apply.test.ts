import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { advisoryKey, applyToEmptySchema, runDeferred } from '../src/index.ts';
import type { Revision } from '../src/index.ts';
import { asOwner, startCell } from './support/cell.ts';
import type { Cell, Tenant } from './support/cell.ts';
import { applied, lines, refusal, setOf } from './support/files.ts';

let cell: Cell;
beforeAll(async () => {
  cell = await startCell();
});
afterAll(() => cell.stop());

async function rowsOf<T extends pg.QueryResultRow>({ schema }: Tenant, sql: string): Promise<T[]> {
  return cell.superuser(async (client) => {
    await client.query(`SET search_path = ${pg.escapeIdentifier(schema)}`);
    return (await client.query<T>(sql)).rows;
  });
}

/** Names of everything in a schema. */
async function contents({ schema }: Tenant): Promise<number> {
  const { rows } = await cell.client.query<{ count: string }>(
    'SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace($1)',
    [pg.escapeIdentifier(schema)],
  );
  return Number(rows[0]?.count);
}

describe('applyToEmptySchema', () => {
  it('applies every file in order and says what it did', async () => {
    const seen: Revision[] = [];
    const result = await applied(
      cell,
      {
        'R__view.sql': 'create view v as select a, b from t',
        'V2__b.sql': 'alter table t add b int',
        'V1__a.sql': 'create table t (a int); -- end',
      },
      { onRevision: (revision) => seen.push(revision) },
    );
    expect(result.schemaVersion).toBe('2');
    expect(
      result.revisions.map(({ installedRank, version, script }) => [installedRank, version, script]),
    ).toEqual([
      [1, '1', 'V1__a.sql'],
      [2, '2', 'V2__b.sql'],
      [3, null, 'R__view.sql'],
    ]);
    expect(seen).toEqual(result.revisions);
    expect(
      await rowsOf(
        result.tenant,
        'select installed_rank, installed_by, success from flyway_schema_history order by 1',
      ),
    ).toEqual(
      [1, 2, 3].map((installed_rank) => ({
        installed_rank,
        installed_by: result.tenant.owner,
        success: true,
      })),
    );
  });

  it('measures each file on the server', async () => {
    const { revisions } = await applied(cell, {
      'V1__a.sql': 'select 1',
      'V2__slow.sql': 'select pg_sleep(0.05)',
    });
    expect(revisions[1]?.executionTimeMs).toBeGreaterThanOrEqual(50);
  });

  it('puts placeholders in place, Flyway’s own among them', async () => {
    const sql = (key: string) =>
      `create table ${key} as select '\${flyway:defaultSchema}|\${flyway:user}|\${flyway:filename}|\${MINE}' as v;`;
    const first = await applied(cell, { 'V1__a.sql': sql('t') }, { placeholders: { mine: 'x' } });
    const { schema, owner } = first.tenant;
    expect(await rowsOf(first.tenant, 'select v from t')).toEqual([{ v: `${schema}|${owner}|V1__a.sql|x` }]);
  });

  it('parses once for schemas whose names have the same length, and again for others', async () => {
    const set = await setOf({ 'V1__a.sql': 'create table ${flyway:defaultSchema}.t (a int);\nselect 1;' });
    for (const name of ['cached_aaaaaaa', 'cached_bbbbbbb', 'cached_longer_name', 'short', 'Quoted "x"']) {
      const tenant = await cell.newSchema(name);
      const work = asOwner(cell.client, tenant, () =>
        applyToEmptySchema(cell.client, set, { schema: tenant.schema }),
      );
      if (name.includes('"')) expect((await refusal(work)).code).toBe('MIGRATION_SYNTAX');
      else await work;
    }
    const quoted = await setOf({ 'V1__a.sql': 'create table t (a int);' });
    const tenant = await cell.newSchema('Quoted "y"');
    await asOwner(cell.client, tenant, () =>
      applyToEmptySchema(cell.client, quoted, { schema: tenant.schema }),
    );
    expect(await rowsOf(tenant, 'select success from flyway_schema_history')).toEqual([{ success: true }]);
  });

  it('a repeatable’s checksum is that of the text with values in place', async () => {
    const set = {
      'R__a.sql': 'select ${flyway:timestamp}'.replace('${flyway:timestamp}', "'${flyway:defaultSchema}'"),
    };
    const one = await applied(cell, set);
    const two = await applied(cell, set);
    expect(one.revisions[0]?.checksum).not.toBe(two.revisions[0]?.checksum);
  });

  it('sends inline COPY data', async () => {
    const { tenant } = await applied(cell, {
      'V1__a.sql':
        "create table t (a int, b text);\nCOPY t FROM stdin;\n1\tone;two\n2\t'é🦊\n3\t\\N\n\\.\ninsert into t values (4, 'x');\nCOPY t FROM STDIN WITH (FORMAT csv);\n5,y\n\\.\n",
    });
    expect(await rowsOf(tenant, 'select * from t order by a')).toEqual([
      { a: 1, b: 'one;two' },
      { a: 2, b: "'é🦊" },
      { a: 3, b: null },
      { a: 4, b: 'x' },
      { a: 5, b: 'y' },
    ]);
  });

  it('runs CONCURRENTLY forms as plain statements', async () => {
    const { tenant } = await applied(cell, {
      'V1__a.sql': `create table t (a int) partition by list (a);
        create table p partition of t for values in (1);
        create table q (a int, concurrently_ int);
        create /* CONCURRENTLY */ unique index concurrently i on q (a);
        create index concurrently on q (concurrently_);
        reindex index concurrently i;
        reindex (concurrently) table q;
        drop index concurrently i;
        alter table t detach partition p concurrently;`,
    });
    expect(
      await rowsOf(tenant, "select relname from pg_class where relkind = 'i' and relname like 'q%'"),
    ).toHaveLength(1);
  });

  it('an allowed extension is there already, however a file asks for it', async () => {
    const sql =
      'create extension pgcrypto;\ncreate extension if not exists "uuid-ossp" with schema public version \'1.1\';';
    const { tenant } = await applied(
      cell,
      {
        'V1__a.sql': `${sql}\ncreate table t (a uuid default uuid_generate_v4(), b bytea default gen_random_bytes(4));`,
      },
      { allowedExtensions: ['pgcrypto', 'uuid-ossp'] },
    );
    expect(await contents(tenant)).toBeGreaterThan(0);
  });

  it('a BEGIN and COMMIT around a file and its own CREATE SCHEMA have no effect', async () => {
    const { revisions } = await applied(cell, {
      'V1__a.sql':
        'begin;\ncreate schema if not exists ${flyway:defaultSchema};\ncreate table t (a int);\ncommit;',
    });
    expect(revisions).toHaveLength(1);
  });

  it('checks deferred constraints where each file ends, and defers them again in the next', async () => {
    const { tenant } = await applied(cell, {
      'V1__a.sql': `create table a (id int primary key);
        create table b (id int, a int references a deferrable initially deferred, i int references a deferrable);
        insert into b values (1, 1, null); insert into a values (1);`,
      'V2__b.sql': 'alter table b add c int; alter table a add c int;',
      'V3__c.sql': 'insert into b values (2, 2, null); insert into a values (2);',
      'V4__d.sql': 'alter table b drop column c;',
    });
    expect(await rowsOf(tenant, 'select count(*)::int as n from b')).toEqual([{ n: 2 }]);
    const error = await refusal(
      applied(cell, {
        'V1__a.sql':
          'create table a (id int primary key);\ncreate table b (a int references a deferrable initially deferred);',
        'V2__b.sql': 'insert into b values (7);\n',
        'V3__c.sql': 'select 1;',
      }),
    );
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', file: 'V2__b.sql', sqlState: '23503' });
  });

  it('uses an enum value in the transaction that added it', async () => {
    const { revisions } = await applied(cell, {
      'V1__a.sql': "create type mood as enum ('ok'); create table t (m mood);",
      'V2__b.sql': "alter type mood add value 'sad';",
      'V3__c.sql': "insert into t values ('sad');",
    });
    expect(revisions).toHaveLength(3);
  });

  it('keeps the schema’s users from writing to the history', async () => {
    const { tenant } = await applied(cell, { 'V1__a.sql': 'create table t (a int)' });
    const [can] = await rowsOf<{ t: boolean; h: boolean }>(
      tenant,
      `select has_table_privilege('${tenant.schema}', 't', 'INSERT') as t, has_table_privilege('${tenant.schema}', 'flyway_schema_history', 'INSERT, UPDATE, DELETE') as h`,
    );
    expect(can).toEqual({ t: true, h: false });
  });

  it('abbreviates long names as Flyway does', async () => {
    const { revisions, tenant } = await applied(cell, { [`V1__${'d'.repeat(230)}.sql`]: 'select 1' });
    const [row] = await rowsOf<{ description: string }>(
      tenant,
      'select description from flyway_schema_history',
    );
    expect(row?.description).toBe(`${'d'.repeat(197)}...`);
    expect(revisions[0]?.description).toHaveLength(230);
  });

  it('leaves everything to the caller’s transaction', async () => {
    const set = await setOf({ 'V1__a.sql': 'create table t (a int)' });
    const tenant = await cell.newSchema();
    const work = asOwner(cell.client, tenant, async () => {
      await applyToEmptySchema(cell.client, set, { schema: tenant.schema });
      throw new Error('on purpose');
    });
    await expect(work).rejects.toThrow('on purpose');
    expect(await contents(tenant)).toBe(0);
    await expect(applyToEmptySchema(cell.client, set, { schema: tenant.schema })).rejects.toThrow(
      'open transaction',
    );
  });

  it('refuses to run where names would not mean the schema', async () => {
    const set = await setOf({ 'V1__a.sql': 'create table t (a int)' });
    const [tenant, other] = [await cell.newSchema(), await cell.newSchema()];
    const work = asOwner(cell.client, other, () =>
      applyToEmptySchema(cell.client, set, { schema: tenant.schema }),
    );
    await expect(work).rejects.toThrow('search_path');
  });

  it('ends with the error when the connection is cut in the middle', async () => {
    const sql = "\ndo $$ begin raise notice 'here'; perform pg_sleep(60); end $$;";
    const set = await setOf({ 'V1__a.sql': 'create table t (a int);', 'V2__cut.sql': sql, 'V3__c.sql': '' });
    const tenant = await cell.newSchema();
    const client = new pg.Client(cell.url);
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const cut = new Promise((resolve, reject) => {
      client.once('notice', () => {
        cell
          .superuser((other) => other.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]))
          .then(resolve, reject);
      });
    });
    await client.query(`BEGIN; SET LOCAL ROLE ${tenant.owner}; SET LOCAL search_path = ${tenant.schema}`);
    const error = await refusal(applyToEmptySchema(client, set, { schema: tenant.schema }));
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      file: 'V2__cut.sql',
      line: 2,
      sqlState: '57P01',
    });
    await cut;
    expect(await contents(tenant)).toBe(0);
  });

  it('an error thrown by onRevision is the error of the call', async () => {
    const work = applied(
      cell,
      { 'V1__a.sql': 'select 1', 'V2__a.sql': 'select 1' },
      {
        onRevision: () => {
          throw new Error('from the listener');
        },
      },
    );
    await expect(work).rejects.toThrow('from the listener');
  });
});

describe('a failure names file and line', () => {
  it('of the token that PostgreSQL points at', async () => {
    const error = await refusal(
      applied(cell, {
        'V1__ok.sql': "select 'é🦊';\ncreate index concurrently i on pg_temp.x (a);".replace(
          /create index.*/,
          '',
        ),
        'V2__bad.sql': `${lines(38)}select\n  a from nowhere_to_be_found;\n`,
      }),
    );
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      file: 'V2__bad.sql',
      line: 40,
      sqlState: '42P01',
      statement: 'select\n  a from nowhere_to_be_found',
    });
    expect(error.message).toContain('V2__bad.sql, line 40');
  });

  it('behind characters of any width and texts that were replaced', async () => {
    const before = `create table t (a int);
-- é🦊漢
create index concurrently i on t (a); create extension pgcrypto; create extension pgcrypto;
copy t from stdin;
1
\\.
select '🦊', '\${flyway:defaultSchema}';
`;
    const sql = `${before}${lines(31)}select\n 1,\n b from t\n\n;`;
    const error = await refusal(applied(cell, { 'V1__bad.sql': sql }, { allowedExtensions: ['pgcrypto'] }));
    expect(error).toMatchObject({ line: 41, sqlState: '42703' });
  });

  it('of a statement without a position', async () => {
    const sql = `create table t (a int primary key);\ninsert into t values (1);\n${lines(37)}insert into t values (1);`;
    expect(await refusal(applied(cell, { 'V1__bad.sql': sql }))).toMatchObject({
      line: 40,
      sqlState: '23505',
    });
  });

  it('inside a DO block', async () => {
    const sql = `${lines(35)}do $$\ndeclare i int;\nbegin\n  i := 1;\n  i := i / 0;\nend $$;`;
    expect(await refusal(applied(cell, { 'V1__bad.sql': sql }))).toMatchObject({
      line: 40,
      sqlState: '22012',
    });
  });

  it('of the data of a COPY', async () => {
    const sql = `create table t (a int);\n${lines(36)}copy t from stdin;\n1\nx\n\\.\nselect 1;`;
    expect(await refusal(applied(cell, { 'V1__bad.sql': sql }))).toMatchObject({
      code: 'MIGRATION_FAILED',
      line: 40,
      sqlState: '22P02',
    });
  });

  it('raised by a migration itself', async () => {
    const sql = "do $$ begin raise exception 'no' using errcode = '42501'; end $$";
    expect(await refusal(applied(cell, { 'V1__bad.sql': sql }))).toMatchObject({
      code: 'MIGRATION_FAILED',
      sqlState: '42501',
    });
  });

  it('and nothing is left', async () => {
    const tenant = await cell.newSchema();
    const set = await setOf({ 'V1__a.sql': 'create table t (a int)', 'V2__b.sql': 'select 1/0' });
    await refusal(
      asOwner(cell.client, tenant, () => applyToEmptySchema(cell.client, set, { schema: tenant.schema })),
    );
    expect(await contents(tenant)).toBe(0);
  });
});

describe('before anything runs', () => {
  it.each([
    ['MIGRATION_LINT', 'session-role', 'SET ROLE x'],
    ['MIGRATION_LINT', 'transaction-control', 'COMMIT'],
    ['MIGRATION_LINT', 'extension', 'CREATE EXTENSION dblink'],
    ['MIGRATION_NOT_CONTAINED', 'hard-coded-schema', 'CREATE TABLE public.x (a int)'],
  ])('%s %s', async (code, rule, sql) => {
    const error = await refusal(applied(cell, { 'V1__a.sql': 'select 1/0', 'V2__bad.sql': `\n\n${sql};` }));
    expect(error).toMatchObject({ code, rule, file: 'V2__bad.sql', line: 3 });
    expect(error.hint).toBeTruthy();
  });

  it('a schema that is absent or not empty is refused', async () => {
    const set = await setOf({ 'V1__a.sql': 'select 1' });
    const tenant = await cell.newSchema();
    const apply = (schema: string) =>
      asOwner(cell.client, tenant, () => applyToEmptySchema(cell.client, set, { schema }));
    expect(await refusal(apply('nowhere'))).toMatchObject({ code: 'MIGRATION_FAILED', sqlState: '3F000' });
    await apply(tenant.schema);
    expect(await refusal(apply(tenant.schema))).toMatchObject({
      code: 'MIGRATION_FAILED',
      sqlState: '42P07',
    });
  });
});

describe('the lock', () => {
  it('keeps a second migration of the schema out', async () => {
    const tenant = await cell.newSchema();
    const set = await setOf({ 'V1__a.sql': 'select 1' });
    const options = { schema: tenant.schema, lockTimeoutMs: 50 };
    const apply = () => asOwner(cell.client, tenant, () => applyToEmptySchema(cell.client, set, options));
    const key = advisoryKey(tenant.schema, 'flyway_schema_history');
    await cell.superuser(async (other) => {
      await other.query('SELECT pg_advisory_lock($1)', [key]);
      expect(await refusal(apply())).toMatchObject({ code: 'MIGRATION_LOCKED', sqlState: '55P03' });
      await other.query('SELECT pg_advisory_unlock($1)', [key]);
    });
    await apply();
  });

  it('has a timeout of its own, which is not the migrations’', async () => {
    const { tenant } = await applied(
      cell,
      { 'V1__a.sql': "create table t as select current_setting('lock_timeout') as v" },
      { lockTimeoutMs: 1234 },
    );
    expect(await rowsOf(tenant, 'select v from t')).toEqual([{ v: '0' }]);
  });
});

describe('runDeferred', () => {
  const files = {
    'V1__a.sql': 'create table t (a int);',
    'V2__vacuum.sql': '-- é\nvacuum analyze t;\nselect 1;\nreindex schema ${flyway:defaultSchema};',
  };

  async function asSessionOwner(tenant: Tenant, work: () => Promise<void>): Promise<void> {
    await cell.client.query(`SET ROLE ${tenant.owner}; SET search_path = ${tenant.schema}, extensions`);
    try {
      await work();
    } finally {
      await cell.client.query('DISCARD ALL');
    }
  }

  it('runs what cannot run in a transaction and marks its row', async () => {
    const { tenant, deferred, revisions } = await applied(cell, files);
    expect(revisions.map(({ success }) => success)).toEqual([true, false]);
    expect(deferred).toEqual([
      { installedRank: 2, script: 'V2__vacuum.sql', line: 2, sql: 'vacuum analyze t' },
      { installedRank: 2, script: 'V2__vacuum.sql', line: 4, sql: `reindex schema ${tenant.schema}` },
    ]);
    await asSessionOwner(tenant, () => runDeferred(cell.client, deferred, { schema: tenant.schema }));
    expect(await rowsOf(tenant, 'select success from flyway_schema_history order by installed_rank')).toEqual(
      [{ success: true }, { success: true }],
    );
    const { rows } = await cell.client.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'");
    expect(rows).toEqual([]);
  });

  it('can be repeated after a failure', async () => {
    const { tenant, deferred } = await applied(cell, files);
    const broken = [
      { ...deferred[0], sql: 'vacuum gone' } as (typeof deferred)[number],
      ...deferred.slice(1),
    ];
    await asSessionOwner(tenant, async () => {
      const error = await refusal(runDeferred(cell.client, broken, { schema: tenant.schema }));
      expect(error).toMatchObject({
        code: 'MIGRATION_FAILED',
        file: 'V2__vacuum.sql',
        line: 2,
        sqlState: '42P01',
      });
    });
    expect(await rowsOf(tenant, 'select success from flyway_schema_history where not success')).toHaveLength(
      1,
    );
    await asSessionOwner(tenant, () => runDeferred(cell.client, deferred, { schema: tenant.schema }));
    expect(await rowsOf(tenant, 'select success from flyway_schema_history where not success')).toHaveLength(
      0,
    );
  });
});
