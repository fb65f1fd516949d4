import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** The first minor release of each major that has the fixes of November 2025, among them CVE-2025-12817 (CREATE STATISTICS in others' schemas). */
const floors = `VALUES (16, 160011), (17, 170007), (18, 180001)`;

/** Settings of the server that isolation rests on, and what they must be. */
const settings = `VALUES
  ('lo_compat_privileges', 'off', 'critical', 'every tenant may read and write the large objects of all others'),
  ('allow_system_table_mods', 'off', 'high', 'catalogs can be changed by hand'),
  ('row_security', 'on', 'medium', 'row security raises an error instead of being applied'),
  ('session_replication_role', 'origin', 'high', 'triggers and foreign keys do not fire'),
  ('password_encryption', 'scram-sha-256', 'high', 'new passwords are stored as MD5'),
  ('standard_conforming_strings', 'on', 'high', 'a backslash ends a literal that an application has escaped'),
  ('backslash_quote', 'safe_encoding', 'medium', 'a quote that is escaped by a backslash is accepted in every encoding'),
  ('local_preload_libraries', '', 'high', 'every session loads a library'),
  ('createrole_self_grant', '', 'medium', 'a role that is created is granted to its creator, which may inherit it'),
  ('default_transaction_read_only', 'off', 'low', 'tenants cannot write'),
  ('session_preload_libraries', '', 'medium', 'every session loads a library'),
  ('zero_damaged_pages', 'off', 'low', 'damage is hidden')`;

/** The server itself: its version and the settings that undo what privileges do. */
export const serverScan = scan('server', '', [
  {
    check: {
      id: 'server.version',
      title: 'The server lacks security fixes',
      proves: 'The server’s minor release has the fixes for known ways around privileges.',
      severity: 'high',
      controls: controls.configuration,
      remediation: 'Install the newest minor release and restart.',
    },
    sql: `SELECT 'server', NULL, NULL, format('PostgreSQL %s is older than the first release with the known fixes', current_setting('server_version')),
                 jsonb_build_object('version', current_setting('server_version')), NULL
            FROM (${floors}) AS f (major, first)
           WHERE current_setting('server_version_num')::int / 10000 = f.major AND current_setting('server_version_num')::int < f.first
          UNION ALL
          SELECT 'server', NULL, 'critical', format('PostgreSQL %s does not have the membership options that isolation rests on', current_setting('server_version')),
                 jsonb_build_object('version', current_setting('server_version')), NULL
           WHERE current_setting('server_version_num')::int < 160000`,
  },
  {
    check: {
      id: 'server.setting',
      title: 'A setting of the server weakens isolation',
      proves: 'The settings that privileges rely on are as PostgreSQL ships them.',
      severity: 'critical',
      controls: controls.configuration,
      remediation: 'Take it out of postgresql.conf, or reset it, and reload.',
    },
    sql: `SELECT 'setting ' || p.name, NULL, s.severity, format('%s is %s: %s', p.name, coalesce(nullif(p.setting, ''), 'empty'), s.why),
                 jsonb_build_object('source', p.source), format('ALTER SYSTEM RESET %I; SELECT pg_reload_conf();', p.name)
            FROM pg_catalog.pg_show_all_settings() p JOIN (${settings}) AS s (name, value, severity, why) ON s.name = p.name
           -- What this session has set for itself is nobody else's.
           WHERE p.setting <> s.value AND p.source NOT IN ('session', 'client')`,
  },
  {
    check: {
      id: 'server.database',
      title: 'The database can be copied by others, or cannot be used',
      proves: 'Nobody who may create databases can take a copy of this one with all tenants in it.',
      severity: 'high',
      controls: controls.boundary,
      remediation: 'Set the option back.',
    },
    sql: `SELECT 'database ' || d.datname || ': IS_TEMPLATE', NULL, NULL, format('Whoever may create databases may copy %s', d.datname), NULL::jsonb, format('ALTER DATABASE %I IS_TEMPLATE false;', d.datname)
            FROM pg_catalog.pg_database d WHERE d.datname = current_database() AND d.datistemplate
          UNION ALL
          SELECT 'database ' || d.datname || ': CONNECTION LIMIT', NULL, 'low', format('%s takes %s connections', d.datname, d.datconnlimit), jsonb_build_object('limit', d.datconnlimit), format('ALTER DATABASE %I CONNECTION LIMIT -1;', d.datname)
            FROM pg_catalog.pg_database d WHERE d.datname = current_database() AND d.datconnlimit >= 0`,
  },
  {
    check: {
      id: 'server.encryption',
      title: 'Connections from other machines are not encrypted',
      proves: 'Tenants’ data is not readable on the network.',
      severity: 'high',
      controls: ['SOC2:CC6.7', 'GDPR:32(1)(b)', 'ISO27001:A.8.22'],
      remediation: 'Turn ssl on, and use hostssl lines in pg_hba.conf.',
    },
    sql: `SELECT 'setting ssl', NULL, NULL, 'The server listens on the network, and ssl is off', jsonb_build_object('listen', current_setting('listen_addresses')), 'ALTER SYSTEM SET ssl = on;'
           WHERE current_setting('ssl') = 'off'
             AND EXISTS (SELECT FROM regexp_split_to_table(current_setting('listen_addresses'), '\\s*,\\s*') a WHERE a NOT IN ('', 'localhost', '127.0.0.1', '::1'))`,
  },
]);
