import { family, type Fault } from '../fault.ts';

const shared = family('shared schemas', 'shared');
const global = family('global objects', 'global', ['shared.', 'code.']);
const replication = family('replication', 'replication', ['shared.']);
const catalog = family('catalog', 'catalog', ['catalog.', 'shared.', 'owner.']);

type SharedSchema = 'public' | 'extensions' | 'tenantry_lease' | 'tenantry_canary';

/** Privileges on one of the schemas, and objects in it. */
function ofSchema(schema: SharedSchema): readonly Fault[] {
  return [
    ...(['USAGE', 'CREATE'] as const).flatMap((privilege) =>
      ['PUBLIC', '{a}'].map((who) =>
        shared(
          `${schema.replace('_', '-')}.${privilege.toLowerCase()}.${who === 'PUBLIC' ? 'public' : 'a'}`,
          `${privilege} on the schema ${schema} for ${who === 'PUBLIC' ? 'everybody' : 'a tenant'}`,
          `GRANT ${privilege} ON SCHEMA ${schema} TO ${who}`,
          `schema ${schema}: ${privilege} for ${who}`,
          { rights: privilege === 'CREATE' },
        ),
      ),
    ),
    shared(
      `${schema.replace('_', '-')}.table`,
      `a table in the schema ${schema}`,
      `CREATE TABLE ${schema}.fault_t (a int)`,
      `${schema}.fault_t`,
    ),
    shared(
      `${schema.replace('_', '-')}.function`,
      `a function in the schema ${schema}`,
      `CREATE FUNCTION ${schema}.lower(int) RETURNS text LANGUAGE sql RETURN 'x'`,
      schema === 'tenantry_lease' ? 'function lower' : `${schema}.lower`,
    ),
  ];
}

export const sharedFaults: readonly Fault[] = [
  ...(['public', 'extensions', 'tenantry_lease', 'tenantry_canary'] as const).flatMap(ofSchema),
  ...(
    [
      ['view', 'CREATE VIEW extensions.fault_x AS SELECT 1 AS one'],
      ['materialized-view', 'CREATE MATERIALIZED VIEW extensions.fault_x AS SELECT 1 AS one'],
      ['sequence', 'CREATE SEQUENCE extensions.fault_x'],
      ['type', `CREATE TYPE extensions.fault_x AS ENUM ('x')`],
      ['domain', 'CREATE DOMAIN extensions.fault_x AS int'],
      [
        'operator',
        'CREATE OPERATOR extensions.@=@ (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)',
        '@=@',
      ],
      [
        'operator-class',
        'CREATE OPERATOR CLASS extensions.fault_x FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int)',
      ],
      ['collation', 'CREATE COLLATION extensions.fault_x FROM "C"'],
      ['conversion', `CREATE CONVERSION extensions.fault_x FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8`],
      [
        'text-search-dictionary',
        'CREATE TEXT SEARCH DICTIONARY extensions.fault_x (TEMPLATE = pg_catalog.simple)',
      ],
      [
        'text-search-configuration',
        'CREATE TEXT SEARCH CONFIGURATION extensions.fault_x (COPY = pg_catalog.simple)',
      ],
      ['aggregate', `CREATE AGGREGATE extensions.fault_x(int) (SFUNC = int4pl, STYPE = int)`],
      ['procedure', `CREATE PROCEDURE extensions.fault_x() LANGUAGE plpgsql AS 'BEGIN END'`],
    ] as const
  ).map(([id, sql, names]) =>
    shared(
      `kind.${id}`,
      `a ${id.replaceAll('-', ' ')} in the schema for extensions`,
      sql,
      `extensions.${names ?? 'fault_x'}`.replace('extensions.@', '@'),
    ),
  ),
  shared(
    'owner',
    'a table outside belongs to a tenant',
    'CREATE TABLE extensions.fault_t (a int); ALTER TABLE extensions.fault_t OWNER TO {a}',
    'extensions.fault_t',
  ),
  shared(
    'copy',
    'a copy of a tenant’s rows outside',
    'CREATE TABLE public.fault_copy AS SELECT * FROM {b}.fault_notes; GRANT SELECT ON public.fault_copy TO {a}',
    'public.fault_copy',
  ),
  shared(
    'canary.read',
    'the canary of the cell can be read',
    'GRANT USAGE ON SCHEMA tenantry_canary TO {group}',
    'schema tenantry_canary: USAGE for {group}',
    { rights: true },
  ),
  shared('new', 'a schema that nobody knows', 'CREATE SCHEMA fault_extra', 'schema fault_extra'),
  shared(
    'new-public',
    'a schema that nobody knows, and everybody may use',
    'CREATE SCHEMA fault_extra; GRANT USAGE, CREATE ON SCHEMA fault_extra TO PUBLIC',
    'schema fault_extra',
    { rights: true },
  ),
  shared(
    'new-tenant',
    'a schema of a tenant’s own making',
    'CREATE SCHEMA fault_extra AUTHORIZATION {a}',
    'schema fault_extra',
    { rights: true },
  ),
  shared('gone', 'the schema for extensions is gone', 'DROP SCHEMA extensions CASCADE', 'schema extensions'),
  shared(
    'renamed',
    'the schema for extensions was renamed',
    'ALTER SCHEMA extensions RENAME TO fault_extensions',
    'extensions',
  ),
  ...(
    [
      ['dblink', 'extension dblink'],
      ['postgres_fdw', 'extension postgres_fdw'],
      ['file_fdw', 'extension file_fdw'],
      ['tablefunc', 'extension tablefunc'],
      ['xml2', 'extension xml2'],
      ['pageinspect', 'extension pageinspect'],
      ['pg_buffercache', 'extension pg_buffercache'],
      ['pg_stat_statements', 'extension pg_stat_statements'],
      ['pgrowlocks', 'extension pgrowlocks'],
      ['pg_visibility', 'extension pg_visibility'],
      ['pgstattuple', 'extension pgstattuple'],
      ['lo', 'extension lo'],
      ['sslinfo', 'extension sslinfo'],
      ['amcheck', 'extension amcheck'],
      ['pg_prewarm', 'extension pg_prewarm'],
      ['pg_freespacemap', 'extension pg_freespacemap'],
      ['pg_walinspect', 'extension pg_walinspect'],
      ['pg_logicalinspect', 'extension pg_logicalinspect'],
    ] as const
  ).map(([name, names]) =>
    global(
      `extension.${name.replaceAll('_', '-')}`,
      `the extension ${name}`,
      `CREATE EXTENSION ${name} SCHEMA extensions`,
      names,
    ),
  ),
  global(
    'extension.public',
    'an extension in the schema public',
    'CREATE EXTENSION citext SCHEMA public',
    'extension citext',
  ),
  global(
    'extension.tenant',
    'an extension in a tenant’s schema',
    'CREATE EXTENSION citext SCHEMA {a}',
    'extension citext',
  ),
  global(
    'extension.catalog',
    'an extension in PostgreSQL’s own schema',
    'CREATE EXTENSION citext SCHEMA pg_catalog',
    'extension citext',
  ),
  global(
    'extension.owner',
    'an extension belongs to a tenant',
    `CREATE EXTENSION citext SCHEMA extensions; UPDATE pg_catalog.pg_extension SET extowner = '{a}'::regrole WHERE extname = 'citext'`,
    'extension citext',
  ),
  global(
    'extension.member',
    'a function is smuggled into an extension',
    `CREATE FUNCTION extensions.fault_f() RETURNS int LANGUAGE sql RETURN 1; ALTER EXTENSION plpgsql ADD FUNCTION extensions.fault_f()`,
    'extensions.fault_f',
  ),
  global(
    'extension.member-view',
    'a view is smuggled into an extension',
    `CREATE VIEW extensions.fault_v AS SELECT 1 AS one; ALTER EXTENSION plpgsql ADD VIEW extensions.fault_v`,
    'extensions.fault_v',
  ),
  global(
    'extension.definer',
    'a SECURITY DEFINER function is smuggled into an extension',
    `CREATE FUNCTION extensions.fault_f() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1; ALTER EXTENSION plpgsql ADD FUNCTION extensions.fault_f()`,
    'extensions.fault_f',
  ),
  global(
    'event-trigger.ddl',
    'an event trigger on DDL',
    `CREATE FUNCTION public.fault_et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER fault_et ON ddl_command_end EXECUTE FUNCTION public.fault_et()`,
    'event trigger fault_et',
  ),
  global(
    'event-trigger.login',
    'an event trigger on login',
    `CREATE FUNCTION public.fault_et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER fault_et ON login EXECUTE FUNCTION public.fault_et()`,
    'event trigger fault_et',
  ),
  global(
    'event-trigger.disabled',
    'an event trigger that is off for now',
    `CREATE FUNCTION public.fault_et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER fault_et ON sql_drop EXECUTE FUNCTION public.fault_et(); ALTER EVENT TRIGGER fault_et DISABLE`,
    'event trigger fault_et',
  ),
  global(
    'cast.implicit',
    'an implicit cast',
    `CREATE FUNCTION {a}.fault_c({a}.fault_pair) RETURNS text LANGUAGE sql RETURN 'x'; CREATE CAST ({a}.fault_pair AS text) WITH FUNCTION {a}.fault_c({a}.fault_pair) AS IMPLICIT`,
    'cast',
  ),
  global(
    'cast.assignment',
    'a cast on assignment',
    'CREATE CAST (text AS {a}.fault_mood) WITH INOUT AS ASSIGNMENT',
    'cast',
  ),
  global(
    'cast.builtin',
    'a cast between PostgreSQL’s own types',
    'CREATE CAST (text AS inet) WITH INOUT AS IMPLICIT',
    'cast',
    {},
  ),
  global(
    'access-method',
    'an access method',
    'CREATE ACCESS METHOD fault_am TYPE INDEX HANDLER bthandler',
    'access method fault_am',
  ),
  global(
    'transform',
    'a transform',
    `CREATE FUNCTION public.fault_from(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'bthandler'; CREATE TRANSFORM FOR point LANGUAGE plpgsql (FROM SQL WITH FUNCTION public.fault_from(internal))`,
    'transform',
  ),
  replication(
    'publication.schema',
    'a publication of a tenant’s schema',
    'CREATE PUBLICATION fault_p FOR TABLES IN SCHEMA {b}',
    'publication fault_p',
  ),
  replication(
    'publication.table',
    'a publication of one table',
    'CREATE PUBLICATION fault_p FOR TABLE {b}.fault_notes',
    'publication fault_p',
  ),
  replication(
    'publication.all',
    'a publication of everything',
    'CREATE PUBLICATION fault_p FOR ALL TABLES',
    'publication fault_p',
  ),
  replication(
    'publication.empty',
    'a publication of nothing yet',
    'CREATE PUBLICATION fault_p',
    'publication fault_p',
  ),
  replication(
    'publication.owner',
    'a publication of a tenant',
    'CREATE PUBLICATION fault_p; ALTER PUBLICATION fault_p OWNER TO CURRENT_USER',
    'publication fault_p',
  ),
  replication(
    'subscription',
    'a subscription',
    `CREATE SUBSCRIPTION fault_s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = NONE)`,
    'subscription fault_s',
  ),
  replication(
    'slot.logical',
    'a logical replication slot',
    `SELECT pg_create_physical_replication_slot('fault_slot', true)`,
    'replication slot fault_slot',
    { undo: `SELECT pg_drop_replication_slot('fault_slot')` },
  ),
  ...(
    [
      ['authid', 'GRANT SELECT ON pg_authid TO {a}', 'pg_authid'],
      ['authid-column', 'GRANT SELECT (rolpassword) ON pg_authid TO {a}', 'rolpassword'],
      ['authid-public', 'GRANT SELECT ON pg_authid TO PUBLIC', 'pg_authid'],
      ['statistic', 'GRANT SELECT ON pg_statistic TO {slot}', 'pg_statistic'],
      ['largeobject', 'GRANT SELECT ON pg_largeobject TO {a}', 'pg_largeobject'],
      ['user-mapping', 'GRANT SELECT ON pg_user_mapping TO PUBLIC', 'pg_user_mapping'],
      ['hba', 'GRANT SELECT ON pg_hba_file_rules TO {a}', 'pg_hba_file_rules'],
      ['file-settings', 'GRANT SELECT ON pg_file_settings TO {a}', 'pg_file_settings'],
      ['shadow', 'GRANT SELECT ON pg_shadow TO {broker}', 'pg_shadow'],
      ['subscription', 'GRANT SELECT (subconninfo) ON pg_subscription TO PUBLIC', 'subconninfo'],
      ['backend-memory', 'GRANT SELECT ON pg_backend_memory_contexts TO {a}', 'pg_backend_memory_contexts'],
      ['stats-ext', 'GRANT SELECT ON pg_statistic_ext_data TO {group}', 'pg_statistic_ext_data'],
      ['class-update', 'GRANT UPDATE ON pg_class TO {a}', 'pg_class'],
      ['settings-update', 'GRANT INSERT ON pg_db_role_setting TO {a}', 'pg_db_role_setting'],
      ['select-grantable', 'GRANT SELECT ON pg_class TO {a} WITH GRANT OPTION', 'pg_class'],
      ['control', 'GRANT SELECT ON pg_authid TO {control}', 'pg_authid'],
    ] as const
  ).map(([id, sql, names]) =>
    catalog(`relation.${id}`, sql.replaceAll(/\{([a-z_]+)\}/g, '$1'), sql, names, {
      rights: ['authid', 'authid-column', 'authid-public', 'largeobject', 'hba'].includes(id),
    }),
  ),
  ...(
    [
      ['read-file', 'pg_read_file(text)', 'PUBLIC'],
      ['read-binary-file', 'pg_read_binary_file(text)', '{a}'],
      ['ls-dir', 'pg_ls_dir(text)', '{a}'],
      ['stat-file', 'pg_stat_file(text)', '{a}'],
      ['ls-waldir', 'pg_ls_waldir()', '{slot}'],
      ['lo-import', 'lo_import(text)', '{a}'],
      ['lo-export', 'lo_export(oid, text)', '{a}'],
      ['reload', 'pg_reload_conf()', '{a}'],
      ['rotate', 'pg_rotate_logfile()', '{a}'],
      ['switch-wal', 'pg_switch_wal()', '{broker}'],
      ['promote', 'pg_promote(boolean, integer)', '{a}'],
      ['backup', 'pg_backup_start(text, boolean)', '{a}'],
      ['stat-reset', 'pg_stat_reset()', '{a}'],
      ['current-logfile', 'pg_current_logfile()', '{a}'],
      ['memory-contexts', 'pg_log_backend_memory_contexts(integer)', '{a}'],
      ['origin', 'pg_replication_origin_create(text)', '{a}'],
      ['logical-emit', 'pg_logical_emit_message(boolean, text, text, boolean)', '{a}'],
      ['control-grant', 'pg_read_file(text)', '{control}'],
    ] as const
  )
    .map(([id, name, who]) =>
      catalog(
        `function.${id}`,
        `EXECUTE on ${name} for ${who.replaceAll(/[{}]/g, '')}`,
        `GRANT EXECUTE ON FUNCTION pg_catalog.${name} TO ${who}`,
        id === 'logical-emit' ? '' : name.split('(')[0]!,
        {
          rights: ['read-file', 'lo-import', 'reload', 'stat-file', 'ls-dir', 'promote'].includes(id),
        },
      ),
    )
    .filter(({ names }) => names !== ''),
  catalog(
    'schema.create',
    'a tenant may create in PostgreSQL’s own schema',
    'GRANT CREATE ON SCHEMA pg_catalog TO {a}',
    'pg_catalog',
    { rights: true },
  ),
  catalog(
    'schema.information',
    'a tenant may create in the standard’s schema',
    'GRANT CREATE ON SCHEMA information_schema TO {a}',
    'information_schema',
    { rights: true },
  ),
  catalog(
    'schema.toast',
    'a tenant may use the schema of long values',
    'GRANT USAGE ON SCHEMA pg_toast TO {a}',
    'pg_toast',
  ),
  catalog(
    'function.new',
    'a function of a new name in pg_catalog',
    `CREATE FUNCTION pg_catalog.lower(int) RETURNS text LANGUAGE sql RETURN 'x'`,
    'pg_catalog.lower',
  ),
  catalog(
    'function.definer',
    'a built-in function runs as its owner',
    'ALTER FUNCTION pg_catalog.pg_read_file(text) SECURITY DEFINER',
    'pg_read_file',
  ),
  catalog(
    'function.setting',
    'a built-in function sets something',
    `ALTER FUNCTION pg_catalog.lower(text) SET search_path = public`,
    'lower(text)',
  ),
  catalog(
    'function.owner',
    'a built-in function belongs to a tenant',
    'ALTER FUNCTION pg_catalog.lower(text) OWNER TO {a}',
    'lower(text)',
  ),
  catalog(
    'function.replaced',
    'a built-in function was replaced by another',
    `CREATE OR REPLACE FUNCTION pg_catalog.pg_relation_size(regclass) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'`,
    'pg_relation_size',
  ),
  catalog(
    'function.rewritten',
    'the text of a built-in function was replaced',
    `CREATE OR REPLACE FUNCTION pg_catalog.lpad(text, integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS 'SELECT $1'`,
    'lpad',
  ),
  catalog(
    'function.internal',
    'a built-in function calls another function of the server',
    `UPDATE pg_catalog.pg_proc SET prosrc = 'text_upper' WHERE oid = 'pg_catalog.lower(text)'::regprocedure`,
    'lower(text)',
    {
      unseen:
        'Which function of the server’s program a built-in one calls is in no catalog that says what it was; changing it needs allow_system_table_mods or an UPDATE by a superuser.',
    },
  ),
  catalog(
    'view.replaced',
    'a built-in view was replaced',
    `CREATE OR REPLACE VIEW pg_catalog.pg_user AS SELECT usename, usesysid, usecreatedb, usesuper, userepl, usebypassrls, '********'::text AS passwd, valuntil, useconfig FROM pg_shadow`,
    'pg_user',
    {
      unseen:
        'A built-in view that is defined anew keeps its number, its owner and its privileges; what it was is in no catalog.',
    },
  ),
  catalog(
    'table',
    'a table in pg_catalog',
    'SET LOCAL allow_system_table_mods = on; CREATE TABLE pg_catalog.fault_t (a int)',
    'fault_t',
  ),
  catalog(
    'information-schema',
    'a view in the standard’s schema',
    'CREATE VIEW information_schema.fault_v AS SELECT 1 AS one',
    'fault_v',
  ),
  catalog(
    'relation-owner',
    'a built-in view belongs to a tenant',
    'ALTER VIEW pg_catalog.pg_user OWNER TO {a}',
    'pg_user',
  ),
  catalog('type', 'a type in pg_catalog', 'CREATE DOMAIN pg_catalog.fault_d AS int', 'fault_d'),
];
