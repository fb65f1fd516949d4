import { allowed, denied, family, severalStatements, type Attack } from '../attack.ts';

const { l1, l2, l3 } = family('read');
const path = { hits: ['search_path'] } as const;
const role = { hits: ['set role'] } as const;
const both = { hits: ['search_path', 'set role'] } as const;

/** SQL text inside of a query, as an injected expression can have it. */
const asXml = `query_to_xml('SELECT * FROM {b}.notes', true, true, '')::text`;
const words = `ts_stat($q$SELECT to_tsvector('simple', body) FROM {b}.notes$q$)`;

/** Naming the neighbour's objects in an injected expression. */
const named: readonly Attack[] = [
  l1('union', 'a union', 'SELECT body FROM notes WHERE id = 1 UNION ALL SELECT body FROM {b}.notes', path),
  l1('subselect', 'a sub-select', `SELECT (SELECT string_agg(body, ',') FROM {b}.notes) FROM notes`, path),
  l1('lateral', 'a lateral join', 'SELECT v.body FROM notes, LATERAL (SELECT body FROM {b}.notes) v', path),
  l1('cte', 'a WITH', 'WITH v AS MATERIALIZED (SELECT * FROM {b}.notes) SELECT body FROM v', path),
  l1(
    'exists',
    'a question for yes or no',
    `SELECT 1 FROM notes WHERE EXISTS (SELECT FROM {b}.notes WHERE body LIKE 'c%')`,
    path,
  ),
  l1('whole-row', 'a whole row as text', 'SELECT n::text FROM {b}.notes n', path),
  l1('tablesample', 'a sample', 'SELECT body FROM {b}.notes TABLESAMPLE SYSTEM (100)', path),
  l1(
    'order-by',
    'a sub-select in ORDER BY',
    'SELECT id FROM notes ORDER BY (SELECT body FROM {b}.notes LIMIT 1)',
    path,
  ),
  l1(
    'cast-error',
    'a value inside of an error message',
    'SELECT (SELECT body FROM {b}.notes LIMIT 1)::int',
    path,
  ),
  l1('system-columns', 'system columns', 'SELECT ctid, xmin, tableoid FROM {b}.notes', path),
  l1('view', 'its view', 'SELECT body FROM {b}.recent', path),
  l1('materialized-view', 'its materialised view', 'SELECT body FROM {b}.summary', path),
  l1('function', 'its function', 'SELECT {b}.secret()', path),
  l1('definer-function', 'its SECURITY DEFINER function', 'SELECT {b}.definer()', path),
  l1('function-named', 'its function in FROM', 'SELECT * FROM {b}.secret() AS f(x)', path),
  l1('sequence-row', 'the row of its sequence', 'SELECT last_value FROM {b}.counter', path),
  l1(
    'sequence-last',
    'the last value of its sequence',
    `SELECT pg_sequence_last_value('{b}.counter'::regclass)`,
    path,
  ),
  l1('currval', 'currval of its sequence', `SELECT currval('{b}.counter')`, {}),
  l1('regclass', 'its table as a regclass', `SELECT '{b}.notes'::regclass::oid`, path),
  l1('to-regclass', 'to_regclass of its table', `SELECT to_regclass('{b}.notes')::oid`, path),
  l1('regprocedure', 'its function as a regprocedure', `SELECT '{b}.secret()'::regprocedure::oid`, path),
  l1('type', 'its type', `SELECT 'calm'::{b}.mood`, path),
  l1('row-type', 'the row type of its table', 'SELECT NULL::{b}.notes', path),
];

/** Functions of PostgreSQL that run SQL text, or read what they are named. */
const texts: readonly Attack[] = [
  l1('query-to-xml', 'query_to_xml', `SELECT ${asXml}`, path),
  l1(
    'query-to-xmlschema',
    'query_to_xmlschema',
    `SELECT query_to_xmlschema('SELECT * FROM {b}.notes', true, true, '')::text`,
    path,
  ),
  l1('table-to-xml', 'table_to_xml', `SELECT table_to_xml('{b}.notes', true, true, '')::text`, path),
  l1(
    'table-to-xml-oid',
    'table_to_xml by object id',
    `SELECT table_to_xml({table}::regclass, true, true, '')::text`,
    path,
  ),
  l1('schema-to-xml', 'schema_to_xml', `SELECT schema_to_xml('{b}', true, true, '')::text`, path),
  l1(
    'database-to-xml',
    'database_to_xml shows its own and nothing else',
    `SELECT database_to_xml(true, true, '')::text`,
    {
      ...path,
      expected: [allowed],
    },
  ),
  l1('ts-stat', 'ts_stat', `SELECT string_agg(word, ' ') FROM ${words}`, path),
  l1(
    'ts-rewrite',
    'ts_rewrite',
    `SELECT ts_rewrite('a'::tsquery, $q$SELECT 'a'::tsquery, plainto_tsquery('simple', body) FROM {b}.notes$q$)`,
    path,
  ),
  l1(
    'dblink',
    'dblink to itself',
    `SELECT * FROM dblink('dbname={database}', 'SELECT body FROM {b}.notes') AS t(body text)`,
    {
      expected: ['42883', denied],
    },
  ),
  l1(
    'xml-entity',
    'an external entity of XML',
    `SELECT xmlparse(DOCUMENT '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>')::text`,
    {
      expected: [allowed, '2200M', '0A000'],
      leaks: ['root:x:'],
    },
  ),
  l1(
    'set-role-xml',
    'set_config of the role and query_to_xml in one SELECT',
    `SELECT set_config('role', '{b.role}', false) || ${asXml}`,
    {
      ...role,
      needs: ['roles'],
    },
  ),
  l1(
    'set-role-words',
    'set_config of the role and ts_stat in one SELECT',
    `SELECT set_config('role', '{b.role}', false) || (SELECT string_agg(word, ' ') FROM ${words})`,
    {
      ...role,
      needs: ['roles'],
    },
  ),
];

/** What the catalogs and the statistics might tell of rows. */
const statistics: readonly Attack[] = [
  l1(
    'pg-stats',
    'most common values in pg_stats',
    `SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE schemaname = '{b}'`,
    {
      ...path,
      expected: [allowed],
    },
  ),
  l1(
    'pg-stats-ext',
    'extended statistics',
    `SELECT most_common_vals::text FROM pg_stats_ext WHERE schemaname = '{b}'`,
    {
      ...path,
      expected: [allowed],
    },
  ),
  l1(
    'pg-statistic',
    'pg_statistic itself',
    'SELECT stavalues1::text FROM pg_statistic WHERE starelid = {table}',
  ),
  l1('pg-statistic-ext', 'pg_statistic_ext_data itself', 'SELECT stxdmcv::text FROM pg_statistic_ext_data'),
  l1(
    'estimate',
    'an estimate of the planner',
    `EXPLAIN (FORMAT JSON) SELECT * FROM {b}.notes WHERE body = 'x'`,
    path,
  ),
  l1(
    'leaky-operator',
    'a condition that is pushed into its view',
    `SELECT * FROM {b}.recent WHERE body::int > 0`,
    path,
  ),
  l1('activity', 'the text of its running query', `SELECT query FROM pg_stat_activity WHERE pid = {pid}`, {
    ...path,
    expected: [allowed],
  }),
  l1(
    'activity-function',
    'the same through the function below the view',
    `SELECT string_agg(query, ' ') FROM pg_stat_get_activity({pid})`,
    {
      ...path,
      expected: [allowed],
    },
  ),
  l2(
    'activity-login',
    'the same as the login',
    ['RESET ROLE', 'SELECT query FROM pg_stat_activity WHERE pid = {pid}'],
    {
      ...both,
      expected: [allowed],
    },
  ),
  l1('statements', 'pg_stat_statements', 'SELECT query FROM pg_stat_statements', {
    expected: ['42P01', allowed, '55000'],
  }),
  l1('subscriptions', 'passwords of subscriptions', 'SELECT subconninfo FROM pg_subscription'),
  l1('user-mappings', 'passwords of foreign servers', 'SELECT umoptions FROM pg_user_mapping'),
  l1('passwords', 'passwords of logins', 'SELECT rolname, rolpassword FROM pg_authid'),
  l1('shadow', 'passwords of logins in pg_shadow', 'SELECT passwd FROM pg_shadow'),
  l1(
    'information-schema',
    'tables of information_schema',
    `SELECT table_name FROM information_schema.tables WHERE table_schema = '{b}' AND table_name <> 'x'`,
    {
      expected: [allowed],
    },
  ),
  l1('large-object-table', 'pg_largeobject itself', 'SELECT data FROM pg_largeobject'),
  l1('large-object', 'its large object', 'SELECT lo_get({lo})', path),
  l2(
    'large-object-open',
    'its large object, opened',
    ['BEGIN', 'SELECT loread(lo_open({lo}, 262144), 100)'],
    path,
  ),
  l1(
    'logical-changes',
    'what a replication slot decodes',
    `SELECT pg_logical_slot_peek_changes('evil', NULL, NULL)`,
  ),
];

/** Whole statements. */
const statements: readonly Attack[] = [
  l2('copy-to', 'COPY to the client', 'COPY {b}.notes TO STDOUT', path),
  l2('copy-query', 'COPY of a query to the client', 'COPY (SELECT body FROM {b}.notes) TO STDOUT', path),
  l2('table-command', 'TABLE', 'TABLE {b}.notes', path),
  l2(
    'cursor',
    'a cursor',
    ['BEGIN', 'DECLARE evil CURSOR FOR SELECT body FROM {b}.notes', 'FETCH ALL FROM evil'],
    path,
  ),
  l2(
    'prepared',
    'a prepared statement',
    ['PREPARE evil AS SELECT body FROM {b}.notes', 'EXECUTE evil', 'DEALLOCATE evil'],
    path,
  ),
  l2(
    'do-block',
    'a DO block that raises what it reads',
    `DO $do$ BEGIN RAISE NOTICE '%', (SELECT body FROM {b}.notes LIMIT 1); END $do$`,
    path,
  ),
  l2('explain-analyze', 'EXPLAIN ANALYZE', 'EXPLAIN (ANALYZE, VERBOSE) SELECT body FROM {b}.notes', path),
  l2('search-path', 'SET search_path', ['SET search_path = {b}', 'SELECT body FROM notes'], {
    ...path,
    expected: ['42P01'],
  }),
  l1(
    'search-path-query',
    'set_config of the search path; the application reads',
    [`SELECT set_config('search_path', '{b}', false)`, 'SELECT body FROM notes'],
    {
      ...path,
      expected: ['42P01'],
    },
  ),
  l2(
    'search-path-role',
    'the search path stored on its login, and a new connection',
    [
      'ALTER ROLE CURRENT_USER SET search_path = {b}',
      { reconnect: true },
      'SELECT body FROM notes WHERE body NOT IN (SELECT body FROM {a}.notes)',
    ],
    {
      // A control's login stores it too; it sets its own path with every tenant, so it is not hit.
      expected: [allowed, denied, '42P01'],
      needs: ['login'],
      cleanup: ['ALTER ROLE CURRENT_USER RESET ALL'],
      alone: true,
    },
  ),
  l2(
    'snapshot',
    'a snapshot of its transaction',
    ['BEGIN ISOLATION LEVEL REPEATABLE READ', `SET TRANSACTION SNAPSHOT '00000001-00000001-1'`],
    {
      expected: ['22023', '42704'],
    },
  ),
  l3(
    'stacked',
    'stacked: SET ROLE, and a SELECT',
    'SELECT 1; SET ROLE {b.role}; SELECT body FROM {b}.notes',
    {
      ...role,
      needs: ['roles'],
    },
  ),
  l3('stacked-select', 'stacked: a SELECT', 'SELECT 1; SELECT body FROM {b}.notes', path),
  l3('stacked-commit', 'stacked: COMMIT, SET ROLE', 'COMMIT; SET ROLE {b.role}; SELECT body FROM {b}.notes', {
    ...role,
    needs: ['roles'],
  }),
  l3('stacked-reset', 'stacked: RESET ROLE', 'RESET ROLE; SELECT body FROM {b}.notes', path),
  l3(
    'stacked-discard',
    'stacked: ROLLBACK, SET ROLE',
    'ROLLBACK; SET ROLE {b.role}; SELECT body FROM {b}.notes',
    {
      ...role,
      needs: ['roles'],
    },
  ),
  l3('stacked-path', 'stacked: SET search_path', 'SET search_path = {b}; SELECT body FROM notes', {
    ...path,
    expected: ['42P01', severalStatements],
  }),
];

/** Reading what is the neighbour's. */
export const readAttacks: readonly Attack[] = [...named, ...texts, ...statistics, ...statements];
