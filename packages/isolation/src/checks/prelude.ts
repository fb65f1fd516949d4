/**
 * The beginning of every statement: the layout's rules as rows, and who is who. `$1` is the layout as JSON.
 *
 * Tables that a check then reads:
 * - `tenant (schema, name, login, owner)`: every schema that is a tenant's, with the oids of its roles, null where they are not;
 * - `role (oid, name, kind, tenant, here, …)`: every role, by what it is for. `unknown` is on no list;
 * - `space (oid, name, kind, tenant, owner)`: every schema; `system` is PostgreSQL's own, `temporary` a session's;
 * - `member_rule`, `grant_rule`, `default_rule`, `setting_rule`, `role_rule`, `space_rule`, `lease_rule`.
 */
export const prelude = `
WITH RECURSIVE layout AS MATERIALIZED (SELECT $1::jsonb AS j),
role_rule AS MATERIALIZED (
  SELECT x.*, ordinality AS rank FROM layout, ROWS FROM (jsonb_to_recordset(j->'roles') AS (
    kind text, pattern text, login bool, inherit bool, "createRole" bool, superuser bool, connections jsonb, expires text,
    "atLeast" int)) WITH ORDINALITY AS x (kind, pattern, login, inherit, create_role, superuser, connections, expires, at_least, ordinality)
),
space_rule AS MATERIALIZED (
  SELECT x.* FROM layout, jsonb_to_recordset(j->'schemas') AS x (kind text, name text, owners jsonb, required bool, objects jsonb)
),
member_rule AS MATERIALIZED (
  SELECT x.* FROM layout, jsonb_to_recordset(j->'members')
      AS x (role text, member text, same bool, admin bool, inherit bool, set bool, grantors jsonb, required bool)
),
grant_rule AS MATERIALIZED (
  SELECT x.object, x.schema, x.name, x."to" AS grantee, x.same, x.required, p.privilege
    FROM layout, jsonb_to_recordset(j->'grants')
      AS x (object text, schema text, name text, "to" text, same bool, privileges jsonb, required text),
      jsonb_array_elements_text(x.privileges) AS p (privilege)
),
default_rule AS MATERIALIZED (
  SELECT x.role, x.objects, x."to" AS grantee, x.same, p.privilege
    FROM layout, jsonb_to_recordset(j->'defaults') AS x (role text, objects text, "to" text, same bool, privileges jsonb),
      jsonb_array_elements_text(x.privileges) AS p (privilege)
),
setting_rule AS MATERIALIZED (
  SELECT x.* FROM layout, jsonb_to_recordset(j->'settings') AS x (role text, name text, value text, required bool)
),
lease_rule AS MATERIALIZED (
  SELECT x.* FROM layout, jsonb_to_recordset(j->'leases') AS x (name text, arguments text, owner text, body text, definer bool, language text, each bool, required bool)
),
registered AS MATERIALIZED (
  SELECT x.* FROM layout, jsonb_to_recordset(CASE jsonb_typeof(j->'registry') WHEN 'array' THEN j->'registry' ELSE '[]' END)
      AS x (schema text, state text)
),
all_roles AS MATERIALIZED (SELECT * FROM pg_catalog.pg_roles),
-- A set, since a look into an array for each schema would take the square of their number.
named_tenant AS MATERIALIZED (
  SELECT DISTINCT x.name FROM layout, jsonb_array_elements_text(coalesce(j->'tenants'->'names', '[]')) AS x (name)
),
tenant AS MATERIALIZED (
  SELECT n.oid AS schema, n.nspname::text AS name, l.oid AS login, o.oid AS owner,
         replace(j->'tenants'->>'login', '{schema}', n.nspname) AS login_name,
         replace(j->'tenants'->>'owner', '{schema}', n.nspname) AS owner_name
    FROM layout CROSS JOIN pg_catalog.pg_namespace n
    LEFT JOIN all_roles l ON l.rolname = replace(j->'tenants'->>'login', '{schema}', n.nspname)
    LEFT JOIN all_roles o ON o.rolname = replace(j->'tenants'->>'owner', '{schema}', n.nspname)
   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     AND CASE WHEN j->'tenants'->'names' IS NOT NULL THEN n.nspname::text IN (SELECT x.name FROM named_tenant x)
              ELSE n.nspname ~ (j->'tenants'->>'pattern') END
     AND NOT j->'tenants'->'except' ? n.nspname
),
role AS MATERIALIZED (
  SELECT r.oid, r.rolname::text AS name,
         CASE WHEN r.oid = 10 THEN 'bootstrap'
              WHEN r.oid < 16384 AND r.rolname ~ '^pg_' THEN 'predefined'
              WHEN each_login AND tl.name IS NOT NULL THEN 'login'
              WHEN each_owner AND tw.name IS NOT NULL THEN 'owner'
              ELSE coalesce(rule.kind, 'unknown') END AS kind,
         -- The tenant also of a role whose schema is not here: the role's name says it.
         CASE WHEN each_login AND tl.name IS NOT NULL THEN tl.name
              WHEN each_owner AND tw.name IS NOT NULL THEN tw.name
              WHEN rule.kind = 'login' AND each_login THEN r.rolname::text
              WHEN rule.kind = 'owner' AND each_owner
              THEN left(r.rolname, -length(replace(j->'tenants'->>'owner', '{schema}', ''))) END AS tenant,
         tl.name IS NOT NULL OR tw.name IS NOT NULL AS here,
         r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls,
         r.rolconnlimit, r.rolvaliduntil
    FROM layout CROSS JOIN all_roles r
    CROSS JOIN LATERAL (SELECT strpos(j->'tenants'->>'login', '{schema}') > 0 AS each_login,
                               strpos(j->'tenants'->>'owner', '{schema}') > 0 AS each_owner) AS has
    LEFT JOIN tenant tl ON each_login AND tl.login = r.oid
    LEFT JOIN tenant tw ON each_owner AND tw.owner = r.oid
    -- The conditions inside, so that patterns are not tried on the thousands of roles that are known already.
    LEFT JOIN LATERAL (
      SELECT x.kind FROM role_rule x WHERE r.oid >= 16384 AND tl.name IS NULL AND tw.name IS NULL AND r.rolname ~ x.pattern ORDER BY x.rank LIMIT 1
    ) rule ON true
),
space AS MATERIALIZED (
  SELECT n.oid, n.nspname::text AS name, n.nspowner AS owner, n.nspacl AS acl, t.name AS tenant, x.owners, x.objects,
         CASE WHEN t.name IS NOT NULL THEN 'tenant'
              WHEN n.nspname ~ '^pg_(toast_)?temp_' THEN 'temporary'
              WHEN n.nspname IN ('pg_catalog', 'pg_toast', 'information_schema') THEN 'system'
              ELSE coalesce(x.kind, 'unknown') END AS kind
    FROM pg_catalog.pg_namespace n
    LEFT JOIN tenant t ON t.schema = n.oid
    LEFT JOIN space_rule x ON x.name = n.nspname AND t.name IS NULL
)`;

/** The columns that every check gives, in this order. */
export const columns = [
  'check',
  'subject',
  'tenant',
  'severity',
  'message',
  'evidence',
  'remediation',
] as const;

/**
 * The statement that drops an object, for what can be lost without rows being lost; null for the rest. `sub` as in pg_depend.
 * Prints names only, which locks nothing.
 */
export function dropOf(classid: string, objid: string, sub = '0'): string {
  return `(SELECT CASE
      WHEN i.type IN ('view', 'materialized view', 'function', 'procedure', 'aggregate', 'trigger', 'rule', 'policy', 'index', 'operator', 'collation', 'conversion', 'cast')
      THEN format('DROP %s %s;', upper(i.type), i.identity)
      WHEN i.type = 'sequence' THEN format('DROP SEQUENCE %s;', i.identity)
      WHEN i.type = 'statistics object' THEN format('DROP STATISTICS %s;', i.identity)
      WHEN i.type = 'operator class' THEN format('DROP OPERATOR CLASS %s;', replace(i.identity, ' USING ', ' USING '))
      WHEN i.type = 'operator family' THEN format('DROP OPERATOR FAMILY %s;', i.identity)
      WHEN i.type IN ('text search configuration', 'text search dictionary', 'text search parser', 'text search template') THEN format('DROP %s %s;', upper(i.type), i.identity)
      WHEN i.type = 'domain constraint' THEN format('ALTER DOMAIN %s DROP CONSTRAINT %s;', split_part(i.identity, ' on ', 2), split_part(i.identity, ' on ', 1))
      WHEN i.type = 'table constraint' THEN format('ALTER TABLE %s DROP CONSTRAINT %s;', split_part(i.identity, ' on ', 2), split_part(i.identity, ' on ', 1))
      END FROM pg_identify_object(${classid}, ${objid}, ${sub}) AS i)`;
}
