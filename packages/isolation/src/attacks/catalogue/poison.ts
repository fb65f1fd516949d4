import { allowed, denied, family, type Attack } from '../attack.ts';

const { poison } = family('poison');
/** `RESET ROLE; RESET ALL`, which is what usual pools do at most, leaves it. */
const survives = { hits: ['search_path', 'set role'], expected: [allowed] } as const;
const temporary = { hits: ['search_path'] } as const;
const reset = { expected: [allowed] } as const;

/** What a tenant leaves behind for whoever gets the connection next. */
export const poisonAttacks: readonly Attack[] = [
  poison(
    'temp-table',
    'a temporary table in place of a real one',
    `CREATE TEMP TABLE notes AS SELECT 1 AS id, 'evil' AS body`,
    { ...temporary, look: 'SELECT body FROM notes WHERE id = 1' },
  ),
  poison(
    'temp-trigger',
    'a temporary table with a trigger that runs as the next one',
    [
      'CREATE TEMP TABLE t (x int)',
      'CREATE FUNCTION pg_temp.f() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NULL; END $f$',
    ],
    { ...temporary, look: `SELECT count(*) FROM pg_class WHERE relpersistence = 't'` },
  ),
  poison(
    'temp-function',
    'a temporary function in place of a real one',
    'CREATE FUNCTION pg_temp.secret() RETURNS text RETURN 1',
    {
      ...temporary,
      expected: [denied],
      look: `SELECT count(*) FROM pg_proc WHERE pronamespace = pg_my_temp_schema()`,
    },
  ),
  poison('search-path', 'another search path', 'SET search_path = {a}, pg_catalog', {
    ...reset,
    look: `SELECT current_setting('search_path') AS setting`,
  }),
  poison(
    'search-path-query',
    'another search path, by a query',
    `SELECT set_config('search_path', '{a}', false)`,
    {
      ...reset,
      look: `SELECT current_setting('search_path') AS setting`,
    },
  ),
  poison('role', 'another role', 'RESET ROLE', { ...reset, look: 'SELECT current_user AS me' }),
  poison('session-user', 'another session user', 'SET SESSION AUTHORIZATION DEFAULT', {
    ...reset,
    look: 'SELECT current_user AS me, session_user AS login',
  }),
  ...(
    [
      ['default_transaction_read_only', 'on', 'read-only transactions'],
      ['default_transaction_isolation', 'serializable', 'another isolation level'],
      ['default_transaction_deferrable', 'on', 'deferrable transactions'],
      ['statement_timeout', `'1ms'`, 'a short statement_timeout'],
      ['lock_timeout', `'1ms'`, 'a short lock_timeout'],
      ['idle_session_timeout', `'1h'`, 'another idle_session_timeout'],
      ['DateStyle', `'SQL, DMY'`, 'another DateStyle'],
      ['IntervalStyle', 'iso_8601', 'another IntervalStyle'],
      ['TimeZone', `'Asia/Kabul'`, 'another time zone'],
      ['bytea_output', 'escape', 'another form of bytea'],
      ['extra_float_digits', '0', 'another number of digits'],
      ['standard_conforming_strings', 'off', 'backslashes in strings'],
      ['escape_string_warning', 'off', 'no warning of backslashes'],
      ['xmloption', 'document', 'another kind of XML'],
      ['check_function_bodies', 'off', 'functions that are not checked'],
      ['row_security', 'off', 'no row security'],
      ['transform_null_equals', 'on', 'another meaning of = NULL'],
      ['work_mem', `'64kB'`, 'little memory'],
      ['enable_seqscan', 'off', 'another planner'],
      ['plan_cache_mode', 'force_generic_plan', 'another plan cache'],
      ['synchronous_commit', 'off', 'commits that are not on disk'],
      ['application_name', `'evil'`, 'another application_name'],
      ['default_text_search_config', `'pg_catalog.german'`, 'another text search'],
      ['client_min_messages', 'error', 'no notices'],
      ['event_triggers', 'off', 'no event triggers'],
    ] as const
  ).map(([name, value, title]) =>
    poison(`set-${name.toLowerCase().replaceAll('_', '-')}`, title, `SET ${name} = ${value}`, {
      expected: [allowed, denied],
      look: `SELECT current_setting('${name}') AS setting`,
    }),
  ),
  poison('encoding', 'another encoding', `SET client_encoding = 'LATIN1'`, {
    ...reset,
    look: `SELECT current_setting('client_encoding') AS setting`,
  }),
  poison('custom-setting', 'a setting of its own', `SELECT set_config('app.tenant', '{a}', false)`, {
    ...reset,
    look: `SELECT coalesce(current_setting('app.tenant', true), '') AS setting`,
  }),
  poison('prepared', 'a prepared statement', 'PREPARE reader AS SELECT 1', {
    ...survives,
    look: 'SELECT count(*) FROM pg_prepared_statements',
  }),
  poison(
    'reprepared',
    'another statement under a name that the driver knows',
    ['DEALLOCATE ALL', `PREPARE find AS SELECT 'evil'::text AS body`],
    {
      ...survives,
      look: `SELECT count(*) FROM pg_prepared_statements WHERE name = 'find'`,
    },
  ),
  poison(
    'cursor',
    'a cursor WITH HOLD',
    ['BEGIN', 'DECLARE evil CURSOR WITH HOLD FOR SELECT body FROM notes', 'COMMIT'],
    {
      ...survives,
      look: `SELECT count(*) FROM pg_cursors WHERE name = 'evil'`,
    },
  ),
  poison(
    'cursor-read',
    'its rows in a cursor WITH HOLD',
    ['BEGIN', 'DECLARE evil CURSOR WITH HOLD FOR SELECT body FROM notes', 'COMMIT'],
    {
      ...survives,
      look: 'FETCH ALL FROM evil',
    },
  ),
  poison('listen', 'LISTEN', 'LISTEN evil', {
    ...survives,
    look: 'SELECT count(*) FROM pg_listening_channels()',
  }),
  poison('advisory-lock', 'a session-level advisory lock', 'SELECT pg_advisory_lock(42)', {
    ...survives,
    look: `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()`,
  }),
  poison('lastval', 'lastval()', `INSERT INTO notes (body) VALUES ('poison')`, {
    ...survives,
    look: 'SELECT lastval()',
  }),
  poison('currval', 'currval() of its sequence', `SELECT nextval('{a}.counter')`, {
    ...survives,
    look: 'SELECT lastval()',
  }),
  poison('open-transaction', 'an open transaction', ['BEGIN', `INSERT INTO notes (body) VALUES ('open')`], {
    ...reset,
    look: `SELECT count(*) FROM notes WHERE body = 'open'`,
  }),
  poison('failed-transaction', 'a failed transaction', ['BEGIN', 'SELECT 1/0'], {
    expected: ['22012'],
    look: 'SELECT 1 AS one',
  }),
  poison(
    'isolation',
    'a transaction that reads the past',
    ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', 'SELECT 1'],
    {
      ...reset,
      look: `SELECT current_setting('transaction_isolation') AS level, current_setting('transaction_read_only') AS read_only`,
    },
  ),
  poison('random-seed', 'a known series of random numbers', 'SELECT setseed(0.5)', {
    ...reset,
    // DISCARD ALL leaves the seed. What follows on 0.5 is known, of PostgreSQL 15 and newer.
    residual: 'random',
    look: 'SELECT random() = 0.9851677175347999 AS known',
  }),
];
