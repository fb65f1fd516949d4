import { allowed, denied, family, inTransaction, type Attack } from '../attack.ts';

const { l2 } = family('define');
const path = { hits: ['search_path'] } as const;
const undone = (...steps: readonly string[]): readonly string[] => ['BEGIN', ...steps];

/** In its own schema: code and data definition belong to migrations. */
const own: readonly Attack[] = [
  l2('table', 'a table in its own schema', undone('CREATE TABLE {a}.evil (x int)'), path),
  l2('table-as', 'CREATE TABLE AS', undone('CREATE TABLE {a}.evil AS SELECT 1'), path),
  l2('select-into', 'SELECT INTO', undone('SELECT 1 AS x INTO {a}.evil'), path),
  l2('view', 'a view', undone('CREATE VIEW {a}.evil AS SELECT 1'), path),
  l2('sequence', 'a sequence', undone('CREATE SEQUENCE {a}.evil'), path),
  l2('function', 'a function', undone('CREATE FUNCTION {a}.evil() RETURNS int RETURN 1'), path),
  l2(
    'definer',
    'a SECURITY DEFINER function',
    undone('CREATE FUNCTION {a}.evil() RETURNS int SECURITY DEFINER RETURN 1'),
    path,
  ),
  l2(
    'replace',
    'another body for a function of its own',
    undone(`CREATE OR REPLACE FUNCTION {a}.secret() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'`),
    path,
  ),
  l2(
    'trigger',
    'a trigger on its own table',
    undone('CREATE TRIGGER evil BEFORE INSERT ON {a}.notes EXECUTE FUNCTION {a}.touch()'),
    path,
  ),
  l2('alter', 'a column in its own table', undone('ALTER TABLE {a}.notes ADD COLUMN evil int'), path),
  l2('drop', 'dropping its own table', undone('DROP TABLE {a}.notes CASCADE'), path),
  l2('truncate', 'truncating its own table', undone('TRUNCATE {a}.notes'), path),
  l2('policy', 'a policy on its own table', undone('CREATE POLICY evil ON {a}.notes USING (true)'), path),
  l2('type', 'a type', undone(`CREATE TYPE {a}.evil AS ENUM ('x')`), path),
  l2('domain', 'a domain', undone('CREATE DOMAIN {a}.evil AS int'), path),
  l2(
    'operator',
    'an operator',
    undone('CREATE OPERATOR {a}.= (LEFTARG = text, RIGHTARG = text, FUNCTION = textne)'),
    path,
  ),
  l2(
    'aggregate',
    'an aggregate',
    undone('CREATE AGGREGATE {a}.evil (text) (SFUNC = textcat, STYPE = text)'),
    path,
  ),
  l2('collation', 'a collation', undone('CREATE COLLATION {a}.evil FROM "C"'), path),
  l2(
    'text-search',
    'a text search configuration',
    undone('CREATE TEXT SEARCH CONFIGURATION {a}.evil (COPY = pg_catalog.simple)'),
    path,
  ),
  l2(
    'dictionary',
    'a dictionary that reads a file',
    `CREATE TEXT SEARCH DICTIONARY {a}.evil (TEMPLATE = synonym, SYNONYMS = '../../../../etc/passwd')`,
    {
      expected: [denied, '22023'],
    },
  ),
  l2(
    'conversion',
    'a conversion of encodings',
    undone(`CREATE CONVERSION {a}.evil FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8`),
    path,
  ),
  l2('history', 'rewriting its own migration history', 'DELETE FROM {a}.flyway_schema_history', {
    expected: [denied, '42P01'],
  }),
  l2('schema-rename', 'renaming its own schema', undone('ALTER SCHEMA {a} RENAME TO evil')),
  l2('schema-drop', 'dropping its own schema', undone('DROP SCHEMA {a} CASCADE'), path),
];

/** Temporary objects come before everything in a search path that does not name them. */
const temporary: readonly Attack[] = [
  l2('temp-table', 'a temporary table', undone('CREATE TEMP TABLE evil (x int)'), path),
  l2(
    'temp-shadow',
    'a temporary table in place of a real one',
    undone(`CREATE TEMP TABLE notes AS SELECT 1 AS id, 'evil' AS body`),
    path,
  ),
  l2('temp-view', 'a temporary view', undone('CREATE TEMP VIEW evil AS SELECT 1'), path),
  l2('temp-sequence', 'a temporary sequence', undone('CREATE TEMP SEQUENCE evil'), path),
  l2(
    'temp-function',
    'a temporary function',
    undone('CREATE FUNCTION pg_temp.lower(text) RETURNS text RETURN $1'),
    path,
  ),
  l2(
    'temp-operator',
    'a temporary operator',
    undone('CREATE OPERATOR pg_temp.= (LEFTARG = text, RIGHTARG = text, FUNCTION = textne)'),
    path,
  ),
  l2('temp-type', 'a temporary type', undone(`CREATE TYPE pg_temp.evil AS ENUM ('x')`), path),
  l2('temp-domain', 'a temporary domain', undone('CREATE DOMAIN pg_temp.int4 AS int'), path),
];

/** Where everybody would meet it. */
const shared: readonly Attack[] = [
  l2('public-table', 'a table in public', 'CREATE TABLE public.evil (x int)'),
  l2('public-function', 'a function in public', 'CREATE FUNCTION public.lower(text) RETURNS text RETURN $1'),
  l2(
    'extensions-function',
    'a function among the extensions',
    'CREATE FUNCTION extensions.evil() RETURNS int RETURN 1',
    { needs: ['tenantry'] },
  ),
  l2('catalog-table', 'a table in pg_catalog', 'CREATE TABLE pg_catalog.evil (x int)'),
  l2(
    'catalog-function',
    'another body for a function of PostgreSQL',
    `CREATE OR REPLACE FUNCTION pg_catalog.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'`,
  ),
  l2('toast-table', 'a table in pg_toast', 'CREATE TABLE pg_toast.evil (x int)'),
  l2('information-schema', 'a table in information_schema', 'CREATE TABLE information_schema.evil (x int)'),
  l2('schema', 'a schema', 'CREATE SCHEMA evil'),
  l2('schema-for', 'a schema for the victim', 'CREATE SCHEMA AUTHORIZATION {b.role}', { needs: ['roles'] }),
  l2('database-rename', 'another name for the database', 'ALTER DATABASE {database} RENAME TO evil', {
    expected: [denied, '55006', '0A000'],
  }),
  l2('database-owner', 'taking the database', 'ALTER DATABASE {database} OWNER TO CURRENT_USER'),
  l2('cast', 'a cast between types of PostgreSQL', 'CREATE CAST (text AS int4) WITH INOUT AS IMPLICIT'),
  l2('cast-own', 'a cast of its own type', 'CREATE CAST ({a}.mood AS int4) WITHOUT FUNCTION'),
  l2('language', 'a language', 'CREATE LANGUAGE plpython3u', { expected: [denied, '0A000', '58P01'] }),
  l2(
    'language-handler',
    'a language of its own',
    'CREATE TRUSTED LANGUAGE evil HANDLER plpgsql_call_handler',
  ),
  l2(
    'c-function',
    'a function in C',
    `CREATE FUNCTION pg_temp.evil() RETURNS int LANGUAGE c AS '/tmp/evil.so'`,
  ),
  l2(
    'internal-function',
    'a function of the server under another name',
    `CREATE FUNCTION pg_temp.evil(text) RETURNS text LANGUAGE internal AS 'pg_read_file_all'`,
  ),
  l2('access-method', 'an access method', 'CREATE ACCESS METHOD evil TYPE INDEX HANDLER bthandler'),
  l2(
    'operator-class',
    'an operator class',
    'CREATE OPERATOR CLASS {a}.evil FOR TYPE int4 USING btree AS OPERATOR 1 <',
  ),
  l2(
    'transform',
    'a transform',
    'CREATE TRANSFORM FOR int4 LANGUAGE sql (FROM SQL WITH FUNCTION {a}.evil(internal))',
    { expected: [denied, '42883', '42704'] },
  ),
  l2('base-type', 'a base type', 'CREATE TYPE {a}.evil'),
  l2(
    'event-trigger',
    'an event trigger',
    'CREATE EVENT TRIGGER evil ON ddl_command_start EXECUTE FUNCTION {b}.touch()',
    { expected: [denied, '42501'] },
  ),
  ...['dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'plpython3u', 'hstore'].map((name) =>
    l2(`extension-${name.replaceAll('_', '-')}`, `the extension ${name}`, `CREATE EXTENSION ${name}`, {
      expected: [denied, '0A000', '58P01'],
    }),
  ),
  l2('extension-update', 'another version of an extension', `ALTER EXTENSION plpgsql UPDATE TO '9'`, {
    expected: [denied, '22023'],
  }),
  l2('extension-add', 'an object of its own in an extension', 'ALTER EXTENSION plpgsql ADD TABLE {a}.notes'),
  l2('wrapper', 'a foreign data wrapper', 'CREATE FOREIGN DATA WRAPPER evil'),
  l2('foreign-server', 'a foreign server', 'CREATE SERVER evil FOREIGN DATA WRAPPER postgres_fdw', {
    expected: [denied, '42704'],
  }),
  l2('foreign-table', 'a foreign table', 'CREATE FOREIGN TABLE {a}.evil (x int) SERVER evil', {
    expected: [denied, '42704'],
  }),
  l2('user-mapping', 'a user mapping', 'CREATE USER MAPPING FOR CURRENT_USER SERVER evil', {
    expected: [denied, '42704'],
  }),
  l2('foreign-schema', 'a foreign schema', 'IMPORT FOREIGN SCHEMA public FROM SERVER evil INTO {a}', {
    expected: [denied, '42704'],
  }),
  l2('publication', 'a publication of everything', 'CREATE PUBLICATION evil FOR ALL TABLES'),
  l2(
    'publication-table',
    "a publication of the victim's table",
    'CREATE PUBLICATION evil FOR TABLE {b}.notes',
  ),
  l2(
    'publication-schema',
    "a publication of the victim's schema",
    'CREATE PUBLICATION evil FOR TABLES IN SCHEMA {b}',
  ),
];

/** The same, where PostgreSQL allows no transaction around it. */
const alone: readonly Attack[] = [
  l2('database', 'a database', 'CREATE DATABASE evil', { cleanup: ['DROP DATABASE evil'] }),
  l2('tablespace', 'a tablespace', `CREATE TABLESPACE evil LOCATION '/nonexistent'`),
  l2(
    'subscription',
    'a subscription',
    `CREATE SUBSCRIPTION evil CONNECTION 'dbname={database}' PUBLICATION evil WITH (connect = false)`,
    { cleanup: ['ALTER SUBSCRIPTION evil SET (slot_name = NONE)', 'DROP SUBSCRIPTION evil'] },
  ),
  l2(
    'prepared-transaction',
    'a transaction that outlives its connection',
    ['BEGIN', `PREPARE TRANSACTION 'evil'`],
    {
      expected: ['55000', allowed],
      cleanup: [`ROLLBACK PREPARED 'evil'`],
      alone: true,
    },
  ),
];

/** Making objects. */
export const defineAttacks: readonly Attack[] = [
  ...own,
  ...temporary,
  ...shared.map(inTransaction),
  ...alone,
];
