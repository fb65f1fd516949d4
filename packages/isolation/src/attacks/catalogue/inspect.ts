import { allowed, denied, family, type Attack } from '../attack.ts';

const { l1, l2 } = family('read');
const path = { hits: ['search_path'] } as const;
const own = { expected: [allowed] } as const;
/** Functions of an extension: there is nothing to call where it is not installed. */
const extension = { expected: ['42883', '42P01', denied] } as const;

/** Roads to rows that do not name the table. */
const roundabout: readonly Attack[] = [
  l1(
    'toast',
    'its TOAST table, by name',
    `SELECT query_to_xml('SELECT * FROM ' || (SELECT reltoastrelid FROM pg_class WHERE oid = {table})::regclass, true, true, '')::text`,
    {},
  ),
  l1(
    'toast-read',
    'a TOAST table of the victim',
    `SELECT query_to_xml(format('SELECT chunk_data FROM pg_toast.%I', (SELECT 'pg_toast_' || {table})), true, true, '')::text`,
  ),
  l1('index-page', 'a page of its index', `SELECT get_raw_page('{b}.notes_pkey', 0)`, extension),
  l1(
    'heap-items',
    'pages of its table',
    `SELECT * FROM heap_page_items(get_raw_page('{b}.notes', 0))`,
    extension,
  ),
  l1('tuples', 'statistics of its tuples', `SELECT * FROM pgstattuple('{b}.notes')`, extension),
  l1('row-locks', 'its locked rows', `SELECT * FROM pgrowlocks('{b}.notes')`, extension),
  l1('prewarm', 'loading its table', `SELECT pg_prewarm('{b}.notes')`, extension),
  l1('buffers', 'what is in memory of it', 'SELECT * FROM pg_buffercache', extension),
  l1('amcheck', 'checking its index', `SELECT bt_index_check('{b}.notes_pkey')`, extension),
  l1(
    'crosstab',
    'crosstab with SQL',
    `SELECT * FROM crosstab('SELECT body, body, body FROM {b}.notes') AS t(a text, b text)`,
    extension,
  ),
  l1(
    'connectby',
    'connectby with SQL',
    `SELECT * FROM connectby('{b}.notes', 'id', 'id', '1', 0) AS t(a int, b int, c int)`,
    extension,
  ),
  l1(
    'xpath-table',
    'xpath_table',
    `SELECT * FROM xpath_table('id', 'body', '{b}.notes', '/', 'true') AS t(a int, b text)`,
    extension,
  ),
  l1('lo-manage', 'pg_file_read of adminpack', `SELECT pg_file_read('PG_VERSION', 0, 10)`, extension),
  l1(
    'dynamic-like',
    'SQL text that is glued together',
    `SELECT query_to_xml(concat('SEL', 'ECT * FR', 'OM ', quote_ident('{b}'), '.', quote_ident('notes')), true, true, '')::text`,
    path,
  ),
  l1(
    'unicode-name',
    'its table in Unicode escapes',
    `SELECT body FROM U&"!0074!005f{b}" UESCAPE '!' . notes`,
    { expected: [denied, '42P01', '3F000'] },
  ),
  l1(
    'unicode-full',
    'its schema written in escapes',
    `SELECT query_to_xml('SELECT * FROM U&"' || regexp_replace('{b}', '^t', '\\0074') || '".notes', true, true, '')::text`,
    path,
  ),
  l1('comment-name', 'its table with comments in between', 'SELECT body FROM {b}/**/./* -- */notes', path),
  l1('database-name', 'its table with the database in front', 'SELECT body FROM {database}.{b}.notes', path),
  l1('other-database', 'a table of another database', 'SELECT * FROM postgres.public.notes', {
    expected: ['0A000'],
  }),
  l1(
    'long-name',
    'a name that is cut to the length of its own',
    `SELECT body FROM "{b}".notes AS "${'x'.repeat(70)}"`,
    path,
  ),
  l1(
    'record-set',
    'its row type filled from JSON',
    `SELECT * FROM json_populate_recordset(NULL::{b}.notes, '[{"id":1}]')`,
    path,
  ),
  l1(
    'json-query',
    'a JSON path with a variable',
    `SELECT jsonb_path_query_array(to_jsonb(array_agg(n)), '$[*]') FROM {b}.notes n`,
    path,
  ),
  l1(
    'xmltable',
    'XMLTABLE over its rows',
    `SELECT x.* FROM {b}.notes n, XMLTABLE('/a' PASSING xmlelement(name a, n.body) COLUMNS v text PATH '.') x`,
    path,
  ),
  l1(
    'rows-from',
    'ROWS FROM with its function',
    'SELECT * FROM ROWS FROM ({b}.secret(), generate_series(1, 2)) AS t(a, b)',
    path,
  ),
  l1('window', 'a window over its rows', 'SELECT first_value(body) OVER () FROM {b}.notes', path),
  l1(
    'recursive',
    'a recursive query',
    'WITH RECURSIVE r AS (SELECT id, body FROM {b}.notes UNION SELECT id + 1, body FROM r WHERE id < 0) SELECT * FROM r',
    path,
  ),
  l1('cube', 'grouping sets', 'SELECT body, count(*) FROM {b}.notes GROUP BY CUBE (body, id)', path),
  l1(
    'grep-error',
    'a regular expression that fails with a value',
    `SELECT regexp_replace('x', (SELECT '(' || body FROM {b}.notes LIMIT 1), '')`,
  ),
  l1(
    'json-error',
    'a value inside of a JSON error',
    'SELECT (SELECT body FROM {b}.notes LIMIT 1)::json',
    path,
  ),
  l1(
    'xml-error',
    'a value inside of an XML error',
    'SELECT xmlparse(DOCUMENT (SELECT body FROM {b}.notes LIMIT 1))',
    path,
  ),
  l1('ctid', 'a row by its address', `SELECT body FROM {b}.notes WHERE ctid = '(0,1)'`, path),
  l1('currtid', 'the newest address of a row', `SELECT currtid2('{b}.notes', '(0,1)'::tid)`, path),
  l1(
    'sequence-data',
    'its sequence, below the view',
    `SELECT last_value FROM pg_get_sequence_data('{b}.counter'::regclass)`,
    { ...path, expected: [denied, '42883'] },
  ),
  l1(
    'sequence-parameters',
    'parameters of its sequence',
    `SELECT pg_sequence_parameters((SELECT oid FROM pg_class WHERE relname = 'counter' AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = '{b}')))`,
    path,
  ),
  l1(
    'sequences-view',
    'last values in pg_sequences',
    `SELECT last_value FROM pg_sequences WHERE schemaname = '{b}' AND last_value IS NOT NULL AND last_value::text = 'x'`,
    own,
  ),
];

/** Statistics, sessions and files that a view shows less of than the function below it. */
const below: readonly Attack[] = [
  l1(
    'mcv-items',
    'decoding its extended statistics',
    `SELECT m.* FROM pg_statistic_ext_data d, pg_mcv_list_items(d.stxdmcv) m`,
  ),
  l1(
    'stats-ext-exprs',
    'statistics of expressions',
    `SELECT most_common_vals::text FROM pg_stats_ext_exprs WHERE schemaname = '{b}'`,
    { ...own },
  ),
  l1(
    'activity-all',
    'texts of all queries',
    `SELECT string_agg(query, ' ') FROM pg_stat_get_activity(NULL)`,
    { ...path, expected: [allowed] },
  ),
  l1(
    'backend-activity',
    'the text of a query by the number of its backend',
    `SELECT string_agg(pg_stat_get_backend_activity(n), ' ') FROM pg_stat_get_backend_idset() n`,
    { ...path, expected: [allowed] },
  ),
  l1(
    'subscription-view',
    'connection strings in pg_subscription by a function',
    `SELECT query_to_xml('SELECT subconninfo FROM pg_subscription', true, true, '')::text`,
  ),
  l1(
    'user-mappings-view',
    'options in pg_user_mappings',
    `SELECT umoptions FROM pg_user_mappings WHERE umoptions::text LIKE '%password%'`,
    own,
  ),
  l1(
    'roles-view',
    'passwords in pg_roles',
    `SELECT rolname FROM pg_roles WHERE rolpassword <> '********'`,
    own,
  ),
  l1('group-view', 'passwords in pg_user', `SELECT usename FROM pg_user WHERE passwd <> '********'`, own),
  l1('memory-contexts', 'memory of backends', 'SELECT * FROM pg_backend_memory_contexts'),
  l1('shmem-numa', 'where shared memory lies', 'SELECT * FROM pg_shmem_allocations_numa', {
    expected: [denied, '42P01'],
  }),
  l1('aios', 'reads that are under way', 'SELECT * FROM pg_aios', { expected: [denied, '42P01'] }),
  l1(
    'wal-receiver',
    'the connection of a standby',
    'SELECT conninfo FROM pg_stat_wal_receiver WHERE conninfo IS NOT NULL',
    own,
  ),
  l1(
    'replication',
    'standbys and their addresses',
    'SELECT client_addr FROM pg_stat_replication WHERE client_addr IS NOT NULL',
    own,
  ),
  l1('show-data-directory', 'where the data lies', `SELECT current_setting('data_directory')`),
  l1('show-conninfo', 'the password for the primary', `SELECT current_setting('primary_conninfo')`),
  l1('show-hba', 'where pg_hba.conf lies', `SELECT current_setting('hba_file')`),
  l1(
    'show-libraries',
    'what is loaded at the start of sessions',
    `SELECT current_setting('session_preload_libraries')`,
  ),
  l1(
    'settings-files',
    'files in pg_settings',
    'SELECT sourcefile FROM pg_settings WHERE sourcefile IS NOT NULL',
    own,
  ),
  l1('logical-dir', 'pg_ls_logicalsnapdir', 'SELECT pg_ls_logicalsnapdir()'),
  l1('archive-dir', 'pg_ls_archive_statusdir', 'SELECT pg_ls_archive_statusdir()'),
  l1('summaries-dir', 'pg_ls_summariesdir', 'SELECT pg_ls_summariesdir()', { expected: [denied, '42883'] }),
  l1(
    'wal-records',
    'the write-ahead log',
    `SELECT pg_get_wal_records_info('0/1000000', '0/2000000')`,
    extension,
  ),
  l1('read-file-part', 'a part of a file', `SELECT pg_read_file('postgresql.conf', 0, 100)`),
  l1('read-file-missing', 'a file that may be missing', `SELECT pg_read_file('pg_hba.conf', true)`),
  l1('control-data', 'the state of the cluster', 'SELECT pg_stat_file(current_setting($q$config_file$q$))'),
];

/** Whole statements. */
const statements: readonly Attack[] = [
  l2(
    'toast-block',
    'its TOAST table, in a DO block',
    `DO $do$ DECLARE v bytea; BEGIN EXECUTE format('SELECT chunk_data FROM pg_toast.pg_toast_%s LIMIT 1', {table}) INTO v; RAISE NOTICE '%', v; END $do$`,
    { expected: [denied, '42P01'] },
  ),
  l2('copy-program-query', 'COPY of its table to a program', `COPY {b}.notes TO PROGRAM 'cat'`),
  l2('copy-binary', 'COPY in binary', 'COPY {b}.notes TO STDOUT (FORMAT binary)', path),
  l2(
    'cursor-hold',
    'a cursor that outlives its transaction',
    [
      'BEGIN',
      'DECLARE evil2 CURSOR WITH HOLD FOR SELECT body FROM {b}.notes',
      'COMMIT',
      'FETCH ALL FROM evil2',
      'CLOSE evil2',
    ],
    path,
  ),
  l2(
    'scroll',
    'a cursor that goes back',
    ['BEGIN', 'DECLARE evil3 SCROLL CURSOR FOR SELECT body FROM {b}.notes', 'FETCH LAST FROM evil3'],
    path,
  ),
  l2(
    'generic-plan',
    'a generic plan of its table',
    'EXPLAIN (GENERIC_PLAN) SELECT * FROM {b}.notes WHERE id = $1',
    { expected: [denied, '08P01'] },
  ),
  l2(
    'explain-memory',
    'a plan with all there is to say',
    'EXPLAIN (VERBOSE, SETTINGS, FORMAT XML) SELECT body FROM {b}.notes',
    path,
  ),
  l2(
    'execute-format',
    'SQL text in a DO block',
    `DO $do$ DECLARE v text; BEGIN EXECUTE format('SELECT body FROM %I.notes LIMIT 1', '{b}') INTO v; RAISE EXCEPTION '%', v; END $do$`,
    path,
  ),
  l2(
    'exception-block',
    'errors that are caught one by one',
    `DO $do$ BEGIN BEGIN PERFORM body FROM {b}.notes; RAISE NOTICE 'seen %', (SELECT body FROM {b}.notes LIMIT 1); EXCEPTION WHEN insufficient_privilege THEN RAISE insufficient_privilege; END; END $do$`,
    path,
  ),
  l2('values', 'VALUES with a sub-select', 'VALUES ((SELECT body FROM {b}.notes LIMIT 1))', path),
  l2('call', 'CALL of its function', 'CALL {b}.secret()', { expected: [denied, '42809'] }),
  l2(
    'import-snapshot',
    'a snapshot that it has exported itself',
    ['BEGIN ISOLATION LEVEL REPEATABLE READ', 'SELECT pg_export_snapshot()', 'SELECT body FROM {b}.notes'],
    path,
  ),
];

/** Reading what is the neighbour's, by roads that few would think of. */
export const inspectAttacks: readonly Attack[] = [...roundabout, ...below, ...statements];
