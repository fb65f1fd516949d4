import type { ClientBase } from 'pg';

import { MigrateError } from './errors.ts';
import { lineIndex } from './positions.ts';
import type { PreparedFile } from './prepare.ts';

/** What the check compares with. */
export interface ContainmentScope {
  readonly ownerOid: number;
  readonly schemaOid: number;
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
 * Everything is reached from the owner (pg_shdepend) or from the schema (pg_depend) through an index, and each object
 * is looked up by its oid in a scalar subquery: a join could be planned as a scan of a pg_class of 500,000 rows.
 */
const CHECK = `
WITH owned AS (
  SELECT s.classid, s.objid, CASE s.classid
    WHEN 'pg_class'::regclass THEN (SELECT relnamespace FROM pg_class WHERE oid = s.objid)
    WHEN 'pg_proc'::regclass THEN (SELECT pronamespace FROM pg_proc WHERE oid = s.objid)
    WHEN 'pg_type'::regclass THEN (SELECT typnamespace FROM pg_type WHERE oid = s.objid)
    WHEN 'pg_operator'::regclass THEN (SELECT oprnamespace FROM pg_operator WHERE oid = s.objid)
    WHEN 'pg_opclass'::regclass THEN (SELECT opcnamespace FROM pg_opclass WHERE oid = s.objid)
    WHEN 'pg_opfamily'::regclass THEN (SELECT opfnamespace FROM pg_opfamily WHERE oid = s.objid)
    WHEN 'pg_collation'::regclass THEN (SELECT collnamespace FROM pg_collation WHERE oid = s.objid)
    WHEN 'pg_conversion'::regclass THEN (SELECT connamespace FROM pg_conversion WHERE oid = s.objid)
    WHEN 'pg_ts_dict'::regclass THEN (SELECT dictnamespace FROM pg_ts_dict WHERE oid = s.objid)
    WHEN 'pg_ts_config'::regclass THEN (SELECT cfgnamespace FROM pg_ts_config WHERE oid = s.objid)
    WHEN 'pg_statistic_ext'::regclass THEN (SELECT stxnamespace FROM pg_statistic_ext WHERE oid = s.objid)
    WHEN 'pg_default_acl'::regclass THEN (
      SELECT CASE defaclnamespace WHEN 0 THEN $2::oid ELSE defaclnamespace END FROM pg_default_acl WHERE oid = s.objid)
    WHEN 'pg_namespace'::regclass THEN s.objid
    WHEN 'pg_largeobject'::regclass THEN $2::oid
  END AS namespace
  FROM pg_shdepend s
  WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = $1::oid AND s.deptype = 'o'
    AND s.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
), held AS (
  SELECT d.classid, d.objid, CASE d.classid
    WHEN 'pg_class'::regclass THEN (SELECT relowner FROM pg_class WHERE oid = d.objid)
    WHEN 'pg_proc'::regclass THEN (SELECT proowner FROM pg_proc WHERE oid = d.objid)
    WHEN 'pg_type'::regclass THEN (SELECT typowner FROM pg_type WHERE oid = d.objid)
    ELSE $1::oid
  END AS owner, CASE d.classid
    WHEN 'pg_class'::regclass THEN (SELECT relacl FROM pg_class WHERE oid = d.objid)
    WHEN 'pg_proc'::regclass THEN (SELECT proacl FROM pg_proc WHERE oid = d.objid)
    WHEN 'pg_type'::regclass THEN (SELECT typacl FROM pg_type WHERE oid = d.objid)
  END AS acl, CASE d.classid
    WHEN 'pg_proc'::regclass THEN 'f'
    WHEN 'pg_type'::regclass THEN 'T'
    ELSE 'r'
  END AS kind
  FROM pg_depend d
  WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = $2::oid
), privileges AS (
  SELECT classid, objid, kind, acl FROM held WHERE acl IS NOT NULL
  UNION ALL
  SELECT h.classid, h.objid, 'r', a.attacl
  FROM held h, LATERAL (
    SELECT attacl FROM pg_attribute WHERE attrelid = h.objid AND attnum > 0 AND attacl IS NOT NULL OFFSET 0
  ) a
  WHERE h.classid = 'pg_class'::regclass
  UNION ALL
  SELECT 'pg_default_acl'::regclass, oid, defaclobjtype::text, defaclacl FROM pg_default_acl WHERE defaclrole = $1::oid
  UNION ALL
  SELECT 'pg_namespace'::regclass, n.oid, 'n', n.nspacl FROM pg_namespace n WHERE n.oid = $2::oid AND n.nspacl IS NOT NULL
), escapes AS (
  SELECT 'outside' AS problem, classid, objid, NULL::oid AS role
  FROM owned
  WHERE namespace IS DISTINCT FROM $2::oid AND namespace IS DISTINCT FROM nullif(pg_my_temp_schema(), 0)
  UNION ALL
  SELECT 'foreign-owner', classid, objid, owner FROM held WHERE owner <> $1::oid
  UNION ALL
  SELECT 'foreign-grant', p.classid, p.objid, e.grantee
  FROM privileges p, LATERAL aclexplode(p.acl) e
  WHERE e.grantee <> ALL ($3::oid[])
    -- PostgreSQL itself lets PUBLIC use functions and types, unless the owner's default privileges took that away.
    AND NOT (e.grantee = 0 AND p.kind IN ('f', 'T') AND 0 IN (
      SELECT b.grantee FROM aclexplode(coalesce(
        (SELECT defaclacl FROM pg_default_acl
         WHERE defaclrole = $1::oid AND defaclnamespace = 0 AND defaclobjtype = p.kind::"char"),
        acldefault(p.kind::"char", $1::oid))) b))
)
SELECT e.problem, o.type, o.name, o.identity, CASE e.role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.role)::text END AS detail
FROM escapes e, LATERAL pg_identify_object(e.classid, e.objid, 0) o
LIMIT 1`;

/**
 * Proves that the migrations stayed inside: whatever the owner owns lies in the schema, whatever lies in the schema
 * belongs to the owner, and nobody else was given a privilege. The cost depends on the schema's own objects only.
 *
 * @throws MigrateError MIGRATION_NOT_CONTAINED, with the file that names the object where one does
 */
export async function checkContainment(
  client: ClientBase,
  scope: ContainmentScope,
  files: readonly PreparedFile[],
): Promise<void> {
  const { rows } = await client.query<Escape>(CHECK, [scope.ownerOid, scope.schemaOid, scope.granteeOids]);
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
  const name = escape.name ?? escape.identity.split('.').at(-1) ?? escape.identity;
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

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
