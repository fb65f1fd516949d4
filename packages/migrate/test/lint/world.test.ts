import { describe, expect, it } from 'vitest';

import { lintFiles } from '../../src/lint/files.ts';
import type { LintFile } from '../../src/lint/options.ts';
import { broken, codes, lintTexts, SCHEMA, versions } from './support.ts';

const TABLE = 'CREATE TABLE t (id bigint PRIMARY KEY, a varchar(10), b text);';
const INDEX = 'CREATE INDEX t_a ON t (a);';

describe('which tables are in use', () => {
  it('those of earlier files, where nothing is known of the database', async () => {
    expect(codes((await lintTexts([TABLE, INDEX])).findings)).toEqual(['index-blocks-writes']);
    expect(codes((await lintTexts([`${TABLE}\n${INDEX}`])).findings)).toEqual([]);
  });

  it('those of applied files, where it is known what is applied', async () => {
    const texts = [TABLE, 'CREATE TABLE u (a int);', 'CREATE INDEX u_a ON u (a);', INDEX];
    const rules = async (appliedUpTo: string | null) =>
      (await lintTexts(texts, { appliedUpTo })).findings.map(({ script, rule }) => [script, rule]);
    expect(await rules(null)).toEqual([]);
    expect(await rules('1')).toEqual([['V4__x.sql', 'index-blocks-writes']]);
    expect(await rules('2')).toEqual([
      ['V3__x.sql', 'index-blocks-writes'],
      ['V4__x.sql', 'index-blocks-writes'],
    ]);
    expect(await rules('4')).toEqual([]);
  });

  it('applied files are named one by one where one came late', async () => {
    const report = await lintTexts([TABLE, 'CREATE TABLE u (a int);', 'CREATE INDEX u_a ON u (a);'], {
      applied: ['V2__x.sql'],
    });
    expect(report.files).toBe(2);
    expect(report.findings.map(({ script, message }) => [script, message])).toEqual([
      ['V3__x.sql', expect.stringContaining('"u"')],
    ]);
  });

  it('all that no file made, and none that is temporary', async () => {
    expect(await broken('SELECT 1;', 'CREATE INDEX i ON stranger (a);')).toEqual(['index-blocks-writes']);
    expect(await broken('SELECT 1;', 'CREATE TEMP TABLE s (a int); CREATE INDEX i ON s (a);')).toEqual([]);
  });

  it.each([
    'CREATE TABLE n AS SELECT 1 AS a;',
    'SELECT 1 AS a INTO n;',
    'CREATE TABLE IF NOT EXISTS n (a int);',
    'CREATE TABLE old (a int); ALTER TABLE old RENAME TO n;',
    `CREATE TABLE ${SCHEMA}.n (a int);`,
    'CREATE MATERIALIZED VIEW n AS SELECT 1 AS a;',
    'DO $$ BEGIN CREATE TABLE n (a int); END $$;',
    "DO $$ BEGIN EXECUTE 'CREATE TABLE n (a int)'; END $$;",
  ])('new by %s', async (text) => {
    expect(await broken(TABLE, `${text} CREATE INDEX n_a ON n (a);`)).toEqual([]);
  });

  it('a table that is there is not new by IF NOT EXISTS', async () => {
    expect(await broken(TABLE, `CREATE TABLE IF NOT EXISTS t (id bigint); ${INDEX}`)).toEqual([
      'index-blocks-writes',
    ]);
  });

  it('an index is the table’s that it was made on, whatever its name', async () => {
    expect(await broken(TABLE, 'CREATE TABLE n (a int); CREATE INDEX ON n (a); DROP INDEX n_a_idx;')).toEqual(
      [],
    );
    expect(await broken(`${TABLE} CREATE INDEX ON t (a);`, 'DROP INDEX t_a_idx;')).toEqual([
      'drop-index-locks',
    ]);
  });

  it('undo files drop what they undo, and hide nothing from the files before them', async () => {
    const undo: LintFile = { kind: 'undo', version: '1', script: 'U1__x.sql', sql: 'DROP TABLE t;' };
    const [first, second] = versions([TABLE, 'ALTER TABLE t ALTER COLUMN a TYPE varchar(20);']);
    if (first === undefined || second === undefined) throw new Error('two files');
    const { findings } = await lintFiles([first, undo, second], { schemas: [SCHEMA] });
    expect(codes(findings)).toEqual([]);
  });

  it('an undo finds the tables of its run in use', async () => {
    const undo: LintFile = { kind: 'undo', version: '1', script: 'U1__x.sql', sql: INDEX };
    const { findings } = await lintFiles([...versions([TABLE]), undo], {
      schemas: [SCHEMA],
      appliedUpTo: null,
    });
    expect(findings.map(({ script, rule }) => [script, rule])).toEqual([
      ['U1__x.sql', 'index-blocks-writes'],
    ]);
  });
});

describe('what earlier files said is remembered', () => {
  it.each([
    ['the type of a column', TABLE, 'ALTER TABLE t ALTER COLUMN a TYPE varchar(20);', []],
    [
      'its type after a change',
      `${TABLE} ALTER TABLE t ALTER a TYPE text;`,
      'ALTER TABLE t ALTER a TYPE varchar(20);',
      ['column-type-rewrites'],
    ],
    [
      'its type after a rename',
      `${TABLE} ALTER TABLE t RENAME a TO c;`,
      'ALTER TABLE t ALTER c TYPE varchar(20);',
      [],
    ],
    [
      'its type of a renamed table',
      `${TABLE} ALTER TABLE t RENAME TO u;`,
      'ALTER TABLE u ALTER a TYPE varchar(20);',
      [],
    ],
    ['its type by LIKE', `${TABLE} CREATE TABLE u (LIKE t);`, 'ALTER TABLE u ALTER a TYPE varchar(20);', []],
    ['that it is NOT NULL', 'CREATE TABLE t (a int NOT NULL);', 'ALTER TABLE t ALTER a SET NOT NULL;', []],
    [
      'that it is the key',
      'CREATE TABLE t (a int, PRIMARY KEY (a));',
      'ALTER TABLE t ALTER a SET NOT NULL;',
      [],
    ],
    [
      'that it is no longer',
      'CREATE TABLE t (a int NOT NULL); ALTER TABLE t ALTER a DROP NOT NULL;',
      'ALTER TABLE t ALTER a SET NOT NULL;',
      ['not-null-scans'],
    ],
    [
      'a CHECK in CREATE TABLE',
      'CREATE TABLE t (a int CHECK (a IS NOT NULL AND a > 0));',
      'ALTER TABLE t ALTER a SET NOT NULL;',
      [],
    ],
    [
      'a CHECK that is dropped',
      'CREATE TABLE t (a int, CONSTRAINT c CHECK (a IS NOT NULL)); ALTER TABLE t DROP CONSTRAINT c;',
      'ALTER TABLE t ALTER a SET NOT NULL;',
      ['not-null-scans'],
    ],
    [
      'a CHECK that is not valid yet',
      'CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;',
      'ALTER TABLE t ALTER a SET NOT NULL;',
      ['not-null-scans'],
    ],
    [
      'a named NOT NULL',
      'CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT c NOT NULL a NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c;',
      'ALTER TABLE t ALTER a SET NOT NULL;',
      [],
    ],
    [
      'a function that is volatile',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; CREATE TABLE t ();',
      'ALTER TABLE t ADD a int DEFAULT f();',
      ['column-default-rewrites'],
    ],
    [
      'a function that is not',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql STABLE AS $$ SELECT 1 $$; CREATE TABLE t ();',
      'ALTER TABLE t ADD a int DEFAULT f();',
      [],
    ],
    [
      'that a column is gone',
      `${TABLE} ALTER TABLE t DROP COLUMN a;`,
      'ALTER TABLE t DROP COLUMN IF EXISTS a;',
      [],
    ],
  ] as const)('%s', async (_what, setup, text, rules) => {
    expect(await broken(setup, text)).toEqual(rules);
  });
});

describe('neighbours of the rules', () => {
  it.each([
    ['a plain column', "ALTER TABLE t ADD COLUMN c int, ADD COLUMN d text DEFAULT 'x';", []],
    ['a function of the catalog', "ALTER TABLE t ADD COLUMN c text DEFAULT lower(md5('x'));", []],
    [
      'several commands',
      'ALTER TABLE t ADD c serial, ADD d uuid DEFAULT gen_random_uuid();',
      ['column-sequence-rewrites', 'column-default-rewrites'],
    ],
    ['a new column that is unique', 'ALTER TABLE t ADD c int UNIQUE;', ['unique-builds-index']],
    ['a new column with a CHECK', 'ALTER TABLE t ADD c int CHECK (c > 0);', ['check-scans']],
    [
      'a new column that refers, with a default',
      'ALTER TABLE t ADD c bigint DEFAULT 1 REFERENCES t;',
      ['foreign-key-scans'],
    ],
    ['a CHECK that is not enforced', 'ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0) NOT ENFORCED;', []],
    [
      'a foreign key of a new table',
      'CREATE TABLE n (t bigint); ALTER TABLE n ADD FOREIGN KEY (t) REFERENCES t;',
      [],
    ],
    ['timestamps', 'ALTER TABLE t ALTER b TYPE timestamptz USING b::timestamptz;', ['column-type-rewrites']],
    ['USING that says no more', 'ALTER TABLE t ALTER a TYPE text USING a::text;', []],
    ['USING that computes', 'ALTER TABLE t ALTER a TYPE text USING lower(a);', ['column-type-rewrites']],
    ['VACUUM (FULL off)', 'VACUUM (FULL off) t;', []],
    ['VACUUM (FULL, ANALYZE)', 'VACUUM (FULL, ANALYZE) t;', ['vacuum-full-rewrites']],
    ['ON ONLY', 'CREATE INDEX p ON ONLY t (a);', []],
    ['REINDEX of an index', 'REINDEX INDEX t_pkey;', ['reindex-blocks-writes']],
    ['LOCK in SHARE mode', 'LOCK TABLE t IN SHARE MODE;', ['lock-table']],
    [
      'UPDATE in a WITH',
      'WITH x AS (UPDATE t SET a = b RETURNING 1) SELECT * FROM x;',
      ['write-without-where'],
    ],
    ['UPDATE with a condition that is none', 'UPDATE t SET a = b WHERE true;', ['write-without-where']],
    [
      'reference data beside DDL',
      "ALTER TABLE t ADD c int; UPDATE t SET c = 1 WHERE b IN ('x', 'y') AND a IS NULL;",
      [],
    ],
    [
      'DDL behind a backfill',
      "UPDATE t SET a = 'x' WHERE a IS NULL; ALTER TABLE t ADD c int;",
      ['backfill-with-ddl'],
    ],
    [
      'ALTER TABLE that lets readers pass',
      'ALTER TABLE t ALTER a SET STATISTICS 500; ALTER TABLE u ADD b int; ALTER TABLE t SET (fillfactor = 70);',
      [],
    ],
    ['a table dropped and made again', 'DROP TABLE t; CREATE TABLE t (a int);', ['drop-table']],
    ['a table nobody heard of', 'DROP TABLE IF EXISTS n; CREATE TABLE n (a int);', []],
    [
      'a function made again',
      'DROP FUNCTION IF EXISTS f(int); CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;',
      [],
    ],
    ['a type that is dropped', 'DROP TYPE mood;', ['drop-object']],
    [
      'a type of this file',
      "CREATE TYPE m AS ENUM ('a'); ALTER TYPE m RENAME VALUE 'a' TO 'b'; DROP TYPE m;",
      [],
    ],
    [
      'a constraint that is renamed or dropped',
      'ALTER TABLE t RENAME CONSTRAINT t_pkey TO t_key; ALTER TABLE t DROP CONSTRAINT t_key;',
      [],
    ],
    [
      'SECURITY DEFINER with an empty path',
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ SELECT 1 $$;",
      [],
    ],
    [
      'SECURITY DEFINER with pg_temp first',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_temp, app AS $$ SELECT 1 $$;',
      ['security-definer-search-path'],
    ],
    ['SECURITY DEFINER by ALTER', 'ALTER FUNCTION f() SECURITY DEFINER;', ['security-definer-search-path']],
    [
      'SECURITY DEFINER, its path set behind it',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$; ALTER FUNCTION f() SET search_path = app, pg_temp;',
      [],
    ],
    [
      'SECURITY INVOKER',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY INVOKER AS $$ SELECT 1 $$;',
      [],
    ],
    [
      'pg_read_file in a function',
      "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN pg_read_file('x'); END $$;",
      ['server-file'],
    ],
    ['dblink in DO', "DO $$ BEGIN PERFORM dblink_exec('x', 'y'); END $$;", ['remote-access']],
    [
      'EXECUTE of a role that is put together',
      "DO $$ BEGIN EXECUTE 'set local role ' || quote_ident('x'); END $$;",
      ['session-role'],
    ],
    [
      'EXECUTE of a path by format',
      "DO $$ BEGIN EXECUTE format('SET search_path TO %I', 'x'); END $$;",
      ['session-search-path'],
    ],
    [
      'EXECUTE of a whole statement',
      "DO $$ BEGIN EXECUTE 'CREATE INDEX i ON t (a)'; END $$;",
      ['index-blocks-writes'],
    ],
    ['EXECUTE of something else', "DO $$ BEGIN EXECUTE 'SELECT ' || 1; END $$;", []],
    [
      'DDL in DO',
      'DO $$ BEGIN IF true THEN ALTER TABLE t ALTER b SET NOT NULL; END IF; END $$;',
      ['not-null-scans'],
    ],
    ['a timeout', 'SET LOCAL lock_timeout = 0;', ['lock-timeout-off']],
    ['a timeout in words', "SET lock_timeout TO '0ms';", ['lock-timeout-off']],
    [
      'a partition that is new',
      "CREATE TABLE n (at date); ALTER TABLE e ATTACH PARTITION n FOR VALUES IN ('2024-01-01');",
      [],
    ],
  ] as const)('%s', async (_what, text, rules) => {
    const setup = `${TABLE} CREATE TABLE u (a int); CREATE TYPE mood AS ENUM ('x');
      CREATE TABLE e (at date) PARTITION BY LIST (at);`;
    expect(await broken(setup, text)).toEqual(rules);
  });

  it('style rules are asked for, and severities can be changed', async () => {
    const text = 'CREATE TABLE n (a timestamp);';
    expect(await broken(TABLE, text)).toEqual([]);
    expect(await broken(TABLE, text, { style: true })).toEqual(['table-without-key', 'prefer-timestamptz']);
    expect(await broken(TABLE, text, { rules: { 'prefer-timestamptz': 'error' } })).toEqual([
      'prefer-timestamptz',
    ]);
    const { ok, findings } = await lintTexts([TABLE, INDEX], { rules: { 'index-blocks-writes': 'error' } });
    expect([ok, findings.map(({ severity }) => severity)]).toEqual([false, ['error']]);
    expect(await broken(TABLE, INDEX, { rules: { 'index-blocks-writes': 'off' } })).toEqual([]);
  });

  it('what is no transaction is as the file says it runs', async () => {
    const text = 'SELECT 1;\nCREATE INDEX CONCURRENTLY i ON t (a);';
    expect(await broken(TABLE, text)).toEqual(['mixed-transactional']);
    expect(await broken(TABLE, text, { mixed: true })).toEqual(['concurrently-not-alone']);
    const [first, second] = versions([TABLE, text]);
    if (first === undefined || second === undefined) throw new Error('two files');
    const { findings } = await lintFiles([first, { ...second, inTransaction: false }], { schemas: [SCHEMA] });
    expect(codes(findings)).toEqual(['concurrently-not-alone']);
  });

  it('all schemas that are named are the files’ own', async () => {
    expect(await broken(TABLE, 'CREATE TABLE other.n (a int);', { schemas: ['app', 'other'] })).toEqual([]);
  });
});
