import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** Settings that are stored on roles and databases, which every new session of them starts with. */
export const settingsScan = scan(
  'settings',
  `,
stored AS (
  SELECT r.oid AS role_oid, r.name AS role, r.kind, r.tenant, s.setdatabase AS database,
         split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
    FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c
    LEFT JOIN role r ON r.oid = s.setrole
   WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
),
stray AS (
  SELECT s.*, (SELECT x.value FROM setting_rule x WHERE x.required AND x.role IS NOT DISTINCT FROM s.kind AND x.name = s.name) AS expected FROM stored s
   WHERE s.kind IS DISTINCT FROM 'bootstrap' AND s.kind IS DISTINCT FROM 'operator'
     AND NOT EXISTS (
       SELECT FROM setting_rule x WHERE x.role IS NOT DISTINCT FROM s.kind AND x.name = s.name AND (x.value IS NULL OR x.value = s.value)
          -- A setting for everybody is one of the database: on the server's all others would have it, too.
          AND (x.role IS NOT NULL OR s.database <> 0))
)`,
  [
    {
      check: {
        id: 'setting.stored',
        title: 'A setting is stored that the design does not have',
        proves:
          'No session starts as another role, with another search path, or with a library that nobody asked for.',
        severity: 'high',
        controls: controls.configuration,
        remediation:
          'Reset it. Lanes override the most dangerous ones when they connect; other clients do not.',
      },
      sql: `SELECT 'setting ' || coalesce('of role ' || s.role, CASE s.database WHEN 0 THEN 'of all roles' ELSE 'of the database' END) || ': ' || s.name,
                   s.tenant,
                   CASE WHEN s.name IN ('role', 'session_authorization', 'search_path', 'row_security', 'lo_compat_privileges', 'session_replication_role',
                                        'createrole_self_grant', 'allow_system_table_mods', 'check_function_bodies', 'password_encryption')
                          OR s.name ~ '_preload_libraries$|dynamic_library_path' THEN 'high' ELSE 'low' END,
                   format('%s starts with a stored %s', coalesce('Every session of ' || s.role, 'Every session'), s.name),
                   jsonb_build_object('database', s.database <> 0),
                   CASE WHEN s.expected IS NOT NULL AND s.role IS NULL AND s.database <> 0 THEN format('ALTER DATABASE %I SET %I = %s;', current_database(), s.name, s.expected)
                        WHEN s.expected IS NOT NULL AND s.database = 0 AND s.role IS NOT NULL THEN format('ALTER ROLE %I SET %I = %L;', s.role, s.name, s.expected)
                        WHEN s.role IS NOT NULL AND s.database <> 0 THEN format('ALTER ROLE %I IN DATABASE %I RESET %I;', s.role, current_database(), s.name)
                        WHEN s.role IS NOT NULL THEN format('ALTER ROLE %I RESET %I;', s.role, s.name)
                        WHEN s.database <> 0 THEN format('ALTER DATABASE %I RESET %I;', current_database(), s.name)
                        ELSE format('ALTER ROLE ALL RESET %I;', s.name) END
              FROM stray s`,
    },
    {
      check: {
        id: 'setting.missing',
        title: 'A setting of the design is not stored',
        proves: 'A login that sets no search path finds its own schema first, and never public.',
        severity: 'high',
        controls: controls.configuration,
        remediation: 'Store it again: preparing the cell does it.',
      },
      sql: `SELECT 'setting of the database: ' || x.name, NULL, NULL, format('The database does not set %s to %s', x.name, x.value),
                   jsonb_build_object('expected', x.value), format('ALTER DATABASE %I SET %I = %s;', current_database(), x.name, x.value)
              FROM setting_rule x WHERE x.required AND x.role IS NULL
               AND NOT EXISTS (SELECT FROM stored s WHERE s.role IS NULL AND s.database <> 0 AND s.name = x.name AND s.value = x.value)
            UNION ALL
            SELECT 'setting of role ' || r.name || ': ' || x.name, r.tenant, 'low', format('The role %s does not have %s = %s', r.name, x.name, x.value),
                   jsonb_build_object('expected', x.value), format('ALTER ROLE %I SET %I = %L;', r.name, x.name, x.value)
              FROM setting_rule x JOIN role r ON r.kind = x.role WHERE x.required
               AND NOT EXISTS (SELECT FROM stored s WHERE s.role_oid = r.oid AND s.name = x.name AND s.value = x.value)`,
    },
  ],
);
