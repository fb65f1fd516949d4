import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { advisoryKey, info, migrate, validate } from '../../src/index.ts';
import { refusal } from '../support/files.ts';
import { connect, startDatabase } from './database.ts';
import type { Database } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

describe('roles and search_path', () => {
  it('of one script do not reach the next', async () => {
    const { client } = database;
    await client.query('create role other_role; grant create on database postgres to other_role');
    const project = await database.project({
      'V1__a.sql': 'create table a (id int); set role other_role; set search_path = pg_temp;',
      'V2__b.sql': 'create table b as select current_user::text as who;',
      'V3__c.sql': "select set_config('search_path', '', false), set_config('role', 'other_role', false);",
      'R__r.sql':
        'create or replace view r as select current_schema()::text as s; insert into b values (current_user);',
    });
    await project.run(migrate);
    expect(await project.query('select who from b')).toEqual(['postgres', 'postgres']);
    expect(await project.query('select distinct installed_by from flyway_schema_history')).toEqual([
      'postgres',
    ]);
    await client.query('drop owned by other_role; drop role other_role');
  });

  it('begin with what initSql leaves', async () => {
    const { client } = database;
    const project = await database.project({ 'V1__a.sql': 'create table a (id int);' });
    await client.query(`create role owner_role; create schema ${project.schema} authorization owner_role`);
    await project.run(migrate, { initSql: "set role owner_role; set statement_timeout = '1min'" });
    expect(
      await project.query(
        "select relowner::regrole::text from pg_class where oid in ('a'::regclass, 'flyway_schema_history'::regclass)",
      ),
    ).toEqual(['owner_role', 'owner_role']);
    expect(await project.query('select installed_by from flyway_schema_history')).toEqual(['owner_role']);
  });

  it('name the error of initSql', async () => {
    const project = await database.project({ 'V1__a.sql': 'create table a (id int);' });
    expect(await refusal(project.run(migrate, { initSql: 'set role nobody_at_all' }))).toMatchObject({
      code: 'MIGRATION_FAILED',
      flywayCode: 'DB_CONNECTION',
      sqlState: '22023',
    });
  });
});

describe('commits inside a script', () => {
  it('decide about what came before them, and the lock is kept', async () => {
    const key = advisoryKey('s_commit', 'flyway_schema_history');
    const locks = `select count(*)::int as n from pg_locks where locktype = 'advisory' and (classid::bigint << 32 | objid::bigint) = ${key}`;
    const project = await database.project(
      { 'V1__a.sql': `create table a as ${locks};\ncommit;\ninsert into a ${locks};\n` },
      { schemas: ['s_commit'] },
    );
    await project.run(migrate);
    const { rows } = await database.client.query('select n from s_commit.a');
    expect(rows.every(({ n }: { n: number }) => n > 0)).toBe(true);
    expect(rows).toHaveLength(2);
    const { rows: left } = await database.client.query<{ n: number }>(locks);
    expect(left).toEqual([{ n: 0 }]);
  });
});

describe('contained', () => {
  it('refuses what lies outside the schema, and keeps nothing of it', async () => {
    const { client } = database;
    await client.query('create role contained_role; grant create on schema public to contained_role');
    const files = {
      'V1__a.sql': 'create table a (id int);',
      'V2__b.sql': 'create table inside (id int);\ncreate table public.outside (id int);',
    };
    const project = await database.project(files, { contained: true, initSql: 'set role contained_role' });
    await client.query(`create schema ${project.schema} authorization contained_role`);
    const error = await refusal(project.run(migrate));
    expect(error).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      file: 'V2__b.sql',
      line: 2,
      rule: 'outside',
    });
    expect(await project.history()).toEqual(['1 1 SQL V1__a.sql t']);
    expect(
      await project.query("select to_regclass('inside') is null and to_regclass('public.outside') is null"),
    ).toEqual([true]);
    await writeFile(join(project.directory, 'V2__b.sql'), 'create table inside (id int);');
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 1 });
  });
});

describe('contained, as a role that has more than the schema', () => {
  it('what was there before is no escape, what is new is one', async () => {
    const { client } = database;
    await client.query('create role owner_of_two; create schema second authorization owner_of_two');
    await client.query('create table second.before (a int); alter table second.before owner to owner_of_two');
    const files = { 'V1__a.sql': 'create table a (id int);' };
    const project = await database.project(files, { contained: true, initSql: 'set role owner_of_two' });
    await client.query(`create schema ${project.schema} authorization owner_of_two`);
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 1 });
    await writeFile(join(project.directory, 'V2__b.sql'), 'create table second.escaped (id int);');
    expect(await refusal(project.run(migrate))).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      file: 'V2__b.sql',
      rule: 'outside',
    });
  });
});

describe('another migration', () => {
  it('is waited for while its script outside a transaction counts as failed', async () => {
    const project = await database.project({ 'V1__a.sql': 'create table a (id int);' });
    await project.run(migrate);
    await writeFile(join(project.directory, 'V2__i.sql'), 'create index concurrently i on a (id);');
    const reader = await connect(database.url);
    // The build waits for this transaction, and so does the second migrate.
    await reader.query(`begin isolation level repeatable read; select from ${project.schema}.a`);
    const first = project.run(migrate);
    await untilRow(project.schema, 'not success');
    const { list } = await project.run(info);
    expect(list.failed().map(({ version }) => version)).toEqual(['2']);
    const second = project.run(migrate);
    await untilRow(project.schema, 'not success');
    await reader.query('commit');
    expect((await first).migrationsExecuted + (await second).migrationsExecuted).toBe(1);
    expect(await project.run(validate)).toMatchObject({ validationSuccessful: true });
    await reader.end();
  });

  it('ends the wait when it takes too long', async () => {
    const project = await database.project({ 'V1__a.sql': 'create table a (id int);' });
    await project.run(migrate);
    await writeFile(join(project.directory, 'V2__b.sql'), 'create table b (id int);');
    const other = await connect(database.url);
    const key = advisoryKey(project.schema, 'flyway_schema_history');
    await other.query('select pg_advisory_lock($1)', [key]);
    const error = await refusal(project.run(migrate, { lockRetryCount: 0 }));
    expect(error).toMatchObject({ code: 'MIGRATION_LOCKED', flywayCode: 'ERROR' });
    expect(error.hint).toContain(String(key));
    await other.query('select pg_advisory_unlock($1)', [key]);
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 1 });
    await other.end();
  });

  it('that went on meanwhile is seen before a script runs', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (id int);',
      'V2__b.sql': 'create table b (id int);',
    });
    await project.run(migrate, { target: '1' });
    // A callback is the moment between the plan and the first script.
    await writeFile(
      join(project.directory, 'beforeMigrate.sql'),
      `insert into flyway_schema_history select 2, '2', 'b', 'SQL', 'V2__b.sql', null, 'other', now(), 0, true;`,
    );
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 0 });
    expect(await project.query("select to_regclass('b') is null")).toEqual([true]);
  });
});

async function untilRow(schema: string, condition: string): Promise<void> {
  for (;;) {
    const { rowCount } = await database.client.query(
      `select from ${schema}.flyway_schema_history where ${condition}`,
    );
    if (rowCount === 1) return;
  }
}
