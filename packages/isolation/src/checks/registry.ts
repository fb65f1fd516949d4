import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** Population: the tenants that are there are those that are registered, and are as open as they should be. */
export const registryScan = scan(
  'registry',
  `,
state AS (
  SELECT t.*, l.rolcanlogin AS may_login, EXISTS (
           -- From the access list and not by has_schema_privilege(), which looks at this moment and not at the snapshot's.
           SELECT FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a WHERE a.grantee IN (0, t.login) AND a.privilege_type = 'USAGE') AS may_use
    FROM tenant t JOIN all_roles l ON l.oid = t.login JOIN pg_catalog.pg_namespace n ON n.oid = t.schema, layout
   WHERE strpos(j->'tenants'->>'login', '{schema}') > 0
),
elsewhere AS (
  SELECT DISTINCT s.refobjid AS oid FROM pg_catalog.pg_shdepend s
   WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.deptype = 'o' AND s.dbid <> 0
     AND s.dbid <> (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
)`,
  [
    {
      check: {
        id: 'registry.missing-schema',
        title: 'A registered tenant has no schema',
        proves: 'Every tenant that the registry knows is in the database that was looked at.',
        severity: 'high',
        controls: controls.accounts,
        remediation: 'Find out who dropped it, then restore the tenant or purge it from the registry.',
      },
      sql: `SELECT 'schema ' || g.schema, g.schema, NULL, format('The registry has the tenant %s, and there is no such schema', g.schema),
                   jsonb_build_object('state', g.state), NULL
              FROM registered g WHERE g.state <> 'changing' AND NOT EXISTS (SELECT FROM tenant t WHERE t.name = g.schema)`,
    },
    {
      check: {
        id: 'registry.unknown-tenant',
        title: 'A schema looks like a tenant that is not registered',
        proves: 'No data of a tenant lies in the database that nobody answers for.',
        severity: 'high',
        controls: controls.accounts,
        remediation: 'Register it, or drop the schema and its roles: what was purged must be gone.',
      },
      sql: `SELECT 'schema ' || t.name, t.name, NULL, format('The schema %s is that of a tenant which the registry does not have', t.name),
                   jsonb_build_object('owner', t.owner_name), NULL
              FROM tenant t, layout WHERE jsonb_typeof(j->'registry') = 'array'
               AND NOT EXISTS (SELECT FROM registered g WHERE g.schema = t.name)`,
    },
    {
      check: {
        id: 'registry.open',
        title: 'A tenant that is shut out can get in',
        proves: 'Suspended, archived and deleted tenants can neither log in nor use their schema.',
        severity: 'critical',
        controls: controls.accounts,
        remediation: 'Suspend the tenant again, then end its backends.',
      },
      sql: `SELECT 'schema ' || s.name, s.name, NULL,
                   format('The tenant %s is closed in the registry, and %s', s.name, CASE WHEN s.may_login THEN 'may log in' ELSE 'may use its schema' END),
                   jsonb_build_object('login', s.may_login, 'usage', s.may_use),
                   format('ALTER ROLE %I NOLOGIN; REVOKE USAGE ON SCHEMA %I FROM %I;', s.login_name, s.name, s.login_name)
              FROM state s JOIN registered g ON g.schema = s.name
             WHERE g.state = 'closed' AND (s.may_login OR s.may_use)`,
    },
    {
      check: {
        id: 'registry.half-open',
        title: 'A tenant is neither open nor shut out',
        proves:
          'Whoever may log in may use its schema and the other way round: nothing was suspended by half.',
        severity: 'medium',
        controls: controls.accounts,
        remediation: 'Suspend or resume the tenant: both put its login and its schema in order.',
      },
      sql: `SELECT 'schema ' || s.name, s.name, NULL,
                   CASE WHEN g.state = 'open' AND NOT s.may_login THEN format('The tenant %s is open in the registry, and may not log in', s.name)
                        WHEN s.may_login THEN format('The tenant %s may log in, and may not use its schema', s.name)
                        ELSE format('The tenant %s may not log in, and may still use its schema', s.name) END,
                   jsonb_build_object('login', s.may_login, 'usage', s.may_use), NULL
              FROM state s LEFT JOIN registered g ON g.schema = s.name
             WHERE coalesce(g.state, 'any') NOT IN ('closed', 'changing')
               AND (s.may_login <> s.may_use OR (g.state = 'open' AND NOT s.may_login))`,
    },
    {
      check: {
        id: 'registry.orphan-role',
        title: 'A role of a tenant that has no schema',
        proves: 'Nothing is left of tenants that are gone, and no login waits for a schema of its name.',
        severity: 'medium',
        controls: controls.accounts,
        remediation: 'Drop the role, or purge the tenant again.',
      },
      sql: `SELECT 'role ' || r.name, r.tenant, NULL, format('The role %s is that of a tenant without a schema', r.name),
                   jsonb_build_object('login', r.rolcanlogin),
                   format('DROP OWNED BY %1$I; DROP ROLE %1$I;', r.name)
              FROM role r WHERE r.kind IN ('login', 'owner') AND NOT r.here
               -- Several cells may lie on one server: the schema is in another database of it.
               AND NOT EXISTS (SELECT FROM elsewhere e JOIN role o ON o.oid = e.oid WHERE o.tenant = r.tenant)
               AND NOT EXISTS (SELECT FROM registered g WHERE g.schema = r.tenant AND g.state = 'changing')`,
    },
  ],
);
