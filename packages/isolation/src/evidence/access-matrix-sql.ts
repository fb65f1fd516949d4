/** Statements of the access matrix. `has_…_privilege` is what PostgreSQL itself acts upon: grants, PUBLIC, ownership and what is inherited. */
export const matrixSql = {
  /** Roles that are not asked, and those that hold all data by a predefined role: they would be a cell for every tenant. */
  everywhere: `
    SELECT r.rolname::text AS role, r.rolcanlogin AS "canLogin",
           CASE WHEN r.rolsuper THEN 'superuser'
                ELSE 'holds ' || string_agg(p.rolname::text, ', ' ORDER BY p.rolname) END AS why
      FROM pg_catalog.pg_roles r
      LEFT JOIN pg_catalog.pg_roles p
        ON p.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain', 'pg_database_owner')
       AND NOT r.rolsuper AND p.rolname <> 'pg_database_owner' AND pg_has_role(r.oid, p.oid, 'USAGE')
     WHERE r.rolname !~ '^pg_' AND (r.rolsuper OR p.oid IS NOT NULL)
     GROUP BY r.oid, r.rolname, r.rolcanlogin, r.rolsuper
     ORDER BY r.rolname`,
  /**
   * $1: schemas of tenants; $2, $3: what a tenant's login and owner are called. First the pairs: whoever may enter the schema,
   * owns it, stands in an access list of it or of something in it, or may become one of its roles. Only of those the tables are asked about.
   */
  cells: (privileges: readonly string[]): string => `
    WITH spaces AS MATERIALIZED (
      SELECT n.oid, n.nspname, n.nspacl, n.nspowner,
             replace($2, '{schema}', n.nspname) AS login, replace($3, '{schema}', n.nspname) AS owner
        FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1)
    ), roles AS MATERIALIZED (
      SELECT r.oid, r.rolname, r.rolcanlogin
        FROM pg_catalog.pg_roles r
       WHERE r.rolname !~ '^pg_' AND NOT r.rolsuper
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles p
                          WHERE p.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain') AND pg_has_role(r.oid, p.oid, 'USAGE'))
    ), tables AS MATERIALIZED (
      SELECT c.oid, c.relnamespace, c.relacl, c.relowner FROM pg_catalog.pg_class c
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace IN (SELECT oid FROM spaces)
    ), become AS (
      SELECT r.oid AS role, s.oid AS space
        FROM spaces s
        JOIN pg_catalog.pg_roles t ON t.rolname IN (s.login, s.owner)
        JOIN pg_catalog.pg_auth_members m ON m.roleid = t.oid AND m.set_option
        JOIN roles r ON r.oid = m.member
       WHERE r.rolname <> s.owner AND r.rolname <> s.login
    ), pairs AS (
      SELECT r.oid AS role, s.oid AS space FROM roles r CROSS JOIN spaces s
       WHERE has_schema_privilege(r.oid, s.oid, 'USAGE, CREATE')
      UNION SELECT role, space FROM become
      UNION SELECT nspowner, oid FROM spaces
      UNION SELECT a.grantee, s.oid FROM spaces s, aclexplode(s.nspacl) a
      UNION SELECT a.grantee, t.relnamespace FROM tables t, aclexplode(t.relacl) a
    ), held AS (
      SELECT p.role, p.space, count(t.oid)::int AS tables,
             ARRAY[${privileges
               .map((name) => `count(*) FILTER (WHERE ${heldSql('t.oid', name)})::int`)
               .join(', ')}] AS privileges
        FROM pairs p LEFT JOIN tables t ON t.relnamespace = p.space
       GROUP BY p.role, p.space
    )
    SELECT coalesce(r.rolname::text, 'PUBLIC') AS role, coalesce(r.rolcanlogin, false) AS "canLogin", s.nspname::text AS schema,
           CASE r.rolname WHEN s.login THEN 'login' WHEN s.owner THEN 'owner' ELSE 'other' END AS relation,
           CASE WHEN h.role = 0 THEN has_schema_privilege('public', s.oid, 'USAGE') ELSE has_schema_privilege(h.role, s.oid, 'USAGE') END AS usage,
           CASE WHEN h.role = 0 THEN has_schema_privilege('public', s.oid, 'CREATE') ELSE has_schema_privilege(h.role, s.oid, 'CREATE') END AS "create",
           h.tables, h.privileges,
           EXISTS (SELECT FROM become b WHERE b.role = h.role AND b.space = h.space) AS "maySet"
      FROM held h
      JOIN spaces s ON s.oid = h.space
      LEFT JOIN roles r ON r.oid = h.role
     WHERE r.oid IS NOT NULL OR h.role = 0
     ORDER BY s.nspname, relation, role`,
};

/** PUBLIC has the number 0 in access lists, and a name of its own for functions. */
function heldSql(table: string, privilege: string): string {
  return `CASE WHEN p.role = 0 THEN has_table_privilege('public', ${table}, '${privilege}') ELSE has_table_privilege(p.role, ${table}, '${privilege}') END`;
}
