import { controls } from './controls.ts';
import { scan } from './scan.ts';

/**
 * Memberships: who is whom. In a design that gives each tenant a login of its own these are the walls, so each edge, its three
 * options and who granted it are compared with the list.
 */
export const membersScan = scan(
  'members',
  `,
edge AS (
  SELECT g.oid AS role_oid, g.name AS role, g.kind AS role_kind, g.tenant AS role_tenant, r.oid AS member_oid, r.name AS member,
         r.kind AS member_kind, r.tenant AS member_tenant, m.admin_option, m.inherit_option, m.set_option,
         o.name AS grantor, o.kind AS grantor_kind, o.tenant AS grantor_tenant
    FROM pg_catalog.pg_auth_members m JOIN role g ON g.oid = m.roleid JOIN role r ON r.oid = m.member
    LEFT JOIN role o ON o.oid = m.grantor
),
controller AS MATERIALIZED (SELECT r.oid, r.name FROM role r WHERE r.kind = 'control' AND NOT r.rolsuper),
stray AS MATERIALIZED (
  SELECT e.* FROM edge e
   WHERE NOT EXISTS (
     SELECT FROM member_rule x
      WHERE x.role = e.role_kind AND x.member = e.member_kind
        AND (NOT x.same OR e.role_tenant = e.member_tenant)
        AND (x.admin IS NULL OR x.admin = e.admin_option) AND (x.inherit IS NULL OR x.inherit = e.inherit_option)
        AND (x.set IS NULL OR x.set = e.set_option)
        AND x.grantors ? coalesce(e.grantor_kind, '')
        AND (e.grantor_kind NOT IN ('login', 'owner') OR e.grantor_tenant IS NOT DISTINCT FROM e.role_tenant))
     -- What PostgreSQL itself is born with, and what an operator of the server has arranged for itself.
     AND NOT (e.role_kind = 'predefined' AND e.member = 'pg_monitor' AND e.role IN ('pg_read_all_settings', 'pg_read_all_stats', 'pg_stat_scan_tables'))
     AND NOT (e.role_kind IN ('predefined', 'operator') AND e.member_kind IN ('operator', 'bootstrap'))
),
held AS (
  SELECT e.member, e.member_kind, array_agg(DISTINCT e.role ORDER BY e.role) AS tenants,
         string_agg(format('REVOKE %I FROM %I%s CASCADE;', e.role, e.member, coalesce(' GRANTED BY ' || quote_ident(e.grantor), '')), ' ') AS revoke
    FROM edge e WHERE e.role_kind IN ('login', 'owner') AND e.member_kind = 'slot' GROUP BY e.member, e.member_kind
)`,
  [
    {
      check: {
        id: 'member.unknown',
        title: 'A membership that is not part of the design',
        proves:
          'No role is a member of a tenant’s role, or of one that all tenants share, except as the design says: option by option, and granted by whom it says.',
        severity: 'critical',
        controls: controls.access,
        remediation:
          'Revoke it, read the catalog back (a REVOKE by the wrong grantor only warns), and find out who granted it.',
      },
      sql: `SELECT format('membership %s of %s by %s', s.member, s.role, coalesce(s.grantor, 'nobody')), coalesce(s.role_tenant, s.member_tenant),
                   CASE WHEN s.role_kind IN ('login', 'owner', 'control', 'bootstrap', 'operator', 'unknown') OR s.member_kind IN ('login', 'owner', 'slot', 'broker', 'group', 'owners', 'slots') THEN 'critical' ELSE 'high' END,
                   format('%s is a member of %s (ADMIN %s, INHERIT %s, SET %s)', s.member, s.role, s.admin_option, s.inherit_option, s.set_option),
                   jsonb_build_object('admin', s.admin_option, 'inherit', s.inherit_option, 'set', s.set_option, 'grantor', s.grantor),
                   format('REVOKE %I FROM %I%s CASCADE;', s.role, s.member, coalesce(' GRANTED BY ' || quote_ident(s.grantor), ''))
              FROM stray s WHERE s.role_kind <> 'predefined'`,
    },
    {
      check: {
        id: 'member.predefined',
        title: 'A role holds one of PostgreSQL’s predefined roles',
        proves:
          'Nobody reads or writes all data, reads files, runs programs, ends backends or reads others’ queries by a predefined role.',
        severity: 'critical',
        controls: controls.administration,
        remediation:
          'Revoke it. Monitoring needs pg_monitor on a login of its own that the configuration names.',
      },
      sql: `SELECT format('membership %s of %s', s.member, s.role), s.member_tenant,
                   CASE WHEN s.role IN ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_database_owner') THEN 'critical' ELSE 'high' END,
                   format('%s is a member of %s', s.member, s.role),
                   jsonb_build_object('admin', s.admin_option, 'inherit', s.inherit_option, 'set', s.set_option, 'grantor', s.grantor),
                   format('REVOKE %I FROM %I%s CASCADE;', s.role, s.member, coalesce(' GRANTED BY ' || quote_ident(s.grantor), ''))
              FROM stray s WHERE s.role_kind = 'predefined'`,
    },
    {
      check: {
        id: 'member.slot',
        title: 'A slot holds more than one tenant',
        proves: 'A leased connection can become one tenant at most, whatever it runs.',
        severity: 'critical',
        controls: controls.access,
        remediation: 'Revoke all of them from the slot and end its connection; it is leased anew.',
      },
      sql: `SELECT 'role ' || h.member, NULL, NULL, format('The slot %s can become %s tenants', h.member, cardinality(h.tenants)),
                   jsonb_build_object('tenants', to_jsonb(h.tenants)),
                   h.revoke
              FROM held h WHERE cardinality(h.tenants) > 1`,
    },
    {
      check: {
        id: 'member.missing',
        title: 'A membership of the design is not there',
        proves:
          'Tenants can connect, owners can lease their tenant, and the control role can shut every tenant out.',
        severity: 'medium',
        controls: controls.configuration,
        remediation: 'Grant it again: preparing the cell, or resuming the tenant, does it.',
      },
      sql: `SELECT format('membership %s of %s', r.name, g.name), coalesce(g.tenant, r.tenant), NULL,
                   format('%s is not a member of %s as it should be', r.name, g.name),
                   jsonb_build_object('admin', x.admin, 'inherit', x.inherit, 'set', x.set), NULL
              FROM (
                SELECT x.*, g.oid AS role_oid, r.oid AS member_oid FROM member_rule x JOIN role g ON g.kind = x.role JOIN role r ON r.kind = x.member AND r.tenant = g.tenant WHERE x.same
                UNION ALL
                SELECT x.*, g.oid, r.oid FROM member_rule x JOIN role g ON g.kind = x.role JOIN role r ON r.kind = x.member WHERE NOT x.same
              ) AS x JOIN role g ON g.oid = x.role_oid JOIN role r ON r.oid = x.member_oid
             WHERE x.required AND (g.here OR g.tenant IS NULL) AND (r.here OR r.tenant IS NULL)
               AND NOT EXISTS (SELECT FROM edge e WHERE e.role_oid = g.oid AND e.member_oid = r.oid
                 -- The control role holds SET and ADMIN by two grants.
                 AND (x.admin IS NULL OR e.admin_option = x.admin) AND (x.inherit IS NULL OR e.inherit_option = x.inherit)
                 AND (x.set IS NULL OR e.set_option = x.set))
            UNION ALL
            SELECT format('membership %s of %s: SET', c.name, g.name), g.tenant, 'medium', format('%s can no longer become %s, to shut it out or to drop it', c.name, g.name),
                   NULL, format('GRANT %I TO %I WITH SET TRUE, INHERIT FALSE;', g.name, c.name)
              FROM role g JOIN member_rule x ON x.role = g.kind AND x.member = 'control' AND x.required JOIN controller c ON true
             WHERE g.kind IN ('login', 'owner') AND g.here AND NOT EXISTS (
               SELECT FROM edge e WHERE e.role_oid = g.oid AND e.member_oid = c.oid AND e.set_option)`,
    },
  ],
);
