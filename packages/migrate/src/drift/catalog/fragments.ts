/**
 * Parts of the catalog query. All of it is parsed under `search_path = pg_catalog`, so that no tenant's function or
 * operator can stand in for PostgreSQL's, and evaluated under one that ends with the schema, so that PostgreSQL spells
 * the schema's own objects without its name. `FROM path` does the change; it is joined in every branch, and what a
 * branch selects is evaluated behind its joins.
 *
 * Every catalog is entered by an index from oids that are known already: a schema costs the same in a database of
 * thousands of them.
 */
export interface Scope {
  /** Adds oids to the query's parameters; gives their placeholder. */
  readonly oids: (values: readonly number[]) => string;
  readonly schema: number;
  readonly owner: number;
}

/** A branch of the query: kind, name, arguments (a part of the name in which the schema is masked), parent, properties. */
export function branch(parts: {
  readonly kind: string;
  readonly name: string;
  readonly arguments?: string;
  readonly parent?: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly from: string;
}): string {
  const properties = Object.entries(parts.properties).map(([key, sql]) => `'${key}', ${sql}`);
  return `SELECT ${parts.kind} AS kind, ${parts.name} AS name, ${parts.arguments ?? `''`} AS arguments,
    ${parts.parent ?? 'NULL'} AS parent, json_strip_nulls(json_build_object(${properties.join(',\n    ')})) AS properties
  FROM path, ${parts.from}`;
}

/** The comment on an object. */
export function comment(oid: string, catalog: string, sub = '0'): string {
  return `(SELECT remark.description FROM pg_description remark
      WHERE remark.objoid = ${oid} AND remark.classoid = '${catalog}'::regclass AND remark.objsubid = ${sub})`;
}

/** Privileges by role, `*` behind those with grant option; `type` is acldefault's. No ACL is the default one. */
export function grants(acl: string, type: string, owner: string): string {
  return grantsOf(`coalesce(${acl}, acldefault('${type}', ${owner}))`);
}

/** As `grants`, of an ACL that is there. */
export function grantsOf(acl: string): string {
  return `(SELECT json_object_agg(g.grantee, g.privileges) FROM (
      SELECT CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.grantee)::text END AS grantee,
        string_agg(DISTINCT e.privilege_type || CASE WHEN e.is_grantable THEN '*' ELSE '' END, ' ') AS privileges
      FROM aclexplode(${acl}) e GROUP BY e.grantee) g)`;
}

/** True or absent. */
export function flag(condition: string): string {
  return `nullif(${condition}, false)`;
}

/** A "char" code in words; what is not listed is absent. */
export function word(code: string, words: Readonly<Record<string, string>>): string {
  const cases = Object.entries(words).map(([key, value]) => `WHEN '${key}' THEN '${value}'`);
  return `CASE ${code} ${cases.join(' ')} END`;
}

/** A text[] such as reloptions, sorted: PostgreSQL keeps them as they were given. */
export function sorted(array: string): string {
  return `(SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(${array}) o)`;
}

/** A type array's names, comma-separated. */
export function typeNames(oids: string): string {
  return `coalesce((SELECT string_agg(format_type(t, NULL), ', ' ORDER BY n)
      FROM unnest(${oids}) WITH ORDINALITY AS u(t, n)), '')`;
}

/** How a relation is called in differences, by its relkind. */
export function relationWord(relkind: string): string {
  return word(relkind, {
    r: 'table',
    p: 'table',
    v: 'view',
    m: 'materialized view',
    f: 'foreign table',
    S: 'sequence',
  });
}

/** `kind name` of a relation, for `parent`. */
export function relationKey(alias: string): string {
  return `${relationWord(`${alias}.relkind`)} || ' ' || quote_ident(${alias}.relname)`;
}
