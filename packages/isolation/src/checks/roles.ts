import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** Roles: none that is on no list, and none that can do more than its list says. */
export const rolesScan = scan(
  'roles',
  `,
fact AS (
  SELECT r.*, x.login AS may_login, x.inherit AS may_inherit, x.create_role, x.superuser, x.connections, x.expires
    FROM role r LEFT JOIN LATERAL (
      -- The rule by kind: roles of tenants are known by their schema, whatever they are called.
      SELECT * FROM role_rule x WHERE x.kind = r.kind AND (r.kind IN ('login', 'owner') OR r.name ~ x.pattern)
       ORDER BY x.rank LIMIT 1) x ON true
),
attribute AS (
  SELECT f.oid, f.name, f.kind, f.tenant, a.*
    FROM fact f CROSS JOIN LATERAL (VALUES
      ('SUPERUSER', f.rolsuper, coalesce(f.superuser, false), 'critical'),
      ('BYPASSRLS', f.rolbypassrls, coalesce(f.superuser, false), 'high'),
      ('REPLICATION', f.rolreplication, coalesce(f.superuser, false), 'critical'),
      ('CREATEROLE', f.rolcreaterole, coalesce(f.create_role, false), 'high'),
      ('CREATEDB', f.rolcreatedb, coalesce(f.superuser, false), 'medium')
    ) AS a (attribute, has, may, severity)
   WHERE f.kind <> 'bootstrap' AND a.has AND NOT a.may
  UNION ALL
  SELECT f.oid, f.name, f.kind, f.tenant, 'LOGIN', f.rolcanlogin, f.may_login, CASE WHEN f.rolcanlogin THEN 'high' ELSE 'low' END
    FROM fact f WHERE f.may_login IS NOT NULL AND f.rolcanlogin <> f.may_login
  UNION ALL
  SELECT f.oid, f.name, f.kind, f.tenant, 'LOGIN', true, false, 'critical' FROM fact f WHERE f.kind = 'predefined' AND f.rolcanlogin
  UNION ALL
  SELECT f.oid, f.name, f.kind, f.tenant, 'INHERIT', f.rolinherit, f.may_inherit, 'medium'
    FROM fact f WHERE f.may_inherit IS NOT NULL AND f.rolinherit <> f.may_inherit
)`,
  [
    {
      check: {
        id: 'role.unknown',
        title: 'A role that is not part of the design',
        proves: 'Every role of the server is a tenant’s or one that the design names.',
        severity: 'high',
        controls: controls.accounts,
        remediation:
          'Drop it. Where a person or a program needs it, give it a server of its own or name it in the configuration.',
      },
      sql: `SELECT 'role ' || r.name, NULL, CASE WHEN r.rolcanlogin OR r.rolsuper THEN 'high' ELSE 'medium' END,
                   format('The role %s is neither a tenant''s nor one that the design needs%s', r.name, CASE WHEN r.rolcanlogin THEN ', and it may log in' ELSE '' END),
                   jsonb_build_object('login', r.rolcanlogin, 'superuser', r.rolsuper), format('DROP OWNED BY %1$I; DROP ROLE %1$I;', r.name)
              FROM role r WHERE r.kind = 'unknown'`,
    },
    {
      check: {
        id: 'role.missing',
        title: 'A role of the design is not there',
        proves: 'Every tenant has its own owner and login, and the roles that all of them need are there.',
        severity: 'high',
        controls: controls.configuration,
        remediation: 'Find out who dropped or renamed it. Prepare the cell again, or restore the tenant.',
      },
      sql: `SELECT 'role ' || t.login_name, t.name, NULL, format('The login %s of a tenant is not there', t.login_name), NULL::jsonb, NULL
              FROM tenant t WHERE t.login IS NULL AND t.login_name IS NOT NULL
            UNION ALL
            SELECT 'role ' || t.owner_name, t.name, NULL, format('The role %s that owns a tenant''s schema is not there', t.owner_name), NULL, NULL
              FROM tenant t WHERE t.owner IS NULL AND t.owner_name IS NOT NULL
            UNION ALL
            SELECT 'roles ' || x.pattern, NULL, NULL, format('The design needs %s roles of the kind %s, and there are %s', x.at_least, x.kind, count(r.oid)), NULL, NULL
              FROM role_rule x LEFT JOIN role r ON r.kind = x.kind WHERE x.at_least > 0
             GROUP BY x.pattern, x.kind, x.at_least HAVING count(r.oid) < x.at_least`,
    },
    {
      check: {
        id: 'role.attributes',
        title: 'A role can do more, or less, than it should',
        proves:
          'No role that application SQL or migrations run as is a superuser, may create roles, replicate or bypass row security; only logins log in.',
        severity: 'critical',
        controls: controls.administration,
        remediation: 'Take the attribute away, and find out who gave it.',
      },
      sql: `SELECT 'role ' || a.name || ': ' || a.attribute, a.tenant, a.severity,
                   format('The role %s %s %s', a.name, CASE WHEN a.has THEN 'has' ELSE 'does not have' END, a.attribute),
                   jsonb_build_object('kind', a.kind), CASE WHEN a.kind <> 'predefined' THEN format('ALTER ROLE %I %s%s;', a.name, CASE WHEN a.has THEN 'NO' ELSE '' END, a.attribute) END
              FROM attribute a`,
    },
    {
      check: {
        id: 'role.limits',
        title: 'A login has no limit where it should, or ends where it should not',
        proves:
          'A slot is one connection, so that claiming it is atomic; one tenant cannot take all connections; readers end by themselves.',
        severity: 'high',
        controls: controls.administration,
        remediation: 'Set the limit again.',
      },
      sql: `SELECT 'role ' || f.name || ': CONNECTION LIMIT', f.tenant, CASE WHEN f.kind = 'slot' THEN 'high' ELSE 'low' END,
                   format('The connection limit of %s is %s', f.name, f.rolconnlimit), jsonb_build_object('limit', f.rolconnlimit, 'expected', f.connections),
                   CASE jsonb_typeof(f.connections) WHEN 'number' THEN format('ALTER ROLE %I CONNECTION LIMIT %s;', f.name, f.connections) END
              FROM fact f
             WHERE CASE jsonb_typeof(f.connections) WHEN 'number' THEN f.rolconnlimit <> f.connections::int WHEN 'string' THEN f.rolconnlimit < 0 ELSE false END
            UNION ALL
            SELECT 'role ' || f.name || ': VALID UNTIL', f.tenant, CASE WHEN f.expires = 'always' THEN 'high' ELSE 'low' END,
                   CASE WHEN f.expires = 'always' THEN format('The login %s has no end', f.name)
                        ELSE format('The password of %s ends, which nobody has asked for', f.name) END,
                   jsonb_build_object('until', f.rolvaliduntil),
                   CASE WHEN f.expires = 'never' THEN format('ALTER ROLE %I VALID UNTIL ''infinity'';', f.name) END
              FROM fact f
             WHERE (f.expires = 'always') = (coalesce(f.rolvaliduntil, 'infinity') = 'infinity') AND f.kind <> 'bootstrap'
            UNION ALL
            -- The control plane drops it within a minute of its end.
            SELECT 'role ' || f.name || ': VALID UNTIL', NULL, 'medium', format('The time of the reader %s was over an hour ago, and it is still there', f.name),
                   jsonb_build_object('until', f.rolvaliduntil), NULL
              FROM fact f WHERE f.expires = 'always' AND f.rolvaliduntil < now() - interval '1 hour'
            UNION ALL
            SELECT 'role ' || f.name || ': VALID UNTIL', NULL, 'medium', format('The reader %s ends later than any that may be opened', f.name),
                   jsonb_build_object('until', f.rolvaliduntil), NULL
              FROM fact f WHERE f.kind = 'reader' AND f.rolvaliduntil > now() + interval '481 minutes' AND f.rolvaliduntil < 'infinity'`,
    },
  ],
);
