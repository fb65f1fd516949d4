import { controls } from './controls.ts';
import { scan } from './scan.ts';

/**
 * How far a role gets, over every chain of memberships: the question that an attacker asks. Any option of a membership
 * counts as a step, since ADMIN alone is enough to give oneself the others.
 */
export const reachScan = scan(
  'reach',
  `,
step AS MATERIALIZED (
  SELECT DISTINCT m.member, m.roleid FROM pg_catalog.pg_auth_members m
   WHERE m.admin_option OR m.inherit_option OR m.set_option
),
starter AS MATERIALIZED (
  SELECT r.oid, r.name, r.kind, r.tenant, r.rolcanlogin, r.rolsuper FROM role r
   WHERE r.kind NOT IN ('bootstrap', 'predefined', 'operator', 'control', 'reader')
),
closure AS (
  SELECT s.oid AS start, s.oid AS role, ARRAY[s.oid] AS path FROM starter s
  UNION ALL
  SELECT c.start, st.roleid, c.path || st.roleid FROM closure c JOIN step st ON st.member = c.role
   WHERE NOT st.roleid = ANY (c.path) AND cardinality(c.path) < 8
),
within AS MATERIALIZED (
  SELECT DISTINCT ON (c.start, c.role) c.start, c.role, c.path FROM closure c ORDER BY c.start, c.role, cardinality(c.path)
),
holder AS MATERIALIZED (
  SELECT s.oid AS schema, s.name AS tenant, a.grantee AS role
    FROM space s CROSS JOIN LATERAL aclexplode(coalesce(s.acl, acldefault('n', s.owner))) a
   WHERE s.kind = 'tenant' AND a.privilege_type = 'USAGE'
  UNION
  SELECT s.oid, s.name, s.owner FROM space s WHERE s.kind = 'tenant'
),
reach AS MATERIALIZED (
  SELECT w.start, h.tenant, min(cardinality(w.path)) AS steps FROM within w JOIN holder h ON h.role = w.role GROUP BY w.start, h.tenant
),
everything AS (
  SELECT w.start, r.name AS by FROM within w JOIN role r ON r.oid = w.role
   WHERE r.rolsuper OR r.kind = 'bootstrap' OR r.name IN ('pg_read_all_data', 'pg_write_all_data')
),
population AS (SELECT count(*) AS tenants FROM tenant),
far AS (
  SELECT s.oid, s.name, s.kind, s.tenant, s.rolcanlogin, count(*) AS tenants,
         (array_agg(r.tenant ORDER BY r.tenant))[1:5] AS some, min(r.steps) FILTER (WHERE r.tenant IS DISTINCT FROM s.tenant) AS steps
    FROM starter s JOIN reach r ON r.start = s.oid
   WHERE NOT EXISTS (SELECT FROM everything e WHERE e.start = s.oid)
   GROUP BY s.oid, s.name, s.kind, s.tenant, s.rolcanlogin
  HAVING count(*) FILTER (WHERE r.tenant IS DISTINCT FROM s.tenant) > 0
     -- A slot is one tenant at a time, and has none of its own.
     AND NOT (s.kind = 'slot' AND count(*) = 1)
),
application AS (SELECT s.* FROM starter s WHERE s.kind = 'application'),
within_application AS (SELECT a.oid AS start, a.name, w.role FROM application a JOIN within w ON w.start = a.oid),
ddl AS (
  SELECT w.name, count(DISTINCT t.schema) AS tenants, (array_agg(DISTINCT t.name))[1:5] AS some
    FROM within_application w JOIN tenant t ON true
    JOIN space s ON s.oid = t.schema
   WHERE s.owner = w.role OR EXISTS (
           SELECT FROM aclexplode(coalesce(s.acl, acldefault('n', s.owner))) a WHERE a.grantee IN (0, w.role) AND a.privilege_type = 'CREATE')
      OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = t.schema AND c.relowner = w.role AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
   GROUP BY w.name
),
twin AS (
  SELECT count(*) AS tables, (array_agg(c.relname ORDER BY c.relname))[1:5] AS some
    FROM pg_catalog.pg_class c JOIN space s ON s.oid = c.relnamespace
   WHERE s.kind IN ('public', 'shared') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
     AND EXISTS (SELECT FROM pg_catalog.pg_class o JOIN tenant t ON t.schema = o.relnamespace WHERE o.relname = c.relname AND o.relkind IN ('r', 'p', 'v', 'm', 'f'))
)`,
  [
    {
      check: {
        id: 'reach.tenants',
        title: 'A role reaches more tenants than its own',
        proves:
          'Over no chain of memberships, ownership and grants does a role get into the schema of a tenant that is not its own.',
        severity: 'critical',
        controls: controls.access,
        remediation:
          'Give each tenant a login of its own that may use its schema alone. Where one login serves all, nothing that it runs first can hold it back.',
      },
      sql: `SELECT 'role ' || f.name, f.tenant, CASE WHEN f.rolcanlogin OR f.kind <> 'unknown' THEN 'critical' ELSE 'high' END,
                   format('%s reaches %s of %s tenants', f.name, f.tenants, p.tenants),
                   jsonb_build_object('tenants', f.tenants, 'some', to_jsonb(f.some), 'memberships', f.steps - 1), NULL
              FROM far f, population p
            UNION ALL
            SELECT 'role ' || s.name, s.tenant, 'critical', format('%s reaches every tenant: it has the rights of %s', s.name, min(e.by)),
                   jsonb_build_object('by', min(e.by)), NULL
              FROM starter s JOIN everything e ON e.start = s.oid GROUP BY s.name, s.tenant
            UNION ALL
            SELECT 'PUBLIC', NULL, 'critical', format('Every role reaches %s of %s tenants', count(DISTINCT h.tenant), min(p.tenants)),
                   jsonb_build_object('tenants', count(DISTINCT h.tenant), 'some', to_jsonb((array_agg(h.tenant ORDER BY h.tenant))[1:5])), NULL
              FROM holder h, population p WHERE h.role = 0 HAVING count(*) > 0`,
    },
    {
      check: {
        id: 'reach.shared-login',
        title: 'The SQL of several tenants runs as one login',
        proves:
          'A tenant can neither end nor cancel another one’s backend, read its running statement, nor change what its sessions start with.',
        severity: 'high',
        controls: controls.access,
        remediation: 'A login for each tenant, or slots that are lent to one tenant at a time.',
      },
      sql: `SELECT 'role ' || a.name, NULL, NULL,
                   format('The application connects as %s for %s tenants: whoever injects a statement may end backends of all of them, read their queries in pg_stat_activity, and ALTER ROLE %s SET search_path', a.name, p.tenants, a.name),
                   jsonb_build_object('tenants', p.tenants), NULL
              FROM application a, population p, layout
             WHERE a.rolcanlogin AND p.tenants > 1`,
    },
    {
      check: {
        id: 'reach.ddl',
        title: 'The application can change or drop tenants’ tables',
        proves:
          'What the application runs can read and write rows and nothing else: no DROP, no TRUNCATE, no trigger that runs as somebody else.',
        severity: 'high',
        controls: controls.access,
        remediation:
          'Let a role without login own the tables and run migrations; grant the application SELECT, INSERT, UPDATE and DELETE.',
      },
      sql: `SELECT 'role ' || d.name, NULL, NULL, format('%s owns, or may create in, the schemas of %s of %s tenants', d.name, d.tenants, p.tenants),
                   jsonb_build_object('tenants', d.tenants, 'some', to_jsonb(d.some)), NULL
              FROM ddl d, population p`,
    },
    {
      check: {
        id: 'reach.fallback',
        title: 'Without a tenant, a query reads the shared schema',
        proves:
          'A statement that runs without a tenant fails instead of finding a table of the same name elsewhere.',
        severity: 'medium',
        controls: controls.access,
        remediation: 'Keep no table of a tenant’s in a schema that all search paths end with.',
      },
      sql: `SELECT 'shared tables', NULL, NULL, format('%s tables of shared schemas have the names of tenants'' tables: a query without a tenant, or with one that does not exist, reads those', t.tables),
                   jsonb_build_object('tables', t.tables, 'some', to_jsonb(t.some)), NULL
              FROM twin t WHERE t.tables > 0 AND EXISTS (SELECT FROM application)`,
    },
  ],
);
