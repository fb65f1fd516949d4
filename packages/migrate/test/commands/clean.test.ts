import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { clean, migrate } from '../../src/index.ts';
import { refusal } from '../support/files.ts';
import { startDatabase } from './database.ts';
import type { Database } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

/** One of every kind of object that can lie in a schema. */
const EVERYTHING = `
create table t (id int primary key, note text);
create unlogged table u (id int generated always as identity);
create table parted (id int) partition by range (id);
create table part partition of parted for values from (0) to (10);
create table child () inherits (t);
create view v as select * from t;
create materialized view m as select * from v;
create sequence s;
create type pair as (a int, b int);
create type mood as enum ('good');
create type span as range (subtype = int4);
create domain positive as int check (value > 0);
create type shell;
create function text_in(cstring) returns shell language internal immutable strict as 'textin';
create function text_out(shell) returns cstring language internal immutable strict as 'textout';
create type shell (input = text_in, output = text_out, like = text);
create function f(pair) returns mood language sql as 'select ''good''::mood';
create procedure p() language sql as '';
create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0');
create function trig() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before insert on t for each row execute function trig();
create rule r as on delete to u do instead nothing;
create collation german (provider = icu, locale = 'de');
create operator === (leftarg = int, rightarg = int, function = int4eq);
create operator !! (rightarg = int, function = int4um);
create operator family fam using btree;
create operator class opc for type int using hash as operator 1 =, function 1 hashint4(int);
create text search configuration conf (copy = simple);
create text search dictionary dict (template = simple);
create text search template tmpl (lexize = dsimple_lexize);
create text search parser pars (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
create conversion conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create statistics stat on id, note from t;
create table "Odd ""Name" ("Odd ""Column" int);
create function "Odd"("Odd ""Name") returns int language sql as 'select 1';
`;

describe('clean', () => {
  it('drops one of everything, and keeps the schema that it did not make', async () => {
    const project = await database.project({ 'V1__all.sql': EVERYTHING });
    await database.client.query(
      `create schema ${project.schema}; grant usage on schema ${project.schema} to public`,
    );
    await project.run(migrate);
    const result = await project.run(clean, { cleanDisabled: false });
    expect(result).toMatchObject({ schemasCleaned: [project.schema], schemasDropped: [] });
    const { rows } = await database.client.query(
      `select pg_describe_object(classid, objid, 0) from pg_depend
       where refclassid = 'pg_namespace'::regclass and refobjid = $1::regnamespace`,
      [project.schema],
    );
    expect(rows).toEqual([]);
    expect(
      await project.query(`select nspacl is not null from pg_namespace where nspname = '${project.schema}'`),
    ).toEqual([true]);
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 1 });
  });

  it('drops a schema that it made, with everything', async () => {
    const project = await database.project({ 'V1__all.sql': EVERYTHING });
    await project.run(migrate);
    const result = await project.run(clean, { cleanDisabled: false });
    expect(result).toMatchObject({ schemasCleaned: [], schemasDropped: [project.schema] });
    expect(await project.query(`select to_regnamespace('${project.schema}') is null`)).toEqual([true]);
  });

  it('drops extensions of the schema, and leaves members of others alone', async () => {
    const project = await database.project({
      'V1__e.sql': 'create extension citext; create table t (c citext);',
    });
    await database.client.query(`create schema ${project.schema}`);
    await project.run(migrate);
    await project.run(clean, { cleanDisabled: false });
    expect(await project.query("select count(*)::int from pg_extension where extname = 'citext'")).toEqual([
      0,
    ]);
    await database.client.query('create extension citext schema public');
    const other = await database.project({ 'V1__e.sql': 'create table t (c public.citext);' });
    await other.run(migrate, { schemas: [other.schema] });
    await other.run(clean, { cleanDisabled: false });
    expect(await other.query("select count(*)::int from pg_extension where extname = 'citext'")).toEqual([1]);
    await database.client.query('drop extension citext');
  });

  it('is all or nothing', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (id int); create table b (id int);',
    });
    await project.run(migrate);
    const { client } = database;
    await client.query(
      `create role unable; grant usage on schema ${project.schema} to unable; alter table ${project.schema}.a owner to unable; grant all on all tables in schema ${project.schema} to unable`,
    );
    const error = await refusal(project.run(clean, { cleanDisabled: false, initSql: 'set role unable' }));
    expect(error).toMatchObject({ sqlState: '42501' });
    expect(await project.query("select to_regclass('b') is not null")).toEqual([true]);
    await client.query(`drop owned by unable; drop role unable`);
  });

  it('is disabled unless it is allowed', async () => {
    const project = await database.project({ 'V1__a.sql': 'create table a (id int);' });
    await project.run(migrate);
    expect(await refusal(project.run(clean))).toMatchObject({
      code: 'MIGRATION_CLEAN_DISABLED',
      message: "Unable to execute clean as it has been disabled with the 'flyway.cleanDisabled' property.",
    });
  });

  it('warns of a schema that is not there', async () => {
    const project = await database.project({});
    expect(await project.run(clean, { cleanDisabled: false })).toMatchObject({
      warnings: [`Unable to clean unknown schema: "${project.schema}"`],
      schemasCleaned: [],
    });
  });
});
