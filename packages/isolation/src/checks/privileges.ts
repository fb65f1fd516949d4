import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** Privileges that matter more than the others, for the severity of what is found. */
const severityOf = `
  CASE WHEN v.schema_kind = 'tenant' AND (v.grantee_kind = 'public' OR v.grantee_tenant IS DISTINCT FROM v.tenant) THEN 'critical'
       WHEN v.object IN ('parameter', 'foreign server', 'foreign-data wrapper', 'language') THEN 'high'
       WHEN v.object = 'database' AND v.privilege = 'CREATE' THEN 'high'
       WHEN v.object = 'schema' AND v.privilege = 'CREATE' THEN 'high'
       WHEN v.grantable THEN 'high'
       WHEN v.object = 'large object' THEN 'critical'
       WHEN v.schema_kind IN ('lease', 'control', 'audit', 'canary') THEN 'high'
       WHEN v.privilege IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN', 'UPDATE') THEN 'high'
       ELSE 'medium' END`;

/** A superuser's REVOKE is the owner's: what somebody else has granted, that one takes back. Of what the design gives only the right to hand it on goes. */
const revoke = `CASE WHEN v.grantor <> v.owner THEN format('SET ROLE %I; ', pg_get_userbyid(v.grantor)) ELSE '' END ||
  format('REVOKE %s%s ON %s FROM %s CASCADE;', CASE WHEN v.rule THEN 'GRANT OPTION FOR ' ELSE '' END, v.privilege || coalesce(' (' || quote_ident(v.part) || ')', ''),
    CASE v.object WHEN 'history' THEN 'TABLE' WHEN 'column' THEN 'TABLE' WHEN 'function' THEN 'ROUTINE' ELSE upper(v.object) END || ' ' || v.identity, v.who) ||
  CASE WHEN v.grantor <> v.owner THEN ' RESET ROLE;' ELSE '' END`;

/** A violating group is opened into its objects only here: an ACL that a thousand tables share was looked at once. */
const objectNames = `
named AS (
  SELECT v.*, x.oid AS object_oid, x.identity, x.part FROM violation v CROSS JOIN LATERAL (
    SELECT o AS oid, NULL::text AS part, CASE v.class
        WHEN 'pg_class' THEN (SELECT format('%I.%I', v.space_name, c.relname) FROM pg_catalog.pg_class c WHERE c.oid = o)
        WHEN 'pg_proc' THEN o::regprocedure::text
        WHEN 'pg_type' THEN (SELECT format('%I.%I', v.space_name, y.typname) FROM pg_catalog.pg_type y WHERE y.oid = o)
        WHEN 'pg_largeobject_metadata' THEN o::text
        ELSE quote_ident(v.name) END AS identity
      FROM unnest(v.oids) AS o WHERE v.class <> 'pg_attribute'
    UNION ALL
    SELECT a.attrelid, a.attname, format('%I.%I', v.space_name, (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = a.attrelid))
      FROM pg_catalog.pg_attribute a WHERE v.class = 'pg_attribute' AND a.attrelid = v.oids[1] AND a.attnum = v.oids[2]::int
  ) AS x
)`;

/**
 * Every privilege on everything that has an ACL in this database, and on the server's databases, parameters and tablespaces,
 * against the list. Objects of one schema with one owner and the same ACL are one row: 60,000 tables are some thousand.
 */
export const privilegesScan = scan(
  'privileges',
  `,
extension_member AS MATERIALIZED (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
),
-- Grouped by numbers before anything is joined: 45,000 relations in 70 ms, where a join with names first takes a second.
class AS MATERIALIZED (
  SELECT c.relnamespace AS space, c.relowner AS owner, c.relacl AS acl, array_agg(c.oid) AS oids,
         CASE WHEN c.relkind = 'S' THEN 'sequence' WHEN c.relkind = 'c' THEN 'composite' WHEN c.relname = (SELECT (j->>'historyTable')::name FROM layout) THEN 'history' ELSE 'table' END AS object,
         c.oid IN (SELECT e.objid FROM extension_member e WHERE e.classid = 1259) AS extended
    FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND c.oid >= 16384
   GROUP BY c.relnamespace, c.relowner, c.relacl, 5, 6
),
relation AS MATERIALIZED (
  SELECT g.object, s.name AS space_name, s.kind AS schema_kind, s.tenant, g.owner, g.acl, g.oids
    FROM class g JOIN space s ON s.oid = g.space
   WHERE g.object <> 'composite' AND s.kind NOT IN ('system', 'temporary') AND NOT (g.extended AND s.kind = 'extensions')
),
-- The arrays of a row type and the constructors of a range have no privileges of their own.
routine AS MATERIALIZED (
  SELECT s.name AS space_name, s.kind AS schema_kind, s.tenant, g.owner, g.acl, CASE WHEN s.kind = 'lease' THEN g.lease END AS name, g.oids
    FROM (SELECT p.pronamespace AS space, p.proowner AS owner, p.proacl AS acl, array_agg(p.oid) AS oids, CASE WHEN p.proname IN ('claim', 'lend', 'take_back') THEN p.proname::text ELSE 'tenant' END AS lease, p.oid IN (SELECT e.objid FROM extension_member e WHERE e.classid = 1255) AS extended
            FROM pg_catalog.pg_proc p WHERE p.oid >= 16384 AND NOT (p.prolang = 12 AND p.proacl IS NULL AND p.prosrc ~ '^(multi)?range_constructor')
           GROUP BY p.pronamespace, p.proowner, p.proacl, 5, 6) AS g
    JOIN space s ON s.oid = g.space WHERE s.kind NOT IN ('system', 'temporary') AND NOT (g.extended AND s.kind = 'extensions')
),
type AS MATERIALIZED (
  SELECT s.name AS space_name, s.kind AS schema_kind, s.tenant, g.owner, g.acl, g.oids
    FROM (SELECT t.typnamespace AS space, t.typowner AS owner, t.typacl AS acl, array_agg(t.oid) AS oids,
                 t.oid IN (SELECT e.objid FROM extension_member e WHERE e.classid = 1247) AS extended
            FROM pg_catalog.pg_type t
           WHERE t.oid >= 16384 AND (t.typacl IS NOT NULL OR (t.typcategory <> 'A' AND t.typtype <> 'm'
                 AND (t.typrelid = 0 OR t.typrelid IN (SELECT unnest(c.oids) FROM class c WHERE c.object = 'composite'))))
           GROUP BY t.typnamespace, t.typowner, t.typacl, 5) AS g
    JOIN space s ON s.oid = g.space WHERE s.kind NOT IN ('system', 'temporary') AND NOT (g.extended AND s.kind = 'extensions')
),
held (class, object, name, space_name, schema_kind, tenant, owner, acl, oids) AS MATERIALIZED (
  SELECT 'pg_namespace', 'schema', s.name, s.name, s.kind, s.tenant, s.owner, coalesce(s.acl, acldefault('n', s.owner)), ARRAY[s.oid]
    FROM space s WHERE s.kind NOT IN ('system', 'temporary')
  UNION ALL
  SELECT 'pg_class', r.object, NULL, r.space_name, r.schema_kind, r.tenant, r.owner,
         coalesce(r.acl, acldefault((CASE r.object WHEN 'sequence' THEN 's' ELSE 'r' END)::"char", r.owner)), r.oids FROM relation r
  UNION ALL
  SELECT 'pg_proc', 'function', p.name, p.space_name, p.schema_kind, p.tenant, p.owner, coalesce(p.acl, acldefault('f', p.owner)), p.oids FROM routine p
  UNION ALL
  SELECT 'pg_type', 'type', NULL, t.space_name, t.schema_kind, t.tenant, t.owner, coalesce(t.acl, acldefault('T', t.owner)), t.oids FROM type t
  UNION ALL
  SELECT 'pg_attribute', 'column', NULL, s.name, s.kind, s.tenant, c.relowner, a.attacl, ARRAY[c.oid, a.attnum::int::oid]
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN space s ON s.oid = c.relnamespace
   WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384 AND s.kind NOT IN ('system', 'temporary') 
  UNION ALL
  SELECT 'pg_largeobject_metadata', 'large object', NULL, NULL, NULL, o.tenant, l.lomowner, l.lomacl, array_agg(l.oid)
    FROM pg_catalog.pg_largeobject_metadata l LEFT JOIN role o ON o.oid = l.lomowner WHERE l.lomacl IS NOT NULL GROUP BY 6, 7, 8
  UNION ALL
  SELECT 'pg_database', 'database', d.datname, NULL, NULL, NULL, d.datdba, coalesce(d.datacl, acldefault('d', d.datdba)), ARRAY[d.oid]
    FROM pg_catalog.pg_database d WHERE d.datname = current_database()
  UNION ALL
  SELECT 'pg_language', 'language', l.lanname, NULL, NULL, NULL, l.lanowner, coalesce(l.lanacl, acldefault('l', l.lanowner)), ARRAY[l.oid]
    FROM pg_catalog.pg_language l WHERE l.lanpltrusted OR l.lanacl IS NOT NULL
  UNION ALL
  SELECT 'pg_foreign_data_wrapper', 'foreign-data wrapper', f.fdwname, NULL, NULL, NULL, f.fdwowner, coalesce(f.fdwacl, acldefault('F', f.fdwowner)), ARRAY[f.oid]
    FROM pg_catalog.pg_foreign_data_wrapper f
  UNION ALL
  SELECT 'pg_foreign_server', 'foreign server', f.srvname, NULL, NULL, NULL, f.srvowner, coalesce(f.srvacl, acldefault('S', f.srvowner)), ARRAY[f.oid]
    FROM pg_catalog.pg_foreign_server f
  UNION ALL
  SELECT 'pg_tablespace', 'tablespace', t.spcname, NULL, NULL, NULL, t.spcowner, coalesce(t.spcacl, acldefault('t', t.spcowner)), ARRAY[t.oid]
    FROM pg_catalog.pg_tablespace t
  UNION ALL
  SELECT 'pg_parameter_acl', 'parameter', p.parname, NULL, NULL, NULL, 10::oid, p.paracl, ARRAY[p.oid] FROM pg_catalog.pg_parameter_acl p
),
entry AS MATERIALIZED (
  SELECT h.*, a.grantee, a.grantor, a.privilege_type AS privilege, a.is_grantable AS grantable,
         CASE WHEN a.grantee = 0 THEN 'public' ELSE coalesce(r.kind, 'nobody') END AS grantee_kind, r.tenant AS grantee_tenant,
         CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE coalesce(quote_ident(r.name), 'nobody, whose number is ' || a.grantee) END AS who
    FROM held h CROSS JOIN LATERAL aclexplode(h.acl) a LEFT JOIN role r ON r.oid = a.grantee
),
violation AS MATERIALIZED (
  SELECT e.*, allowed.rule FROM entry e CROSS JOIN LATERAL (SELECT EXISTS (
       SELECT FROM grant_rule x
        WHERE x.object = e.object AND x.schema IS NOT DISTINCT FROM e.schema_kind AND x.grantee = e.grantee_kind AND x.privilege = e.privilege
          AND (x.name IS NULL OR x.name = e.name) AND (NOT x.same OR e.tenant = e.grantee_tenant)) AS rule) AS allowed
   WHERE e.grantee <> e.owner AND e.grantee_kind NOT IN ('bootstrap', 'operator') AND (e.grantable OR NOT allowed.rule)
     AND NOT (e.class = 'pg_type' AND e.grantee = 0 AND e.schema_kind = 'lease')
),
${objectNames},
-- A rule of a tenant's own login in one join, by the tenant; rules of the few roles that are nobody's in another.
demanded AS MATERIALIZED (
  SELECT h.*, x.privilege, x.grantee AS wanted_kind, x.same, x.required FROM grant_rule x
    JOIN held h ON h.object = x.object AND h.schema_kind IS NOT DISTINCT FROM x.schema AND (x.name IS NULL OR x.name = h.name)
   WHERE x.required <> 'no'
),
wanted AS (
  SELECT d.*, r.name AS role, r.oid AS role_oid, r.rolcanlogin FROM demanded d JOIN role r ON r.tenant = d.tenant AND r.kind = d.wanted_kind WHERE d.same
  UNION ALL
  SELECT d.*, r.name, r.oid, r.rolcanlogin FROM demanded d JOIN role r ON r.kind = d.wanted_kind WHERE NOT d.same AND r.tenant IS NULL
),
absent AS (
  SELECT w.* FROM wanted w LEFT JOIN registered g ON g.schema = w.tenant
   WHERE w.role_oid <> w.owner AND coalesce(g.state, 'any') <> 'changing'
     AND (w.required = 'yes' OR g.state = 'open' OR (g.state IS NULL AND w.rolcanlogin))
     AND NOT EXISTS (SELECT FROM aclexplode(w.acl) a WHERE a.grantee IN (w.role_oid, 0) AND a.privilege_type = w.privilege)
)`,
  [
    {
      check: {
        id: 'privilege.unknown',
        title: 'A privilege that is not part of the design',
        proves:
          'Nobody but a tenant’s own login, and a reader while it is open, holds anything on what is in the tenant’s schema; on what tenants share they hold what the design says.',
        severity: 'critical',
        controls: controls.access,
        remediation: 'Revoke it as the owner of the object and read the ACL back; find out who granted it.',
      },
      sql: `SELECT format('%s %s%s: %s for %s', v.object, v.identity, coalesce('.' || quote_ident(v.part), ''), v.privilege, v.who), v.tenant, ${severityOf},
                   format('%s holds %s%s on the %s %s', v.who, v.privilege, CASE WHEN v.grantable THEN ', and may grant it on,' ELSE '' END, v.object, v.identity || coalesce('.' || quote_ident(v.part), '')),
                   jsonb_build_object('privilege', v.privilege, 'grantee', v.who, 'grantable', v.grantable), ${revoke}
              FROM named v`,
    },
    {
      check: {
        id: 'privilege.missing',
        title: 'A privilege of the design is not there',
        proves: 'Tenants can work, the broker can lease, and nothing was revoked by halves.',
        severity: 'medium',
        controls: controls.configuration,
        remediation:
          'Grant it again, as the owner of the object. A migration that has revoked it on purpose is a reason to accept the finding.',
      },
      sql: `SELECT format('%s %s: no %s for %s', a.object, coalesce(quote_ident(a.space_name) || '.', '') || coalesce(a.name, names.some), a.privilege, a.role), a.tenant,
                   CASE WHEN a.object IN ('table', 'sequence', 'type', 'function') AND a.schema_kind = 'tenant' THEN 'low' ELSE 'medium' END,
                   format('%s does not hold %s on %s of the schema %s', a.role, a.privilege, coalesce(a.object || ' ' || a.name, names.some), coalesce(a.space_name, '-')),
                   jsonb_build_object('privilege', a.privilege, 'role', a.role, 'objects', cardinality(a.oids)), NULL
              FROM absent a CROSS JOIN LATERAL (
                SELECT string_agg(n.name, ', ' ORDER BY n.name) AS some FROM (
                  SELECT CASE a.class WHEN 'pg_class' THEN (SELECT quote_ident(c.relname) FROM pg_catalog.pg_class c WHERE c.oid = o)
                              WHEN 'pg_proc' THEN (SELECT quote_ident(p.proname) FROM pg_catalog.pg_proc p WHERE p.oid = o)
                              WHEN 'pg_type' THEN (SELECT quote_ident(t.typname) FROM pg_catalog.pg_type t WHERE t.oid = o) END AS name
                    FROM unnest(a.oids) AS o ORDER BY 1 LIMIT 20) AS n) AS names`,
    },
    {
      check: {
        id: 'privilege.other-database',
        title: 'Tenants may connect to another database of the server',
        proves: 'A tenant’s login can connect to its cell and to nothing else on the server.',
        severity: 'medium',
        controls: controls.boundary,
        remediation:
          'As the owner of that database or a superuser, revoke CONNECT and TEMPORARY from PUBLIC.',
      },
      sql: `SELECT 'database ' || d.datname, NULL, CASE WHEN string_agg(a.privilege_type, ' ') ~ 'CREATE' THEN 'high' ELSE 'medium' END,
                   format('%s may %s in the database %s', CASE a.grantee WHEN 0 THEN 'Every role' ELSE pg_get_userbyid(a.grantee) END, string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), d.datname),
                   jsonb_build_object('privileges', to_jsonb(array_agg(a.privilege_type ORDER BY a.privilege_type))),
                   format('REVOKE ALL ON DATABASE %I FROM %s;', d.datname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
              FROM pg_catalog.pg_database d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
              LEFT JOIN role r ON r.oid = a.grantee
             WHERE d.datname <> current_database() AND d.datallowconn
               AND (a.grantee = 0 OR r.kind NOT IN ('bootstrap', 'operator', 'control', 'predefined', 'unknown'))
               -- Another cell on the same server has the same groups.
               AND NOT EXISTS (
                 SELECT FROM role c, grant_rule x WHERE c.oid = d.datdba AND c.kind = 'control' AND x.object = 'database' AND x.grantee = r.kind AND x.privilege = a.privilege_type
                    AND NOT x.same AND r.kind IN ('group', 'owners', 'slots', 'reader'))
             GROUP BY d.datname, a.grantee`,
    },
  ],
);
