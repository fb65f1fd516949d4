/**
 * What one tenant tries against another, as data: it is run over every lane, and over the usual insecure ways as controls.
 * `$a` is the attacker, `$b` the victim, `$pid` a backend of the victim, `$lo` a large object of the victim.
 */
export interface Attack {
  readonly name: string;
  /** 1: injected into one parameterised SELECT. 2: whole statements, one at a time. 3: several in one text. */
  readonly level: 1 | 2 | 3;
  readonly steps: readonly string[];
  /** The SQLSTATE of the first step that is refused; 00000 where all run and bring nothing of the victim. */
  readonly state: string;
  /** Ways without Tenantry on which it succeeds, which shows that the statement is right. */
  readonly hits?: readonly ('search_path' | 'set role')[];
}

const denied = '42501';
const several = '42601';

function one(name: string, sql: string, more: Partial<Attack> = {}): Attack {
  return { name, level: 1, steps: [sql], state: denied, ...more };
}

function two(name: string, steps: string | readonly string[], more: Partial<Attack> = {}): Attack {
  return { name, level: 2, steps: typeof steps === 'string' ? [steps] : steps, state: denied, ...more };
}

function three(name: string, sql: string, more: Partial<Attack> = {}): Attack {
  return { name, level: 3, steps: [sql], state: several, ...more };
}

const both = { hits: ['search_path', 'set role'] } as const;
const path = { hits: ['search_path'] } as const;
const role = { hits: ['set role'] } as const;
const xml = `query_to_xml('SELECT * FROM $b.notes', true, true, '')::text`;

/** Reads and writes of the victim's data. */
export const dataAttacks: readonly Attack[] = [
  one('a union', `SELECT body FROM notes WHERE id = 1 UNION ALL SELECT body FROM $b.notes`, path),
  one('a sub-select', `SELECT (SELECT string_agg(body, ',') FROM $b.notes) FROM notes`, path),
  one('query_to_xml', `SELECT ${xml}`, path),
  one('schema_to_xml', `SELECT schema_to_xml('$b', true, true, '')::text`, path),
  one('table_to_xml', `SELECT table_to_xml('$b.notes', true, true, '')::text`, path),
  one('ts_stat', `SELECT ts_stat('SELECT body::tsvector FROM $b.notes')::text`),
  one('set_config of the role and query_to_xml', `SELECT set_config('role', '$b', false) || ${xml}`, role),
  one(
    'set_config of the role and ts_stat',
    `SELECT set_config('role', '$b', false) || (SELECT string_agg(word, ' ') FROM ts_stat($q$SELECT to_tsvector('simple', body) FROM $b.notes$q$))`,
    role,
  ),
  one(
    'a data-modifying WITH',
    `WITH x AS (INSERT INTO $b.notes (body) VALUES ('evil') RETURNING body) SELECT * FROM x`,
    path,
  ),
  two(
    'set_config of the role, then the application reads',
    [`SELECT set_config('role', '$b', false)`, 'SELECT body FROM $b.notes'],
    role,
  ),
  two(
    'set_config of the role, then the application writes',
    [`SELECT set_config('role', '$b', false)`, `INSERT INTO $b.notes (body) VALUES ('evil')`],
    role,
  ),
  two(
    'set_config of the search path',
    [`SELECT set_config('search_path', '$b', false)`, 'SELECT body FROM notes'],
    { ...path, state: '42P01' },
  ),
  two('SET search_path', ['SET search_path = $b', 'SELECT body FROM notes'], { ...path, state: '42P01' }),
  two('SET ROLE', ['SET ROLE $b', 'SELECT body FROM $b.notes'], role),
  two('SET LOCAL ROLE', ['BEGIN', 'SET LOCAL ROLE $b', 'SELECT body FROM $b.notes'], role),
  two('RESET ROLE', ['RESET ROLE', 'SELECT body FROM $b.notes'], path),
  two('RESET ROLE and SET ROLE', ['RESET ROLE', 'SET ROLE $b', 'SELECT body FROM $b.notes'], role),
  two('ROLLBACK and SET ROLE', ['ROLLBACK', 'SET ROLE $b', 'SELECT body FROM $b.notes'], role),
  two(
    'DISCARD ALL and SET ROLE',
    ['ROLLBACK', 'DISCARD ALL', 'SET ROLE $b', 'SELECT body FROM $b.notes'],
    role,
  ),
  two('a DO block', [`DO $do$ BEGIN EXECUTE 'SET ROLE $b'; END $do$`, 'SELECT body FROM $b.notes'], role),
  two(
    'a cursor WITH HOLD, made at COMMIT',
    [
      'BEGIN',
      `DECLARE evil CURSOR WITH HOLD FOR SELECT set_config('role', '$b', false) || ${xml}`,
      'COMMIT',
      'FETCH ALL FROM evil',
    ],
    role,
  ),
  two('a prepared statement', ['PREPARE evil AS SELECT body FROM $b.notes', 'EXECUTE evil'], path),
  two('SET SESSION AUTHORIZATION', ['SET SESSION AUTHORIZATION $b', 'SELECT body FROM $b.notes']),
  two('INSERT', `INSERT INTO $b.notes (body) VALUES ('evil')`, path),
  two('UPDATE', `UPDATE $b.notes SET body = body RETURNING body`, path),
  two('DELETE', `DELETE FROM $b.notes WHERE id < 0 RETURNING body`, path),
  two(
    'MERGE',
    `MERGE INTO $b.notes n USING (SELECT 1 AS id) x ON n.id = x.id WHEN MATCHED THEN UPDATE SET body = n.body`,
    path,
  ),
  two('TRUNCATE', 'TRUNCATE $b.notes'),
  two('LOCK TABLE', ['BEGIN', 'LOCK TABLE $b.notes IN ROW EXCLUSIVE MODE'], path),
  two('COPY to the client', 'COPY $b.notes TO STDOUT', path),
  two('nextval', `SELECT nextval('$b.counter')`, path),
  two("the victim's large object", 'SELECT lo_get($lo)'),
  two("unlinking the victim's large object", 'SELECT lo_unlink($lo)'),
  three('stacked: SET ROLE', 'SELECT 1; SET ROLE $b; SELECT body FROM $b.notes', both),
  three('stacked: COMMIT and SET ROLE', 'COMMIT; SET ROLE $b; SELECT body FROM $b.notes', role),
  three('stacked: RESET ROLE', 'RESET ROLE; SELECT body FROM $b.notes', path),
  three('stacked: a write', `SELECT 1; INSERT INTO $b.notes (body) VALUES ('evil')`, path),
];

/** Leaving the tenant's own place: other roles, the server, the lease machinery, the catalogs. */
export const escapeAttacks: readonly Attack[] = [
  two("becoming the victim's owner", 'SET ROLE $b_owner'),
  two('becoming its own owner', 'SET ROLE $a_owner'),
  two('becoming the control role', 'SET ROLE tenantry_control'),
  two('becoming the broker', 'SET ROLE tenantry_broker'),
  two('becoming another slot', [
    'RESET ROLE',
    `SELECT set_config('role', (SELECT min(rolname) FROM pg_roles WHERE rolname ~ '^tenantry_slot_' AND rolname <> session_user), false)`,
  ]),
  two('becoming the registrar', 'SET ROLE tenantry_registrar'),
  two('becoming the group of owners', 'SET ROLE tenantry_owners'),
  two('becoming its own group', 'SET ROLE tenantry_tenants'),
  two('becoming the group of slots', ['RESET ROLE', 'SET ROLE tenantry_slots']),
  two('leasing the victim to its slot', `SELECT tenantry_lease.grant_$b('tenantry_slot_1')`),
  two('leasing the victim as the slot', ['RESET ROLE', `SELECT tenantry_lease.grant_$b('tenantry_slot_1')`]),
  two('claiming a slot', `SELECT tenantry_lease.claim('tenantry_slot_1', '$b')`),
  two('granting the victim', 'GRANT $b TO $a'),
  two('granting itself', ['RESET ROLE', 'GRANT $b TO CURRENT_USER']),
  two("changing the victim's password", `ALTER ROLE $b PASSWORD 'x'`),
  two("changing the victim's search path", 'ALTER ROLE $b SET search_path = $a'),
  two("ending the victim's connection", 'SELECT pg_terminate_backend($pid)'),
  two("cancelling the victim's query", 'SELECT pg_cancel_backend($pid)'),
  two('ending it as the slot', ['RESET ROLE', 'SELECT pg_terminate_backend($pid)']),
  two('a table in its own schema', 'CREATE TABLE $a.evil (x int)'),
  two('a table in public', 'CREATE TABLE public.evil (x int)'),
  two('a temporary table', 'CREATE TEMP TABLE evil (x int)'),
  two(
    'a function with a SET clause',
    `CREATE FUNCTION pg_temp.evil() RETURNS text LANGUAGE sql SET role = $b AS 'SELECT 1'`,
  ),
  two('a schema', 'CREATE SCHEMA evil'),
  two('a function in extensions', 'CREATE FUNCTION extensions.evil() RETURNS int RETURN 1'),
  two(
    'a trigger on its own table',
    'CREATE TRIGGER t BEFORE INSERT ON $a.notes EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  ),
  two('an extension', 'CREATE EXTENSION dblink'),
  two('a foreign data wrapper', 'CREATE FOREIGN DATA WRAPPER evil'),
  two('a publication', 'CREATE PUBLICATION evil FOR ALL TABLES'),
  two('a replication slot', `SELECT pg_create_physical_replication_slot('evil')`),
  two('a role', 'CREATE ROLE evil'),
  two('a database', 'CREATE DATABASE evil'),
  two('running a program', `COPY (SELECT 1) TO PROGRAM 'true'`),
  two('writing a file', `COPY (SELECT 1) TO '/tmp/evil'`),
  two('reading a file', `SELECT pg_read_file('/etc/passwd')`),
  two('importing a file', `SELECT lo_import('/etc/passwd')`),
  two('reading passwords', 'SELECT * FROM pg_authid'),
  two('a server setting', 'ALTER SYSTEM SET work_mem = 1'),
  two('the database', 'ALTER DATABASE tenantry SET search_path = $a'),
];

/** What a tenant leaves behind for whoever gets the connection next. */
export interface Poison {
  readonly name: string;
  readonly steps: readonly string[];
  /** SQLSTATE where already the poison is refused. */
  readonly refused?: string;
  /** A query of the next tenant whose answer must be the same as on a fresh connection. */
  readonly look: string;
  /** Left behind by `RESET ROLE; RESET ALL`, which is what usual pools do at most. */
  readonly survivesReset?: boolean;
}

export const poisons: readonly Poison[] = [
  {
    name: 'a temporary table in place of a real one',
    steps: [`CREATE TEMP TABLE notes AS SELECT 1 AS id, 'evil' AS body`],
    refused: denied,
    look: 'SELECT body FROM notes WHERE id = 1',
  },
  {
    name: 'a temporary table with a trigger',
    steps: ['CREATE TEMP TABLE t (x int)'],
    refused: denied,
    look: 'SELECT count(*) FROM pg_class WHERE relpersistence = $q$t$q$',
  },
  {
    name: 'another search path',
    steps: ['SET search_path = $a, pg_catalog'],
    look: `SELECT current_setting('search_path')`,
  },
  {
    name: 'another search path, by a query',
    steps: [`SELECT set_config('search_path', '$a', false)`],
    look: `SELECT current_setting('search_path')`,
  },
  { name: 'another role', steps: ['RESET ROLE'], look: 'SELECT current_user' },
  {
    name: 'read-only transactions',
    steps: ['SET default_transaction_read_only = on'],
    look: `SELECT current_setting('default_transaction_read_only')`,
  },
  {
    name: 'a short statement_timeout',
    steps: [`SET statement_timeout = '1ms'`],
    look: `SELECT current_setting('statement_timeout')`,
  },
  {
    name: 'another DateStyle',
    steps: [`SET DateStyle = 'SQL, DMY'`],
    look: `SELECT current_setting('DateStyle')`,
  },
  { name: 'backslashes in strings', steps: ['SET standard_conforming_strings = off'], look: `SELECT 'a\\'` },
  {
    name: 'another time zone',
    steps: [`SET TimeZone = 'Asia/Kabul'`],
    look: `SELECT current_setting('TimeZone')`,
  },
  {
    name: 'a setting of its own',
    steps: [`SELECT set_config('app.user', 'admin', false)`],
    look: `SELECT coalesce(current_setting('app.user', true), '') AS setting`,
  },
  {
    name: 'a prepared statement',
    steps: ['PREPARE reader AS SELECT 1'],
    look: 'SELECT count(*) FROM pg_prepared_statements',
    survivesReset: true,
  },
  {
    name: 'a cursor WITH HOLD',
    steps: ['BEGIN', 'DECLARE evil CURSOR WITH HOLD FOR SELECT body FROM notes', 'COMMIT'],
    look: `SELECT count(*) FROM pg_cursors WHERE name = 'evil'`,
    survivesReset: true,
  },
  {
    name: 'LISTEN',
    steps: ['LISTEN evil'],
    look: 'SELECT count(*) FROM pg_listening_channels()',
    survivesReset: true,
  },
  {
    name: 'a session-level advisory lock',
    steps: ['SELECT pg_advisory_lock(42)'],
    look: `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()`,
    survivesReset: true,
  },
  {
    name: 'lastval()',
    steps: [`INSERT INTO notes (body) VALUES ('x')`],
    look: 'SELECT lastval()',
    survivesReset: true,
  },
  {
    name: 'an open transaction',
    steps: ['BEGIN', `INSERT INTO notes (body) VALUES ('open')`],
    look: `SELECT count(*) FROM notes WHERE body = 'open'`,
  },
  { name: 'a failed transaction', steps: ['BEGIN', 'SELECT 1/0'], refused: '22012', look: 'SELECT 1 AS one' },
];
