import { denied, family, inTransaction, type Attack } from '../attack.ts';

const { l1: write1, l2: write2 } = family('write');
const { l2: define2 } = family('define');
const path = { hits: ['search_path'] } as const;

const write: readonly Attack[] = [
  write1('lo-creat', 'a large object under the number of its', 'SELECT lo_create({lo})', {
    expected: ['23505', denied],
  }),
  write1('lo-export-import', 'its large object written over', `SELECT lo_import('/etc/hostname', {lo})`),
  write1(
    'advisory-lock-all',
    'rows of it locked by SKIP LOCKED',
    'SELECT id FROM {b}.notes FOR SHARE SKIP LOCKED',
    path,
  ),
  write1(
    'nowait-update',
    'an UPDATE in a WITH that nobody reads',
    'WITH x AS (UPDATE {b}.notes SET body = body) SELECT 1',
    path,
  ),
  write2(
    'merge-delete',
    'MERGE that deletes',
    'MERGE INTO {b}.notes n USING (SELECT -1 AS id) x ON n.id = x.id WHEN MATCHED THEN DELETE',
    path,
  ),
  write2(
    'insert-returning',
    'INSERT … RETURNING what it may not read',
    `INSERT INTO {b}.notes (body) SELECT 'evil' WHERE false RETURNING body`,
    path,
  ),
  write2(
    'on-conflict-nothing',
    'ON CONFLICT DO NOTHING, which tells what is there',
    `INSERT INTO {b}.notes (id, body) VALUES (1, 'evil') ON CONFLICT DO NOTHING`,
    path,
  ),
  write2('update-view', 'an UPDATE through its view', 'UPDATE {b}.recent SET body = body', path),
  write2('copy-into-view', 'COPY into its view', 'COPY {b}.recent (body) FROM STDIN', {
    expected: [denied, '42809'],
  }),
  ...(
    [
      ['extension-schema', 'its table into a schema of everybody', 'ALTER TABLE {b}.notes SET SCHEMA public'],
      ['replica-identity', 'its replica identity', 'ALTER TABLE {b}.notes REPLICA IDENTITY FULL'],
      ['set-unlogged', 'its table without a log', 'ALTER TABLE {b}.notes SET UNLOGGED'],
      [
        'storage-parameter',
        'a storage parameter of its table',
        'ALTER TABLE {b}.notes SET (autovacuum_enabled = false)',
      ],
      ['drop-constraint', 'its primary key', 'ALTER TABLE {b}.notes DROP CONSTRAINT notes_pkey CASCADE'],
      [
        'no-force',
        'row security that is not for owners',
        'ALTER TABLE {b}.notes NO FORCE ROW LEVEL SECURITY',
      ],
      ['alter-function', 'its function as a definer', 'ALTER FUNCTION {b}.secret() SECURITY DEFINER'],
      ['alter-view', 'its view for whoever asks', 'ALTER VIEW {b}.recent SET (security_invoker = false)'],
      ['alter-type', 'a value in its type', `ALTER TYPE {b}.mood ADD VALUE IF NOT EXISTS 'evil'`],
      ['alter-sequence', 'its sequence from the start', 'ALTER SEQUENCE {b}.counter RESTART'],
      ['attach', 'its table as a partition', 'ALTER TABLE {a}.notes INHERIT {b}.notes'],
      ['drop-function', 'DROP of its function', 'DROP FUNCTION {b}.secret()'],
      ['drop-sequence', 'DROP of its sequence', 'DROP SEQUENCE {b}.counter CASCADE'],
      ['drop-type', 'DROP of its type', 'DROP TYPE {b}.mood CASCADE'],
    ] as const
  ).map(([id, title, sql]) =>
    inTransaction(
      write2(id, title, sql, ['extension-schema'].includes(id) ? {} : { ...path, expected: [denied] }),
    ),
  ),
];

const define: readonly Attack[] = [
  ...(
    [
      ['procedure', 'a procedure', `CREATE PROCEDURE {a}.evil() LANGUAGE sql AS 'SELECT 1'`, true],
      ['unlogged', 'a table without a log', 'CREATE UNLOGGED TABLE {a}.evil (x int)', true],
      ['partitioned', 'a partitioned table', 'CREATE TABLE {a}.evil (x int) PARTITION BY LIST (x)', true],
      [
        'materialized',
        'a materialised view of the victim',
        'CREATE MATERIALIZED VIEW {a}.evil AS SELECT * FROM {b}.notes',
        true,
      ],
      ['recursive-view', 'a recursive view', 'CREATE RECURSIVE VIEW {a}.evil (n) AS SELECT 1', true],
      ['range-type', 'a range type', 'CREATE TYPE {a}.evil AS RANGE (SUBTYPE = int4)', true],
      ['composite-type', 'a composite type', 'CREATE TYPE {a}.evil AS (x int)', true],
      [
        'rule',
        'a rule on its own view',
        'CREATE RULE evil AS ON INSERT TO {a}.recent DO INSTEAD NOTHING',
        true,
      ],
      ['index-expression', 'an index on an expression', 'CREATE INDEX evil ON {a}.notes (lower(body))', true],
      ['statistics', 'statistics', 'CREATE STATISTICS {a}.evil ON id, body FROM {a}.notes', true],
      [
        'definer-path',
        'a definer function with a path of its own',
        `ALTER FUNCTION {a}.definer() SET search_path = {b}`,
        true,
      ],
      [
        'rename-function',
        'another name for a function of its own',
        'ALTER FUNCTION {a}.secret() RENAME TO evil',
        true,
      ],
      ['schema-elements', 'a schema with a table in it', 'CREATE SCHEMA evil CREATE TABLE t (x int)', false],
      ['public-view', 'a view in public', 'CREATE VIEW public.evil AS SELECT 1', false],
      ['public-type', 'a type in public', `CREATE TYPE public.evil AS ENUM ('x')`, false],
      [
        'public-operator',
        'an operator in public',
        'CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = textne)',
        false,
      ],
      [
        'temp-recursive',
        'a temporary view over the victim',
        'CREATE TEMP VIEW evil AS SELECT * FROM {b}.notes',
        true,
      ],
      [
        'temp-aggregate',
        'a temporary aggregate',
        'CREATE AGGREGATE pg_temp.evil (text) (SFUNC = textcat, STYPE = text)',
        true,
      ],
      ['temp-schema', 'a schema named as temporary ones are', 'CREATE SCHEMA pg_temp_99', false],
    ] as const
  ).map(([id, title, sql, hits]) =>
    inTransaction(
      define2(`more-${id}`, title, sql, {
        ...(hits ? path : {}),
        expected: [denied, ...(id === 'temp-schema' ? ['42939'] : [])],
      }),
    ),
  ),
  ...[
    'pg_stat_statements',
    'pageinspect',
    'pg_buffercache',
    'pgrowlocks',
    'pgstattuple',
    'amcheck',
    'xml2',
    'tablefunc',
    'pg_prewarm',
    'lo',
  ].map((name) =>
    define2(
      `more-extension-${name.replaceAll('_', '-')}`,
      `the extension ${name}`,
      `CREATE EXTENSION ${name}`,
      { expected: [denied, '0A000', '58P01'] },
    ),
  ),
];

/** Objects of the victim and of its own, in more forms. */
export const objectAttacks: readonly Attack[] = [...write, ...define];
