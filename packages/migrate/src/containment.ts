import { DatabaseError } from 'pg';
import type { ClientBase } from 'pg';

import { MigrateError } from './errors.ts';
import { lineIndex } from './positions.ts';
import type { PreparedFile } from './prepare.ts';

/** What the check compares with. */
export interface ContainmentScope {
  readonly ownerOid: number;
  readonly schemaOid: number;
  readonly databaseOid: number;
  /** Roles that may stand in privileges: the owner and those which the schema's own privileges name. */
  readonly granteeOids: readonly number[];
  /** Name of the history table. */
  readonly table: string;
  /** What `findKnown` found before the migrations ran; nothing where the owner is new. */
  readonly known: readonly string[];
}

interface Escape {
  readonly problem: 'outside' | 'foreign-owner' | 'foreign-grant' | 'lent-role' | 'history';
  readonly type: string;
  readonly name: string | null;
  readonly identity: string;
  readonly detail: string | null;
}

/** Flyway's columns, and ours. What is in a column's default does not run, since every column is given. */
const HISTORY_COLUMNS = [
  'installed_rank integer not null',
  'version character varying(50)',
  'description character varying(200) not null',
  'type character varying(20) not null',
  'script character varying(1000) not null',
  'checksum integer',
  'installed_by character varying(100) not null',
  'installed_on timestamp without time zone not null',
  'execution_time integer not null',
  'success boolean not null',
].join(', ');

/**
 * What a role has that no schema of its own explains: objects elsewhere, roles it lent, and what hangs on the history
 * table: anything that would run with the INSERT does so behind the back of a check in the same statement.
 * Parameters: the owner, the schema, the database, the history table's name.
 */
const reach = (owner: string, schema: string, database: string, table: string) => `
  SELECT 'outside' AS problem, s.classid, s.objid, NULL::oid AS role
  FROM pg_shdepend s
  WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = ${owner}::oid AND s.deptype = 'o' AND s.dbid IN (0, ${database}::oid)
    AND s.classid <> 'pg_largeobject'::regclass
    AND NOT (s.classid = 'pg_namespace'::regclass AND s.objid = ${schema}::oid)
    AND NOT (s.classid = 'pg_default_acl'::regclass
      AND (SELECT defaclnamespace FROM pg_default_acl WHERE oid = s.objid) IN (0, ${schema}::oid))
    AND (SELECT true FROM pg_depend d
         WHERE d.classid = s.classid AND d.objid = s.objid AND d.refclassid = 'pg_namespace'::regclass
           AND d.refobjid IN (${schema}::oid, nullif(pg_my_temp_schema(), 0)) LIMIT 1) IS NULL
  UNION ALL
  SELECT 'lent-role', 'pg_authid'::regclass, roleid, member FROM pg_auth_members WHERE grantor = ${owner}::oid
  UNION ALL
  SELECT 'history', x.classid, x.objid, NULL
  FROM (
    SELECT oid, relkind, relrowsecurity FROM pg_class WHERE relname = ${table}::text AND relnamespace = ${schema}::oid OFFSET 0
  ) t, LATERAL (
    SELECT 'pg_trigger'::regclass AS classid, oid AS objid FROM pg_trigger WHERE tgrelid = t.oid AND NOT tgisinternal
    UNION ALL
    SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE ev_class = t.oid
    UNION ALL
    SELECT 'pg_policy'::regclass, oid FROM pg_policy WHERE polrelid = t.oid
    UNION ALL
    SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE conrelid = t.oid AND contype NOT IN ('p', 'n')
    UNION ALL
    SELECT 'pg_class'::regclass, indexrelid FROM pg_index
    WHERE indrelid = t.oid AND (indexprs IS NOT NULL OR indpred IS NOT NULL)
    UNION ALL
    SELECT 'pg_class'::regclass, inhrelid FROM pg_inherits WHERE inhparent = t.oid
    UNION ALL
    SELECT 'pg_class'::regclass, t.oid
    WHERE t.relkind <> 'r' OR t.relrowsecurity OR '${HISTORY_COLUMNS}' IS DISTINCT FROM (
      SELECT string_agg(concat(attname, ' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' not null' END,
        CASE WHEN attgenerated <> '' OR attidentity <> '' THEN ' generated' END), ', ' ORDER BY attnum)
      FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped)
  ) x`;

const KEY = "concat_ws('/', problem, classid::oid, objid, role)";

/** The owner's reach before its migrations run, for `ContainmentScope`. */
export async function findKnown(
  client: ClientBase,
  scope: Omit<ContainmentScope, 'known' | 'granteeOids'>,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ key: string }>(
    `SELECT ${KEY} AS key FROM (${reach('$1', '$2', '$3', '$4')}) r`,
    [scope.ownerOid, scope.schemaOid, scope.databaseOid, scope.table],
  );
  return rows.map(({ key }) => key);
}

/**
 * Everything is reached through an index, from the owner (pg_shdepend) or from the schema (pg_depend), and looked up one
 * by one: scalar subqueries and OFFSET 0 keep the planner from joining, which on a stale estimate would scan a pg_depend
 * of millions of rows. Whatever lies in a schema has a row in pg_depend that says so.
 */
const check = (history: string) => `
WITH history AS (${history}), held AS MATERIALIZED (
  SELECT classid, objid FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass AND refobjid = $2::oid
  UNION ALL
  SELECT 'pg_namespace'::regclass, $2::oid
  UNION ALL
  SELECT 'pg_default_acl'::regclass, oid FROM pg_default_acl WHERE defaclrole = $1::oid
  UNION ALL
  SELECT classid, objid FROM pg_shdepend
  WHERE refclassid = 'pg_authid'::regclass AND refobjid = $1::oid AND deptype = 'o' AND dbid = $4::oid
    AND classid = 'pg_largeobject'::regclass
), escapes AS (
  SELECT * FROM (${reach('$1', '$2', '$4', '$5')}) r WHERE ${KEY} <> ALL ($6::text[])
  UNION ALL
  SELECT CASE r.deptype WHEN 'o' THEN 'foreign-owner' ELSE 'foreign-grant' END, h.classid, h.objid, r.refobjid
  FROM held h, LATERAL (
    SELECT deptype, refobjid FROM pg_shdepend
    WHERE dbid = $4::oid AND classid = h.classid AND objid = h.objid AND refclassid = 'pg_authid'::regclass OFFSET 0
  ) r
  WHERE r.deptype = 'o' AND r.refobjid <> $1::oid OR r.deptype = 'a' AND r.refobjid <> ALL ($3::oid[])
  UNION ALL
  -- PUBLIC is no role, so no row of pg_shdepend tells of it.
  SELECT 'foreign-grant', p.classid, p.objid, 0::oid
  FROM (
    SELECT h.classid, h.objid, CASE h.classid
        WHEN 'pg_proc'::regclass THEN 'f'
        WHEN 'pg_type'::regclass THEN 'T'
        WHEN 'pg_default_acl'::regclass THEN (SELECT defaclobjtype FROM pg_default_acl WHERE oid = h.objid)
        ELSE 'r'
      END AS kind, CASE h.classid
        WHEN 'pg_class'::regclass THEN (SELECT relacl FROM pg_class WHERE oid = h.objid)
        WHEN 'pg_proc'::regclass THEN (SELECT proacl FROM pg_proc WHERE oid = h.objid)
        WHEN 'pg_largeobject'::regclass THEN (SELECT lomacl FROM pg_largeobject_metadata WHERE oid = h.objid)
        WHEN 'pg_type'::regclass THEN (SELECT typacl FROM pg_type WHERE oid = h.objid)
        WHEN 'pg_namespace'::regclass THEN (SELECT nspacl FROM pg_namespace WHERE oid = h.objid)
        WHEN 'pg_default_acl'::regclass THEN (SELECT defaclacl FROM pg_default_acl WHERE oid = h.objid)
      END AS acl
    FROM held h
    UNION ALL
    SELECT h.classid, h.objid, 'r', a.attacl
    FROM held h, LATERAL (
      SELECT attacl FROM pg_attribute WHERE attrelid = h.objid AND attnum > 0 AND attacl IS NOT NULL OFFSET 0
    ) a
    WHERE h.classid = 'pg_class'::regclass
  ) p, LATERAL aclexplode(p.acl) e
  WHERE e.grantee = 0 AND 0 <> ALL ($3::oid[])
    -- PostgreSQL itself lets PUBLIC use functions and types, unless the owner's default privileges took that away.
    AND NOT (p.kind IN ('f', 'T') AND 0 IN (
      SELECT b.grantee FROM aclexplode(coalesce(
        (SELECT defaclacl FROM pg_default_acl WHERE defaclrole = $1::oid AND defaclnamespace = 0 AND defaclobjtype = p.kind),
        acldefault(p.kind, $1::oid))) b))
)
SELECT e.problem, o.type, o.name, o.identity, CASE e.role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.role)::text END AS detail
FROM escapes e, LATERAL pg_identify_object(e.classid, e.objid, 0) o
LIMIT 1`;

/** The statement that writes the history, with its parameters numbered from `historyFirst`. */
export interface HistoryStatement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export const historyFirst = 7;

/**
 * Writes the history and proves, in the same statement since a tenant's build waits for each, that the migrations stayed
 * inside: whatever the owner owns lies in the schema, whatever lies in the schema
 * belongs to the owner, and nobody else was given a privilege, and nothing hangs on the history table. The cost depends on the schema's own objects only.
 *
 * @throws MigrateError MIGRATION_NOT_CONTAINED, with the file that names the object where one does
 */
export async function checkContainment(
  client: ClientBase,
  scope: ContainmentScope,
  files: readonly PreparedFile[],
  history: HistoryStatement,
): Promise<void> {
  const escape = await findEscape(client, scope, files, history);
  if (escape === undefined) return;
  const names = [escape.name ?? bareName(escape.identity)];
  if (escape.problem === 'history') names.push(scope.table);
  throw new MigrateError('MIGRATION_NOT_CONTAINED', describe(escape), {
    ...trace(escape.problem, names, files),
    rule: escape.problem,
    hint: escape.problem === 'history' ? LEAVE_HISTORY : STAY_INSIDE,
  });
}

const STAY_INSIDE = 'A migration may create and change only what is in its own schema; nothing was kept.';
const LEAVE_HISTORY =
  'Remove it: a migration leaves the history table as it is, and puts nothing on it; nothing was kept.';

async function findEscape(
  client: ClientBase,
  scope: ContainmentScope,
  files: readonly PreparedFile[],
  history: HistoryStatement,
): Promise<Escape | undefined> {
  const { ownerOid, schemaOid, granteeOids, databaseOid, table, known } = scope;
  const parameters = [ownerOid, schemaOid, granteeOids, databaseOid, table, known, ...history.parameters];
  try {
    return (await client.query<Escape>(check(history.sql), parameters)).rows[0];
  } catch (error) {
    if (!(error instanceof DatabaseError) || OF_THE_SERVER.test(error.code ?? '')) throw error;
    throw new MigrateError('MIGRATION_NOT_CONTAINED', `the history cannot be written: ${error.message}`, {
      ...trace('history', [table], files),
      rule: 'history',
      sqlState: error.code,
      hint: LEAVE_HISTORY,
      cause: error,
    });
  }
}

/** Classes of errors that no migration is to blame for: connection, conflict, resources, operator, system. */
const OF_THE_SERVER = /^(?:08|40|53|55|57|58|XX|$)/;

function describe({ problem, type, identity, detail }: Escape): string {
  switch (problem) {
    case 'outside':
      return `the ${type} ${identity} lies outside the schema`;
    case 'foreign-owner':
      return `the ${type} ${identity} belongs to ${detail}, not to the schema’s owner`;
    case 'foreign-grant':
      return `${detail} was given a privilege on the ${type} ${identity}`;
    case 'lent-role':
      return `the role ${identity} was granted to ${detail}`;
    case 'history':
      return `the history table was changed by the ${type} ${identity}`;
  }
}

const WORDS: Readonly<Record<Escape['problem'], RegExp>> = {
  outside: /\bcreate\b|\bset\s+schema\b/i,
  'foreign-owner': /\bowner\b|\brole\b/i,
  'foreign-grant': /\bgrant\b/i,
  'lent-role': /\bgrant\b/i,
  history: /\bcreate\b|\balter\b|\bdrop\b/i,
};

/** The first file with a statement that names the object and does such a thing; else the first that names it. */
function trace(
  problem: Escape['problem'],
  names: readonly string[],
  files: readonly PreparedFile[],
): { file?: string; line?: number; statement?: string } {
  const named = new RegExp(
    `(?<![\\p{L}\\p{N}_])(?:${names.map(escapeRegExp).join('|')})(?![\\p{L}\\p{N}_])`,
    'iu',
  );
  const mentions = files.flatMap((file) =>
    file.compiled.statements.flatMap(({ start, end }) => {
      const statement = file.text.slice(start, end);
      const at = named.exec(statement);
      if (at === null) return [];
      return [{ file: file.migration.script, line: lineIndex(file.text)(start + at.index), statement }];
    }),
  );
  return mentions.find(({ statement }) => WORDS[problem].test(statement)) ?? mentions[0] ?? {};
}

/** The last name in an identity such as `elsewhere."Order"(integer, text)`. */
function bareName(identity: string): string {
  const named = identity.replace(/\(.*$/s, '');
  return (named.split('.').at(-1) ?? named).replace(/^"(.*)"$/s, '$1');
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
