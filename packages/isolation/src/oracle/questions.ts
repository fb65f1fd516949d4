import { controls } from '../checks/controls.ts';
import type { Check } from '../finding.ts';

type Question = Omit<Check, 'family' | 'controls'>;

/** What the oracle asks. The statements take oids of roles and schemas as their parameters. */
export const questions = {
  schema: {
    id: 'oracle.schema',
    title: 'A role may use a tenant’s schema that is not its own',
    proves:
      'PostgreSQL itself says of every pair of a role and a tenant that the role may not use the schema.',
    severity: 'critical',
    remediation:
      'Look for the grant, or the membership, that gives it: findings of the catalog audit name it.',
    sql: `SELECT r::int8::text::int AS role, s::int8::text::int AS schema FROM unnest($1::oid[]) AS r CROSS JOIN unnest($2::oid[]) AS s
           WHERE has_schema_privilege(r, s, 'USAGE, CREATE')`,
  },
  member: {
    id: 'oracle.member',
    title: 'A role can be, or can make itself, another tenant’s role',
    proves:
      'PostgreSQL itself says of every pair of roles that neither is a member of the other, over any chain and with any option.',
    severity: 'critical',
    remediation: 'Revoke the membership; findings of the catalog audit name the chain.',
    sql: `SELECT r::int8::text::int AS member, g::int8::text::int AS role FROM unnest($1::oid[]) AS r CROSS JOIN unnest($2::oid[]) AS g
           WHERE r <> g AND pg_has_role(r, g, 'MEMBER')`,
  },
  power: {
    id: 'oracle.power',
    title: 'A role can be, or can make itself, one that may do everything',
    proves:
      'PostgreSQL itself says that no role is a member of a superuser, of the control role or of a predefined role, over any chain and with any option.',
    severity: 'critical',
    remediation: 'Revoke the membership; findings of the catalog audit name the chain.',
    sql: `SELECT pg_get_userbyid(r) AS who, g.rolname::text AS object FROM unnest($1::oid[]) AS r
           CROSS JOIN (SELECT p.oid, p.rolname FROM pg_catalog.pg_roles p WHERE p.oid <> ALL ($1::oid[]) AND p.rolname <> 'pg_database_owner' AND (p.rolsuper OR p.rolname ~ '^pg_' OR p.rolname = $2)) AS g
           WHERE r <> g.oid AND pg_has_role(r, g.oid, 'MEMBER')`,
  },
  object: {
    id: 'oracle.large-object',
    title: 'A role may read or write a large object that is not its own',
    proves:
      'PostgreSQL itself says of every large object that PUBLIC, other tenants and slots may not read it.',
    severity: 'critical',
    remediation: 'Revoke it.',
    sql: `SELECT 'large object ' || l.oid AS object, x.who, pg_get_userbyid(l.lomowner) AS owner FROM pg_catalog.pg_largeobject_metadata l
           CROSS JOIN LATERAL (
             SELECT 'PUBLIC' AS who WHERE has_largeobject_privilege('public', l.oid, 'SELECT, UPDATE')
             UNION ALL
             SELECT pg_get_userbyid(w) FROM unnest($1::oid[]) AS w WHERE w <> l.lomowner AND has_largeobject_privilege(w, l.oid, 'SELECT, UPDATE')
             UNION ALL
             SELECT pg_get_userbyid(d.refobjid) FROM pg_catalog.pg_shdepend d
              WHERE d.classid = 'pg_catalog.pg_largeobject'::regclass AND d.objid = l.oid AND d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.deptype = 'a'
                AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
           ) AS x`,
  },
  relation: {
    id: 'oracle.relation',
    title: 'A role holds something on a table, view or sequence of a tenant that is not its own',
    proves:
      'PostgreSQL itself says of every table, view and sequence that PUBLIC, other tenants and whoever its ACL names hold nothing on it, not even on one column.',
    severity: 'critical',
    remediation: 'Revoke it.',
    sql: `SELECT c.oid::regclass::text AS object, n.nspname::text AS schema, x.who, x.oid::int8::text::int AS role
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
           CROSS JOIN LATERAL (
             SELECT 'PUBLIC' AS who, 0::oid AS oid
              WHERE CASE WHEN c.relkind = 'S' THEN has_sequence_privilege('public', c.oid, 'USAGE, SELECT, UPDATE')
                         ELSE has_table_privilege('public', c.oid, $3) OR has_any_column_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END
             UNION ALL
             SELECT pg_get_userbyid(w), w FROM unnest($2::oid[]) AS w
              WHERE CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(w, c.oid, 'USAGE, SELECT, UPDATE')
                         ELSE has_table_privilege(w, c.oid, $3) OR has_any_column_privilege(w, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END
             UNION ALL
             SELECT pg_get_userbyid(d.refobjid), d.refobjid FROM pg_catalog.pg_shdepend d
              WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.deptype IN ('a', 'o')
                AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
           ) AS x
           WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relnamespace = ANY ($1::oid[])`,
  },
  excess: {
    id: 'oracle.excess',
    title: 'A tenant can do more in its own schema than read and write rows',
    proves:
      'PostgreSQL itself says that tenants’ logins can neither create, truncate, reference, nor put triggers on tables, nor grant what they hold.',
    severity: 'high',
    remediation: 'Revoke it.',
    sql: `SELECT c.oid::regclass::text AS object, n.nspname::text AS schema, pg_get_userbyid(l.login) AS who
            FROM unnest($1::oid[], $2::oid[]) AS l (login, space) JOIN pg_catalog.pg_class c ON c.relnamespace = l.space JOIN pg_catalog.pg_namespace n ON n.oid = l.space
           WHERE (c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege(l.login, c.oid, $3))
              OR (c.relkind = 'S' AND has_sequence_privilege(l.login, c.oid, 'UPDATE, USAGE WITH GRANT OPTION, SELECT WITH GRANT OPTION'))
           UNION ALL
          SELECT n.nspname, n.nspname, pg_get_userbyid(l.login) FROM unnest($1::oid[], $2::oid[]) AS l (login, space) JOIN pg_catalog.pg_namespace n ON n.oid = l.space
           WHERE has_schema_privilege(l.login, l.space, 'CREATE, USAGE WITH GRANT OPTION')`,
  },
  routine: {
    id: 'oracle.routine',
    title: 'A role may call a function, or use a type, of a tenant that is not its own',
    proves:
      'PostgreSQL itself says of every function and type of a tenant that PUBLIC, other tenants and whoever its ACL names may not use it.',
    severity: 'high',
    remediation: 'Revoke it.',
    sql: `WITH thing AS (
            SELECT p.oid, 'pg_catalog.pg_proc'::regclass AS class, p.oid::regprocedure::text AS object, p.pronamespace AS space
              FROM pg_catalog.pg_proc p WHERE p.pronamespace = ANY ($1::oid[]) AND NOT (p.prolang = 12 AND p.prosrc ~ '^(multi)?range_constructor')
            UNION ALL
            SELECT t.oid, 'pg_catalog.pg_type'::regclass, t.oid::regtype::text, t.typnamespace FROM pg_catalog.pg_type t
              LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
             WHERE t.typnamespace = ANY ($1::oid[]) AND t.typcategory <> 'A' AND t.typtype <> 'm' AND coalesce(c.relkind, 'c') = 'c')
          SELECT t.object, n.nspname::text AS schema, x.who, x.oid::int8::text::int AS role FROM thing t JOIN pg_catalog.pg_namespace n ON n.oid = t.space
           CROSS JOIN LATERAL (
             SELECT 'PUBLIC' AS who, 0::oid AS oid WHERE CASE WHEN t.class = 'pg_catalog.pg_proc'::regclass THEN has_function_privilege('public', t.oid, 'EXECUTE') ELSE has_type_privilege('public', t.oid, 'USAGE') END
             UNION ALL
             SELECT pg_get_userbyid(w), w FROM unnest($2::oid[]) AS w WHERE CASE WHEN t.class = 'pg_catalog.pg_proc'::regclass THEN has_function_privilege(w, t.oid, 'EXECUTE') ELSE has_type_privilege(w, t.oid, 'USAGE') END
             UNION ALL
             SELECT pg_get_userbyid(d.refobjid), d.refobjid FROM pg_catalog.pg_shdepend d
              WHERE d.classid = t.class AND d.objid = t.oid AND d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.deptype IN ('a', 'o')
                AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
           ) AS x`,
  },
  shared: {
    id: 'oracle.shared',
    title: 'A role can do something to what all tenants share',
    proves:
      'PostgreSQL itself says that tenants cannot create anything in the database or in shared schemas, read the control plane’s tables, files or passwords, or set what only a superuser may.',
    severity: 'high',
    remediation: 'Revoke it.',
    // What is looked for is found once, and not once for each role.
    sql: `WITH risky AS MATERIALIZED (
            SELECT p.oid, p.oid::regprocedure::text AS name FROM pg_catalog.pg_proc p
             WHERE p.pronamespace = 'pg_catalog'::regnamespace
               AND p.proname ~ '^(pg_read_(binary_)?file|pg_ls_.*dir|pg_stat_file|lo_import|lo_export|pg_reload_conf|pg_rotate_logfile|pg_switch_wal|pg_promote|pg_create_restore_point|pg_backup_(start|stop)|pg_stat_reset.*|pg_log_backend_memory_contexts|pg_hba_file_rules|pg_show_all_file_settings)$'
               AND p.proname <> 'pg_stat_reset_replication_slot')
          SELECT x.object, pg_get_userbyid(r) AS who, x.what FROM unnest($1::oid[]) AS r CROSS JOIN LATERAL (
            SELECT 'schema ' || n.nspname AS object, 'CREATE' AS what FROM unnest($2::oid[]) AS s JOIN pg_catalog.pg_namespace n ON n.oid = s WHERE has_schema_privilege(r, s, 'CREATE')
            UNION ALL
            SELECT 'schema ' || n.nspname, 'USAGE' FROM unnest($3::oid[]) AS s JOIN pg_catalog.pg_namespace n ON n.oid = s WHERE has_schema_privilege(r, s, 'USAGE')
            UNION ALL SELECT 'the database', 'CREATE' WHERE has_database_privilege(r, current_database(), 'CREATE')
            UNION ALL SELECT 'the database', 'TEMPORARY' WHERE has_database_privilege(r, current_database(), 'TEMPORARY') AND r = ANY ($4::oid[])
            UNION ALL
            SELECT 'schema ' || n.nspname, 'CREATE' FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('pg_catalog', 'information_schema') AND has_schema_privilege(r, n.oid, 'CREATE')
            UNION ALL
            SELECT c.oid::regclass::text, 'SELECT' FROM pg_catalog.pg_class c
             WHERE c.oid IN ('pg_catalog.pg_authid'::regclass, 'pg_catalog.pg_largeobject'::regclass, 'pg_catalog.pg_user_mapping'::regclass, 'pg_catalog.pg_statistic'::regclass, 'pg_catalog.pg_hba_file_rules'::regclass, 'pg_catalog.pg_shadow'::regclass)
               AND (has_table_privilege(r, c.oid, 'SELECT, INSERT, UPDATE, DELETE') OR has_any_column_privilege(r, c.oid, 'SELECT, UPDATE'))
            UNION ALL
            SELECT p.name, 'EXECUTE' FROM risky p WHERE has_function_privilege(r, p.oid, 'EXECUTE')
            UNION ALL
            SELECT 'parameter ' || a.parname, 'SET' FROM pg_catalog.pg_parameter_acl a WHERE has_parameter_privilege(r, a.parname, 'SET, ALTER SYSTEM')
            UNION ALL
            SELECT 'foreign server ' || f.srvname, 'USAGE' FROM pg_catalog.pg_foreign_server f WHERE has_server_privilege(r, f.oid, 'USAGE')
            UNION ALL
            SELECT 'language ' || l.lanname, 'USAGE' FROM pg_catalog.pg_language l WHERE NOT l.lanpltrusted AND l.oid NOT IN (12, 13) AND has_language_privilege(r, l.oid, 'USAGE')
            UNION ALL
            SELECT 'tablespace ' || t.spcname, 'CREATE' FROM pg_catalog.pg_tablespace t
             -- The database's own is always allowed, and says nothing.
             WHERE t.oid <> (SELECT dattablespace FROM pg_catalog.pg_database WHERE datname = current_database()) AND has_tablespace_privilege(r, t.oid, 'CREATE')
          ) AS x`,
  },
} as const satisfies Readonly<Record<string, Question>>;

/** Each question as a check of the report. */
export const oracleChecks: readonly Check[] = Object.values(questions).map(toCheck);

function toCheck(question: Question): Check {
  return { ...question, family: 'oracle', controls: controls.access };
}
