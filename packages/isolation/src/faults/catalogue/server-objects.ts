import { family, type Fault } from '../fault.ts';
import { peopleOf } from './relations.ts';

const database = family('database', 'database');
const objects = family('server objects', 'server');
const parameters = family('parameters', 'parameters', ['privilege.']);
const defaults = family('defaults', 'defaults', ['default.']);

const idOf = (name: string) => name.replaceAll(/[{}]/g, '').replaceAll('_', '-').toLowerCase();

/** Default privileges for everybody and for another tenant, and those of the control role. */
function given(id: string, privilege: string, kind: string): readonly Fault[] {
  return [
    ...['PUBLIC', '{a}'].map((who) =>
      defaults(
        `${id}.${idOf(who)}`,
        `what a tenant’s owner will create among ${kind.toLowerCase()} is for ${peopleOf[who]!}`,
        `ALTER DEFAULT PRIVILEGES FOR ROLE {b_owner} GRANT ${privilege} ON ${kind} TO ${who}`,
        `default privileges of {b_owner} on ${kind.toLowerCase()}: ${privilege} for ${who}`,
      ),
    ),
    defaults(
      `${id}.control`,
      `what the control role will create among ${kind.toLowerCase()} is for everybody`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE {control} GRANT ${privilege} ON ${kind} TO PUBLIC`,
      // Functions and types are everybody's anyway where nothing is said: PostgreSQL stores nothing then.
      id === 'functions' || id === 'types'
        ? ''
        : `default privileges of {control} on ${kind.toLowerCase()}: ${privilege} for PUBLIC`,
    ),
  ];
}

export const serverObjectFaults: readonly Fault[] = [
  ...(['CONNECT', 'TEMPORARY', 'CREATE'] as const).flatMap((privilege) =>
    ['PUBLIC', '{a}', '{slot}', '{broker}', '{a_owner}'].map((who) =>
      database(
        `${privilege.toLowerCase()}.${idOf(who)}`,
        `${privilege} on the database for ${peopleOf[who]!}`,
        `GRANT ${privilege} ON DATABASE {database} TO ${who}`,
        `database {database}: ${privilege} for ${who}`,
        // Owners hold TEMPORARY by their group, and everybody CONNECT: of those PostgreSQL would say yes anyway.
        { rights: privilege === 'CREATE' || (privilege === 'TEMPORARY' && who !== '{a_owner}') },
      ),
    ),
  ),
  ...(['{group}', '{owners}', '{slots}', '{registrar}'] as const).map((who) =>
    database(
      `create.${idOf(who)}`,
      `CREATE on the database for ${peopleOf[who]!}`,
      `GRANT CREATE ON DATABASE {database} TO ${who}`,
      `database {database}: CREATE for ${who}`,
      { rights: true },
    ),
  ),
  database(
    'temporary.group',
    'temporary tables for all tenants',
    'GRANT TEMPORARY ON DATABASE {database} TO {group}',
    'database {database}: TEMPORARY for {group}',
    { rights: true },
  ),
  database(
    'grant-option',
    'a group may let others connect',
    'GRANT CONNECT ON DATABASE {database} TO {group} WITH GRANT OPTION',
    'database {database}: CONNECT for {group}',
  ),
  database(
    'connect-gone',
    'tenants may not connect any more',
    'REVOKE CONNECT ON DATABASE {database} FROM {group}',
    'no CONNECT for {group}',
  ),
  database(
    'temporary-gone',
    'owners may not make temporary tables any more',
    'REVOKE TEMPORARY ON DATABASE {database} FROM {owners}',
    'no TEMPORARY for {owners}',
  ),
  database(
    'owner.tenant',
    'the database belongs to a tenant',
    'ALTER DATABASE {database} OWNER TO {a}',
    'database {database}',
    { rights: true },
  ),
  database(
    'owner.slot',
    'the database belongs to a slot',
    'ALTER DATABASE {database} OWNER TO {slot}',
    'database {database}',
    { rights: true },
  ),
  database(
    'owner.superuser',
    'the database belongs to the superuser',
    'ALTER DATABASE {database} OWNER TO CURRENT_USER',
    'database {database}',
  ),
  database(
    'other.public',
    'another database of the server is open to everybody',
    'CREATE DATABASE fault_other',
    'database fault_other',
    { undo: 'DROP DATABASE fault_other' },
  ),
  database(
    'other.tenant',
    'a tenant may connect to another database of the server',
    'CREATE DATABASE fault_other;\nREVOKE ALL ON DATABASE fault_other FROM PUBLIC;\nGRANT CONNECT ON DATABASE fault_other TO {a}',
    'database fault_other',
    { undo: 'DROP DATABASE fault_other' },
  ),
  database(
    'other.group',
    'all tenants may connect to another database, by their group',
    'CREATE DATABASE fault_other;\nREVOKE ALL ON DATABASE fault_other FROM PUBLIC;\nGRANT CONNECT ON DATABASE fault_other TO {group}',
    'database fault_other',
    { undo: 'DROP DATABASE fault_other' },
  ),
  database(
    'other.owner',
    'a tenant owns another database of the server',
    'CREATE DATABASE fault_other OWNER {a};\nREVOKE ALL ON DATABASE fault_other FROM PUBLIC',
    'database fault_other',
    { undo: 'DROP DATABASE fault_other' },
  ),
  database(
    'template',
    'anybody who may create databases may copy this one',
    'ALTER DATABASE {database} IS_TEMPLATE true',
    'database {database}',
    { undo: 'ALTER DATABASE {database} IS_TEMPLATE false' },
  ),
  database(
    'limit',
    'the database takes one connection',
    'ALTER DATABASE {database} CONNECTION LIMIT 1',
    'database {database}',
  ),
  ...['PUBLIC', '{a}'].map((who) =>
    objects(
      `language.${idOf(who)}`,
      `USAGE on the untrusted language C for ${peopleOf[who]!}`,
      `UPDATE pg_catalog.pg_language SET lanpltrusted = true WHERE lanname = 'c'; GRANT USAGE ON LANGUAGE c TO ${who}`,
      'language c',
      {},
    ),
  ),
  objects(
    'language.grant-option',
    'a tenant may hand a language on',
    'GRANT USAGE ON LANGUAGE plpgsql TO {a} WITH GRANT OPTION',
    'language plpgsql: USAGE for {a}',
  ),
  objects(
    'language.owner',
    'a language belongs to a tenant',
    'ALTER LANGUAGE plpgsql OWNER TO {a}',
    'language plpgsql',
  ),
  objects(
    'language.trusted',
    'an untrusted language that everybody may use',
    `UPDATE pg_catalog.pg_language SET lanpltrusted = true WHERE lanname = 'internal'`,
    'language internal',
  ),
  objects(
    'language.new',
    'a language that nobody knows',
    'CREATE LANGUAGE fault_evil HANDLER plpgsql_call_handler',
    'language fault_evil',
  ),
  objects(
    'language.new-trusted',
    'a trusted language that nobody knows',
    'CREATE TRUSTED LANGUAGE fault_evil HANDLER plpgsql_call_handler',
    'language fault_evil',
  ),
  objects(
    'wrapper',
    'a foreign-data wrapper',
    'CREATE FOREIGN DATA WRAPPER fault_wrapper',
    'foreign-data wrapper fault_wrapper',
  ),
  objects(
    'wrapper.usage',
    'a tenant may make servers of a foreign-data wrapper',
    'CREATE FOREIGN DATA WRAPPER fault_wrapper; GRANT USAGE ON FOREIGN DATA WRAPPER fault_wrapper TO {a}',
    'foreign-data wrapper fault_wrapper: USAGE for {a}',
  ),
  objects(
    'foreign-server',
    'a foreign server that a tenant may use',
    'CREATE FOREIGN DATA WRAPPER fault_wrapper; CREATE SERVER fault_server FOREIGN DATA WRAPPER fault_wrapper; GRANT USAGE ON FOREIGN SERVER fault_server TO {a}',
    'foreign server fault_server: USAGE for {a}',
    { rights: true },
  ),
  objects(
    'foreign-server.owner',
    'a foreign server of a tenant',
    'CREATE FOREIGN DATA WRAPPER fault_wrapper; CREATE SERVER fault_server FOREIGN DATA WRAPPER fault_wrapper; ALTER SERVER fault_server OWNER TO {a}',
    'foreign server fault_server',
    { rights: true },
  ),
  ...['PUBLIC', '{a}'].map((who) =>
    objects(
      `user-mapping.${idOf(who)}`,
      `a user mapping for ${peopleOf[who]!}`,
      `CREATE FOREIGN DATA WRAPPER fault_wrapper; CREATE SERVER fault_server FOREIGN DATA WRAPPER fault_wrapper; CREATE USER MAPPING FOR ${who} SERVER fault_server OPTIONS (secret 'x')`,
      `user mapping of ${who === 'PUBLIC' ? 'public' : who} on fault_server`,
    ),
  ),
  objects(
    'foreign-table',
    'a foreign table in a tenant’s schema',
    'CREATE FOREIGN DATA WRAPPER fault_wrapper; CREATE SERVER fault_server FOREIGN DATA WRAPPER fault_wrapper; CREATE FOREIGN TABLE {b}.fault_far (x int) SERVER fault_server; ALTER TABLE {b}.fault_far OWNER TO {b_owner}',
    'foreign table {b}.fault_far',
  ),
  objects(
    'tablespace',
    'a tenant may put tables into a tablespace',
    `SET LOCAL allow_in_place_tablespaces = on; GRANT CREATE ON TABLESPACE pg_global TO {a}`,
    'tablespace pg_global: CREATE for {a}',
    { rights: true },
  ),
  objects(
    'tablespace.default',
    'everybody may put tables into the default tablespace',
    'GRANT CREATE ON TABLESPACE pg_default TO PUBLIC',
    'tablespace pg_default: CREATE for PUBLIC',
  ),
  objects(
    'tablespace.owner',
    'a tenant owns a tablespace',
    'ALTER TABLESPACE pg_default OWNER TO {a}',
    'tablespace pg_default',
  ),
  objects(
    'tablespace.new',
    'a tablespace that nobody knows',
    `SET allow_in_place_tablespaces = on;\nCREATE TABLESPACE fault_space LOCATION '';\nRESET allow_in_place_tablespaces`,
    'tablespace fault_space',
    { undo: 'DROP TABLESPACE fault_space' },
  ),
  ...(
    [
      ['set', 'SET', 'log_statement', '{a}'],
      ['alter-system', 'ALTER SYSTEM', 'log_statement', '{a}'],
      ['public', 'SET', 'session_replication_role', 'PUBLIC'],
      ['group', 'SET', 'lo_compat_privileges', '{group}'],
      ['slot', 'ALTER SYSTEM', 'shared_preload_libraries', '{slot}'],
      ['broker', 'SET', 'zero_damaged_pages', '{broker}'],
      ['owner', 'SET', 'allow_system_table_mods', '{a_owner}'],
    ] as const
  ).map(([id, privilege, name, who]) =>
    parameters(
      id,
      `${privilege} of the parameter ${name} for ${peopleOf[who]!}`,
      `GRANT ${privilege} ON PARAMETER ${name} TO ${who}`,
      `parameter ${name}: ${privilege} for ${who}`,
      { rights: true },
    ),
  ),
  parameters(
    'grant-option',
    'a tenant may hand a parameter on',
    'GRANT SET ON PARAMETER log_statement TO {a} WITH GRANT OPTION',
    'parameter log_statement: SET for {a}',
    { rights: true },
  ),
  parameters(
    'control',
    'the control role may change the server’s configuration',
    'GRANT ALTER SYSTEM ON PARAMETER log_statement TO {control}',
    'parameter log_statement: ALTER SYSTEM for {control}',
  ),
  ...(
    [
      ['tables', 'SELECT', 'TABLES'],
      ['sequences', 'USAGE', 'SEQUENCES'],
      ['functions', 'EXECUTE', 'FUNCTIONS'],
      ['types', 'USAGE', 'TYPES'],
      ['schemas', 'USAGE', 'SCHEMAS'],
      ['large-objects', 'SELECT', 'LARGE OBJECTS'],
    ] as const
  )
    .flatMap(([id, privilege, kind]) => given(id, privilege, kind))
    .filter(({ names }) => names !== ''),
  ...(
    [
      ['tables', 'SELECT', 'TABLES'],
      ['sequences', 'USAGE', 'SEQUENCES'],
      ['functions', 'EXECUTE', 'FUNCTIONS'],
      ['types', 'USAGE', 'TYPES'],
    ] as const
  ).flatMap(([id, privilege, kind]) => [
    defaults(
      `${id}.in-schema`,
      `what will be created among ${kind.toLowerCase()} of one schema is for everybody`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE {b_owner} IN SCHEMA {b} GRANT ${privilege} ON ${kind} TO PUBLIC`,
      `default privileges of {b_owner} on ${kind.toLowerCase()} in {b}: ${privilege} for PUBLIC`,
    ),
    defaults(
      `${id}.gone`,
      `what will be created among ${kind.toLowerCase()} is not the tenant’s own`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE {b_owner} REVOKE ${privilege} ON ${kind} FROM {b}`,
      `default privileges of {b_owner} on ${kind.toLowerCase()}: no `,
    ),
  ]),
  defaults(
    'maintain',
    'what will be created may be rewritten by its tenant',
    'ALTER DEFAULT PRIVILEGES FOR ROLE {b_owner} GRANT MAINTAIN ON TABLES TO {b}',
    'default privileges of {b_owner} on tables: MAINTAIN for {b}',
  ),
  defaults(
    'grant-option',
    'what will be created may be handed on',
    'ALTER DEFAULT PRIVILEGES FOR ROLE {b_owner} GRANT SELECT ON TABLES TO {b} WITH GRANT OPTION',
    'default privileges of {b_owner} on tables: SELECT for {b}',
  ),
  defaults(
    'login',
    'what a tenant’s login will create is for everybody',
    'ALTER DEFAULT PRIVILEGES FOR ROLE {b} GRANT SELECT ON LARGE OBJECTS TO PUBLIC',
    'default privileges of {b} on large objects: SELECT for PUBLIC',
  ),
  defaults(
    'superuser',
    'what the superuser will create is for everybody',
    'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
    'on tables: SELECT for PUBLIC',
  ),
  defaults(
    'slot',
    'what will be created is for a slot',
    'ALTER DEFAULT PRIVILEGES FOR ROLE {b_owner} GRANT SELECT ON TABLES TO {slot}',
    'default privileges of {b_owner} on tables: SELECT for {slot}',
  ),
];
