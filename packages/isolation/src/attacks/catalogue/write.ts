import { allowed, denied, family, type Attack } from '../attack.ts';

const { l1, l2, l3 } = family('write');
const path = { hits: ['search_path'] } as const;
/** Undone on the controls, where it succeeds: the next attack needs the victim as it was. */
const undone = (...steps: readonly string[]): readonly string[] => ['BEGIN', ...steps];

/** Rows. */
const rows: readonly Attack[] = [
  l1(
    'cte-insert',
    'a WITH that inserts',
    `WITH x AS (INSERT INTO {b}.notes (body) VALUES ('evil') RETURNING body) SELECT * FROM x`,
    path,
  ),
  l1(
    'cte-update',
    'a WITH that updates',
    'WITH x AS (UPDATE {b}.notes SET body = body RETURNING body) SELECT * FROM x',
    path,
  ),
  l1(
    'cte-delete',
    'a WITH that deletes',
    'WITH x AS (DELETE FROM {b}.notes WHERE id < 0 RETURNING body) SELECT * FROM x',
    path,
  ),
  l1('nextval', 'burning its sequence', `SELECT nextval('{b}.counter')`, path),
  l1('setval', 'setting its sequence', `SELECT setval('{b}.counter', 1000000)`, path),
  l1('select-for-update', 'SELECT … FOR UPDATE', 'SELECT body FROM {b}.notes FOR UPDATE NOWAIT', path),
  l2('lo-put', 'writing its large object', undone(`SELECT lo_put({lo}, 0, 'evil')`), path),
  l2('lo-unlink', 'unlinking its large object', undone('SELECT lo_unlink({lo})'), path),
  l2(
    'lo-truncate',
    'truncating its large object',
    ['BEGIN', 'SELECT lo_truncate(lo_open({lo}, 131072), 0)'],
    path,
  ),
  l2('lo-owner', 'taking its large object', undone('ALTER LARGE OBJECT {lo} OWNER TO CURRENT_USER'), path),
  l2('lo-compat', 'large objects without privileges', [
    'SET lo_compat_privileges = on',
    'SELECT lo_get({lo})',
  ]),
  l2('insert', 'INSERT', `INSERT INTO {b}.notes (body) VALUES ('evil')`, path),
  l2(
    'insert-select',
    'INSERT of its own rows',
    'INSERT INTO {b}.notes (body) SELECT body FROM {a}.notes LIMIT 1',
    path,
  ),
  l2(
    'insert-own-select',
    'its rows copied to its own table',
    undone('INSERT INTO {a}.notes (body) SELECT body FROM {b}.notes RETURNING body'),
    path,
  ),
  l2(
    'upsert',
    'INSERT … ON CONFLICT',
    `INSERT INTO {b}.notes (id, body) VALUES (1, 'evil') ON CONFLICT (id) DO UPDATE SET body = notes.body RETURNING body`,
    path,
  ),
  l2(
    'duplicate-key',
    'a duplicate key that tells what is there',
    `INSERT INTO {b}.notes (id, body) VALUES (1, 'evil')`,
    {},
  ),
  l2('update', 'UPDATE', 'UPDATE {b}.notes SET body = body RETURNING body', path),
  l2(
    'update-from',
    'UPDATE of its own rows from hers',
    undone('UPDATE {a}.notes n SET body = v.body FROM {b}.notes v WHERE v.id = n.id RETURNING n.body'),
    path,
  ),
  l2('delete', 'DELETE', 'DELETE FROM {b}.notes WHERE id < 0 RETURNING body', path),
  l2(
    'delete-using',
    'DELETE … USING',
    'DELETE FROM {a}.notes n USING {b}.notes v WHERE n.id = -v.id RETURNING v.body',
    path,
  ),
  l2(
    'merge',
    'MERGE',
    'MERGE INTO {b}.notes n USING (SELECT 1 AS id) x ON n.id = x.id WHEN MATCHED THEN UPDATE SET body = n.body',
    path,
  ),
  // Where it may, the driver ends the copy without a row; which it can by the simple protocol alone.
  l3('copy-from', 'COPY from the client', 'COPY {b}.notes (body) FROM STDIN'),
  l2('truncate', 'TRUNCATE', undone('TRUNCATE {b}.notes'), path),
  l3('stacked', 'stacked: a write', `SELECT 1; INSERT INTO {b}.notes (body) VALUES ('evil')`, path),
  l3('stacked-drop', 'stacked: DROP TABLE', 'BEGIN; DROP TABLE {b}.notes CASCADE; ROLLBACK', path),
];

/** Objects of the victim. */
const objects: readonly Attack[] = [
  l2('drop-table', 'DROP TABLE', undone('DROP TABLE {b}.notes CASCADE'), path),
  l2('drop-schema', 'DROP SCHEMA', undone('DROP SCHEMA {b} CASCADE'), path),
  l2('rename-schema', 'renaming its schema', undone('ALTER SCHEMA {b} RENAME TO evil')),
  l2('schema-owner', 'taking its schema', undone('ALTER SCHEMA {b} OWNER TO CURRENT_USER')),
  l2('table-owner', 'taking its table', undone('ALTER TABLE {b}.notes OWNER TO CURRENT_USER'), path),
  l2('alter-table', 'a column in its table', undone('ALTER TABLE {b}.notes ADD COLUMN evil int'), path),
  l2('table-schema', 'moving its table', undone('ALTER TABLE {b}.notes SET SCHEMA {a}')),
  l2('disable-triggers', 'its triggers', undone('ALTER TABLE {b}.notes DISABLE TRIGGER USER'), path),
  l2('row-security', 'its row security', undone('ALTER TABLE {b}.notes ENABLE ROW LEVEL SECURITY'), path),
  l2('policy', 'a policy on its table', undone('CREATE POLICY evil ON {b}.notes USING (true)'), path),
  l2('rule', 'a rule on its table', undone('CREATE RULE evil AS ON DELETE TO {b}.notes DO NOTHING'), path),
  l2(
    'trigger',
    'a trigger on its table',
    undone(
      'CREATE TRIGGER evil BEFORE INSERT ON {b}.notes EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    ),
    path,
  ),
  l2('index', 'an index on its table', undone('CREATE INDEX evil ON {b}.notes (body)'), path),
  l2(
    'statistics',
    'statistics of its table',
    undone('CREATE STATISTICS {b}.evil ON id, body FROM {b}.notes'),
    path,
  ),
  l2('create-table-in', 'a table in its schema', undone('CREATE TABLE {b}.evil (x int)'), path),
  l2(
    'create-function-in',
    'a function in its schema',
    undone('CREATE FUNCTION {b}.evil() RETURNS int RETURN 1'),
    path,
  ),
  l2(
    'shadow-operator',
    'an operator in its schema',
    undone('CREATE OPERATOR {b}.= (LEFTARG = text, RIGHTARG = text, FUNCTION = textne)'),
    path,
  ),
  l2(
    'replace-function',
    'another body for its function',
    undone(`CREATE OR REPLACE FUNCTION {b}.secret() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'`),
    path,
  ),
  l2(
    'create-view-over',
    'a view of its table in its own schema',
    undone('CREATE VIEW {a}.evil AS SELECT * FROM {b}.notes'),
    path,
  ),
  l2(
    'foreign-key',
    'a foreign key to its table',
    undone('CREATE TABLE {a}.evil (id int REFERENCES {b}.notes)'),
    path,
  ),
  l2(
    'inherit',
    'a table that inherits from its',
    undone('CREATE TABLE {a}.evil () INHERITS ({b}.notes)'),
    path,
  ),
  l2('like', 'a table like its', undone('CREATE TABLE {a}.evil (LIKE {b}.notes)'), path),
  l2(
    'trigger-function',
    'its function as a trigger',
    undone('CREATE TRIGGER evil BEFORE INSERT ON {a}.notes EXECUTE FUNCTION {b}.touch()'),
    path,
  ),
  l2(
    'default-sequence',
    'its sequence as a default',
    undone(`ALTER TABLE {a}.notes ALTER id SET DEFAULT nextval('{b}.counter')`),
    {},
  ),
  l2('comment', 'a comment on its table', undone(`COMMENT ON TABLE {b}.notes IS 'evil'`), path),
  l2('vacuum', 'VACUUM', 'VACUUM {b}.notes', { ...path, expected: [denied, '25001'] }),
  l2('analyze', 'ANALYZE', undone('ANALYZE {b}.notes'), path),
  l2('reindex', 'REINDEX', undone('REINDEX TABLE {b}.notes'), path),
  l2('cluster', 'CLUSTER', undone('CLUSTER {b}.notes USING notes_pkey'), path),
  l2('refresh', 'REFRESH MATERIALIZED VIEW', undone('REFRESH MATERIALIZED VIEW {b}.summary'), path),
  l2(
    'restore-statistics',
    'false statistics for the planner',
    undone(
      `SELECT pg_restore_relation_stats('schemaname', '{b}', 'relname', 'notes', 'reltuples', 1e9::real)`,
    ),
    { ...path, expected: [denied, '42883'] },
  ),
  l2(
    'clear-statistics',
    'no statistics for the planner',
    undone(`SELECT pg_clear_relation_stats('{b}', 'notes')`),
    { ...path, expected: [denied, '42883'] },
  ),
  l2('history', 'its migration history', 'DELETE FROM {b}.flyway_schema_history', {
    expected: [denied, '42P01'],
  }),
  l2('security-label', 'a security label', `SECURITY LABEL ON TABLE {b}.notes IS 'evil'`, {
    expected: [denied, '22023'],
  }),
  l2('system-catalog', 'the ACL in pg_class', 'UPDATE pg_class SET relacl = NULL WHERE oid = {table}'),
  l2(
    'system-catalog-owner',
    'the owner in pg_namespace',
    `UPDATE pg_namespace SET nspowner = nspowner WHERE nspname = '{b}'`,
  ),
  l2('system-tables', 'changes of system tables', 'SET allow_system_table_mods = on'),
];

/** Changing what is the neighbour's. */
export const writeAttacks: readonly Attack[] = [...rows, ...objects];

/** After all of them: the victim's own login looks at what it has. */
export const intact = {
  id: 'write.intact',
  title: 'the victim has lost nothing',
  expected: [allowed],
} as const;
