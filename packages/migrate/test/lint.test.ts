import { describe, expect, it } from 'vitest';

import { lintMigrations } from '../src/index.ts';
import type { ApplyOptions } from '../src/index.ts';
import { refusal, setOf } from './support/files.ts';

const SCHEMA = 't_abcdefghijkl';

async function lint(sql: string, options: Partial<ApplyOptions> = {}) {
  return lintMigrations(await setOf({ 'V1__x.sql': sql }), { schema: SCHEMA, ...options });
}

/** Rules at error level that a text breaks. */
async function rules(sql: string, options: Partial<ApplyOptions> = {}): Promise<string[]> {
  const findings = await lint(sql, options);
  return [...new Set(findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule))];
}

const inFunction = (statement: string) =>
  `create function f() returns void language plpgsql as $$ declare x text; begin ${statement}; end $$`;

describe('rules refuse', () => {
  it.each([
    [
      'transaction-control',
      ['COMMIT', 'ROLLBACK', 'SAVEPOINT a', 'BEGIN; select 1; COMMIT; select 2', "PREPARE TRANSACTION 'x'"],
    ],
    [
      'transaction-control',
      [
        'BEGIN ISOLATION LEVEL SERIALIZABLE; select 1; COMMIT',
        'SET TRANSACTION READ ONLY',
        'DO $$ begin commit; end $$',
      ],
    ],
    [
      'session-role',
      [
        'SET ROLE x',
        'SET LOCAL ROLE x',
        'RESET ROLE',
        'SET SESSION AUTHORIZATION x',
        'RESET SESSION AUTHORIZATION',
      ],
    ],
    [
      'session-role',
      [
        "SELECT set_config('role', 'x', false)",
        "SELECT pg_catalog.set_config('ROLE'::text, 'x', true)",
        'DO $$ begin set role x; end $$',
      ],
    ],
    [
      'session-role',
      [
        ...['set local role none', 'reset role', "perform set_config('role', 'none', true)"].map(inFunction),
        inFunction('set local session authorization default'),
        inFunction("execute 'set role ' || x"),
        inFunction('alter function g() set role to x'),
        inFunction("update pg_settings set setting = 'none' where name = 'role'"),
        "create function f() returns void language sql as $$ select set_config('role', 'none', true) $$",
        'create procedure f() language plpgsql as $$ begin set local role none; end $$',
      ],
    ],
    [
      'session-role',
      [
        'create function f() returns int language sql set role = x as $$ select 1 $$',
        'create procedure f() language plpgsql set session_authorization from current as $$ begin end $$',
        'alter function f() set role to x',
        'alter procedure f() set role = none',
        'alter routine f() reset all set session_authorization = x',
        "do $$ begin execute 'set role none'; end $$",
      ],
    ],
    [
      'session-search-path',
      [
        inFunction('set local search_path = pg_catalog'),
        inFunction("perform set_config('search_path', '', true)"),
      ],
    ],
    ['role-management', [inFunction('create role x'), inFunction('grant a to b')]],
    ['owner', [inFunction('alter table t owner to x')]],
    ['grant', [inFunction('grant select on t to public')]],
    ['schema-management', [inFunction('create schema x')]],
    ['server-file', [inFunction("copy t from program 'id'")]],
    ['session-role', ["DO $$ begin perform set_config('role', 'x', true); end $$"]],
    [
      'session-search-path',
      [
        "SET search_path = ''",
        'RESET search_path',
        'RESET ALL',
        "SELECT pg_catalog.set_config('search_path', '', false)",
      ],
    ],
    [
      'session-setting',
      ['DISCARD ALL', "SET client_encoding = 'LATIN1'", 'SET standard_conforming_strings = off'],
    ],
    [
      'role-management',
      [
        'CREATE ROLE x',
        'CREATE USER x',
        'ALTER ROLE x SET a.b = 1',
        'DROP ROLE x',
        'GRANT a TO b',
        'REASSIGN OWNED BY a TO b',
        'DROP OWNED BY a',
      ],
    ],
    [
      'database-management',
      [
        'CREATE DATABASE x',
        'DROP DATABASE x',
        'ALTER DATABASE x SET a.b = 1',
        "CREATE TABLESPACE x LOCATION '/x'",
        'ALTER SYSTEM SET a.b = 1',
      ],
    ],
    [
      'schema-management',
      ['CREATE SCHEMA x', `CREATE SCHEMA ${SCHEMA}`, 'DROP SCHEMA x', 'ALTER SCHEMA x RENAME TO y'],
    ],
    [
      'server-object',
      [
        "LOAD 'x'",
        'CREATE PUBLICATION x',
        'CREATE SERVER x FOREIGN DATA WRAPPER y',
        'CREATE FOREIGN DATA WRAPPER x',
      ],
    ],
    [
      'server-object',
      [
        'CREATE EVENT TRIGGER x ON ddl_command_start EXECUTE FUNCTION f()',
        'CREATE CAST (int AS text) WITHOUT FUNCTION',
        'DROP LANGUAGE x',
      ],
    ],
    [
      'server-object',
      [
        'DROP PUBLICATION x',
        'CREATE USER MAPPING FOR x SERVER y',
        "CREATE SUBSCRIPTION x CONNECTION 'y' PUBLICATION z",
        'CREATE LANGUAGE x HANDLER h',
      ],
    ],
    [
      'extension',
      [
        'CREATE EXTENSION dblink',
        'ALTER EXTENSION pgcrypto UPDATE',
        'DROP EXTENSION pgcrypto',
        "COMMENT ON EXTENSION x IS 'y'",
      ],
    ],
    [
      'grant',
      [
        'GRANT SELECT ON t TO PUBLIC',
        'GRANT SELECT ON t TO reader',
        'REVOKE SELECT ON t FROM reader',
        'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
      ],
    ],
    [
      'owner',
      [
        'ALTER TABLE t OWNER TO app',
        'ALTER FUNCTION f() OWNER TO app',
        'ALTER TABLE t OWNER TO SESSION_USER',
      ],
    ],
    ['server-file', ["COPY t FROM '/etc/passwd'", "COPY t FROM PROGRAM 'id'", "COPY t TO '/tmp/x'"]],
    ['maintenance', ['VACUUM', 'REINDEX DATABASE x', 'REINDEX SYSTEM x', 'CLUSTER']],
  ] as const)('%s: %s', async (rule, texts) => {
    for (const text of texts) expect([text, await rules(text)]).toEqual([text, [rule]]);
  });

  it.each([
    'CREATE TABLE public.t (a int)',
    'ALTER TABLE public.t ADD b int',
    'DROP TABLE IF EXISTS a, public.t',
    'DROP FUNCTION public.f(int)',
    'DROP TRIGGER x ON public.t',
    'CREATE INDEX i ON public.t (a)',
    'CREATE TYPE public.mood AS ENUM ()',
    'CREATE DOMAIN public.d AS int',
    'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$select 1$$',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$select a from public.t$$',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC select a from public.t; END',
    'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$begin return (select a from public.t); end$$',
    'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$declare r public.t%rowtype; begin return 1; end$$',
    'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$begin perform public.g(); return 1; end$$',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = public AS $$select 1$$',
    'DO $$ begin insert into public.t values (1); end $$',
    'CREATE TABLE t (a public.mood)',
    "CREATE TABLE t (a int DEFAULT nextval('public.s'))",
    "CREATE TABLE t (a int DEFAULT nextval('public.s'::regclass))",
    'ALTER TABLE t SET SCHEMA public',
    'ALTER SEQUENCE s OWNED BY public.t.a',
    'SELECT a OPERATOR(public.+) b FROM t',
    'SELECT a COLLATE public.c FROM t',
    "COMMENT ON COLUMN public.t.a IS 'x'",
    "COMMENT ON TABLE public.t IS 'x'",
    'GRANT USAGE ON SCHEMA public TO CURRENT_USER',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO CURRENT_USER',
    'CREATE SCHEMA IF NOT EXISTS public',
    'CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION public.f()',
    'CREATE VIEW v AS WITH x AS (SELECT * FROM public.t) SELECT * FROM x',
    'REINDEX SCHEMA public',
  ])('a hard-coded schema: %s', async (sql) => {
    expect(await rules(sql)).toEqual(['hard-coded-schema']);
  });
});

describe('rules allow', () => {
  it.each([
    'CREATE TABLE t (a int REFERENCES t, b text DEFAULT pg_catalog.now()::text)',
    `CREATE TABLE ${SCHEMA}.t (a int)`,
    'CREATE TABLE ${flyway:defaultSchema}.t (a int)',
    'CREATE TEMP TABLE pg_temp.t (a int)',
    'SELECT t.a.b, t.a FROM t',
    'SELECT extensions.gen_random_bytes(1), information_schema.x()',
    `CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`,
    "SET statement_timeout = 0; SET lock_timeout = 0; SET client_encoding = 'UTF8'; SET standard_conforming_strings = on",
    'SET check_function_bodies = false; SET default_table_access_method = heap',
    'REVOKE ALL ON FUNCTION f() FROM PUBLIC',
    'GRANT SELECT ON t TO CURRENT_USER',
    'CREATE POLICY p ON t TO PUBLIC USING (true)',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path FROM CURRENT AS $$select 1$$',
    'SELECT \'public.t\', "public.t" FROM t',
    'BEGIN; CREATE TABLE t (a int); COMMIT;',
    'VACUUM t; REINDEX TABLE t',
    'CREATE EXTENSION "uuid-ossp"',
    "SELECT set_config('my.setting', 'x', true)",
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$select 1$$',
    "ALTER FUNCTION f() SET search_path = ''; ALTER FUNCTION f() RESET ALL; ALTER FUNCTION f() RESET role",
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql SET work_mem = 1000 AS $$select 1$$',
    inFunction('grant select on t to current_user; notify x'),
    inFunction(
      "perform set_config('my.setting', 'x', true); set local work_mem = 1000; set session_replication_role = x",
    ),
  ])('%s', async (sql) => {
    expect(await rules(sql, { allowedExtensions: ['uuid-ossp'] })).toEqual([]);
  });

  it('roles that are named', async () => {
    expect(await rules('GRANT SELECT ON t TO reader', { roles: ['reader'] })).toEqual([]);
  });
});

describe('findings', () => {
  it('name file, line, statement and what to write instead', async () => {
    const sql = "-- é🦊\nselect 'x\ny';\n\ncreate table a (\n  b int references public.c\n);";
    expect(await lint(sql)).toEqual([
      {
        rule: 'hard-coded-schema',
        severity: 'error',
        script: 'V1__x.sql',
        line: 6,
        message: 'the schema "public" is hard-coded',
        instead: expect.stringContaining('search_path') as string,
        statement: 'create table a (\n  b int references public.c\n)',
      },
    ]);
  });

  it('point into the bodies of functions', async () => {
    const sql =
      'create function f() returns int language plpgsql as $$\nbegin\n  return (select 1\n   from public.t);\nend $$;';
    expect(await lint(sql)).toMatchObject([{ line: 3 }]);
    const body = 'create function f() returns int language sql as $$\n\n  select 1\n  from public.t\n$$;';
    expect(await lint(body)).toMatchObject([{ line: 4 }]);
  });

  it('are warnings where nothing breaks', async () => {
    const findings = await lint('BEGIN;\nselect 1;\nNOTIFY x;\nCOMMIT;');
    expect(findings.map(({ rule, severity, line }) => [rule, severity, line])).toEqual([
      ['transaction-wrapper', 'warning', 1],
      ['notify', 'warning', 3],
      ['transaction-wrapper', 'warning', 4],
    ]);
  });

  it('speak of real names, never of the mask that stands for the schema while parsing', async () => {
    const [finding] = await lint('create table ${flyway:defaultSchema}_archive.t (a int)');
    expect(finding?.message).toBe(`the schema "${SCHEMA}_archive" is hard-coded`);
    const error = await refusal(lint('create ${flyway:defaultSchema} x'));
    expect(error).toMatchObject({ code: 'MIGRATION_SYNTAX', line: 1 });
    expect(error.message).toContain(SCHEMA);
  });
});

describe('a file that cannot be read as SQL', () => {
  it('is a syntax error with its line', async () => {
    const error = await refusal(lint("select 'é🦊';\n\nselect 1;\n  creat table x;"));
    expect(error).toMatchObject({ code: 'MIGRATION_SYNTAX', file: 'V1__x.sql', line: 4, sqlState: '42601' });
  });

  it('says so where the line is a command of psql', async () => {
    const error = await refusal(lint('select 1;\n\\connect x\n'));
    expect(error).toMatchObject({
      code: 'MIGRATION_SYNTAX',
      line: 2,
      hint: expect.stringContaining('psql') as string,
    });
  });

  it('names a placeholder without a value and its line', async () => {
    const error = await refusal(lint('select 1;\n-- ${Nope}\n'));
    expect(error).toMatchObject({ code: 'MIGRATION_PLACEHOLDER_MISSING', file: 'V1__x.sql', line: 2 });
  });
});
