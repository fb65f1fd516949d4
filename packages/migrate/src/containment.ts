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
}

interface Escape {
  readonly problem: 'outside' | 'foreign-owner' | 'foreign-grant';
  readonly type: string;
  readonly name: string | null;
  readonly identity: string;
  readonly detail: string | null;
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
), escapes AS (
  SELECT 'outside' AS problem, s.classid, s.objid, NULL::oid AS role
  FROM pg_shdepend s
  WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = $1::oid AND s.deptype = 'o' AND s.dbid IN (0, $4::oid)
    AND s.classid <> 'pg_largeobject'::regclass
    AND NOT (s.classid = 'pg_namespace'::regclass AND s.objid = $2::oid)
    AND NOT (s.classid = 'pg_default_acl'::regclass
      AND (SELECT defaclnamespace FROM pg_default_acl WHERE oid = s.objid) IN (0, $2::oid))
    AND (SELECT true FROM pg_depend d
         WHERE d.classid = s.classid AND d.objid = s.objid AND d.refclassid = 'pg_namespace'::regclass
           AND d.refobjid IN ($2::oid, nullif(pg_my_temp_schema(), 0)) LIMIT 1) IS NULL
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

export const historyFirst = 5;

/**
 * Writes the history and proves, in the same statement since a tenant's build waits for each, that the migrations stayed
 * inside: whatever the owner owns lies in the schema, whatever lies in the schema
 * belongs to the owner, and nobody else was given a privilege. The cost depends on the schema's own objects only.
 *
 * @throws MigrateError MIGRATION_NOT_CONTAINED, with the file that names the object where one does
 */
export async function checkContainment(
  client: ClientBase,
  scope: ContainmentScope,
  files: readonly PreparedFile[],
  history: HistoryStatement,
): Promise<void> {
  const { rows } = await client.query<Escape>(check(history.sql), [
    scope.ownerOid,
    scope.schemaOid,
    scope.granteeOids,
    scope.databaseOid,
    ...history.parameters,
  ]);
  const [escape] = rows;
  if (escape === undefined) return;
  const place = trace(escape, files);
  throw new MigrateError('MIGRATION_NOT_CONTAINED', describe(escape), {
    ...place,
    rule: escape.problem,
    hint: 'A migration may create and change only what is in its own schema; nothing was kept.',
  });
}

function describe({ problem, type, identity, detail }: Escape): string {
  switch (problem) {
    case 'outside':
      return `the ${type} ${identity} lies outside the schema`;
    case 'foreign-owner':
      return `the ${type} ${identity} belongs to ${detail}, not to the schema’s owner`;
    case 'foreign-grant':
      return `${detail} was given a privilege on the ${type} ${identity}`;
  }
}

const WORDS: Readonly<Record<Escape['problem'], RegExp>> = {
  outside: /\bcreate\b|\bset\s+schema\b/i,
  'foreign-owner': /\bowner\b|\brole\b/i,
  'foreign-grant': /\bgrant\b/i,
};

/** The first file with a statement that names the object and does such a thing; else the first that names it. */
function trace(
  escape: Escape,
  files: readonly PreparedFile[],
): { file?: string; line?: number; statement?: string } {
  const name = escape.name ?? bareName(escape.identity);
  const named = new RegExp(`(?<![\\p{L}\\p{N}_])${escapeRegExp(name)}(?![\\p{L}\\p{N}_])`, 'iu');
  const mentions = files.flatMap((file) =>
    file.compiled.statements.flatMap(({ start, end }) => {
      const statement = file.text.slice(start, end);
      const at = named.exec(statement);
      if (at === null) return [];
      return [{ file: file.migration.script, line: lineIndex(file.text)(start + at.index), statement }];
    }),
  );
  return mentions.find(({ statement }) => WORDS[escape.problem].test(statement)) ?? mentions[0] ?? {};
}

/** The last name in an identity such as `elsewhere."Order"(integer, text)`. */
function bareName(identity: string): string {
  const named = identity.replace(/\(.*$/s, '');
  return (named.split('.').at(-1) ?? named).replace(/^"(.*)"$/s, '$1');
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
