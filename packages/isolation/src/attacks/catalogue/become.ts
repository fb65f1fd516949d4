import { denied, family, inTransaction, nothingGranted, type Attack } from '../attack.ts';

const { l1, l2, l3 } = family('become');
const path = { hits: ['search_path'] } as const;
const role = { hits: ['set role'], needs: ['roles'] } as const;
const read = 'SELECT body FROM {b}.notes';

/** Another role in the session that it has. */
const switches: readonly Attack[] = [
  l1(
    'config-then-read',
    'set_config of the role; the application reads',
    [`SELECT set_config('role', '{b.role}', false)`, read],
    role,
  ),
  l1(
    'config-then-write',
    'set_config of the role; the application writes',
    [`SELECT set_config('role', '{b.role}', false)`, `INSERT INTO {b}.notes (body) VALUES ('evil')`],
    role,
  ),
  l1(
    'config-local',
    'set_config of the role for the transaction',
    `SELECT set_config('role', '{b.role}', true) || (SELECT count(*) FROM pg_class)`,
    role,
  ),
  l2('set-role', 'SET ROLE', ['SET ROLE {b.role}', read], role),
  l2('set-local-role', 'SET LOCAL ROLE', ['BEGIN', 'SET LOCAL ROLE {b.role}', read], role),
  l2('reset-role', 'RESET ROLE', ['RESET ROLE', read], path),
  l2('role-none', 'SET ROLE NONE', ['SET ROLE NONE', read], path),
  l2('reset-set', 'RESET ROLE and SET ROLE', ['RESET ROLE', 'SET ROLE {b.role}', read], role),
  l2('rollback-set', 'ROLLBACK and SET ROLE', ['ROLLBACK', 'SET ROLE {b.role}', read], role),
  l2('discard-set', 'DISCARD ALL and SET ROLE', ['ROLLBACK', 'DISCARD ALL', 'SET ROLE {b.role}', read], role),
  l2('reset-all', 'RESET ALL', ['RESET ALL', read], path),
  l2(
    'savepoint',
    'a role that a savepoint leaves',
    ['BEGIN', 'SAVEPOINT s', 'SET LOCAL ROLE {b.role}', 'RELEASE s', read],
    role,
  ),
  l2('do-block', 'a DO block', [`DO $do$ BEGIN EXECUTE 'SET ROLE {b.role}'; END $do$`, read], role),
  l2(
    'do-config',
    'set_config in a DO block',
    [`DO $do$ BEGIN PERFORM set_config('role', '{b.role}', false); END $do$`, read],
    role,
  ),
  l2(
    'hold-cursor',
    'a cursor WITH HOLD that is filled at COMMIT',
    [
      'BEGIN',
      `DECLARE evil CURSOR WITH HOLD FOR SELECT set_config('role', '{b.role}', false) || query_to_xml('${read}', true, true, '')::text`,
      'COMMIT',
      'FETCH ALL FROM evil',
    ],
    role,
  ),
  l2('session-authorization', 'SET SESSION AUTHORIZATION', ['SET SESSION AUTHORIZATION {b.role}', read], {
    needs: ['roles'],
  }),
  l2(
    'reset-session-authorization',
    'RESET SESSION AUTHORIZATION',
    ['RESET SESSION AUTHORIZATION', read],
    path,
  ),
  l1(
    'config-session-authorization',
    'set_config of the session authorization',
    `SELECT set_config('session_authorization', '{b.role}', false)`,
    { needs: ['roles'] },
  ),
  l2(
    'update-settings',
    'UPDATE of pg_settings',
    [`UPDATE pg_settings SET setting = '{b.role}' WHERE name = 'role'`, read],
    path,
  ),
  l2(
    'function-set',
    'a temporary function with a SET clause',
    `CREATE FUNCTION pg_temp.evil() RETURNS text LANGUAGE sql SET role = {b.role} AS $f$SELECT string_agg(body, ',') FROM {b}.notes$f$`,
    { needs: ['roles'] },
  ),
  l2(
    'procedure-set',
    'a procedure of its own with a SET clause',
    'ALTER FUNCTION {a}.secret() SET role = {b.role}',
    { ...path, needs: ['roles'] },
  ),
  l2(
    'stored-role',
    'the role stored on its login, and a new connection',
    ['ALTER ROLE CURRENT_USER SET role = {b.role}', { reconnect: true }, read],
    {
      ...path,
      needs: ['roles', 'login'],
      cleanup: ['ALTER ROLE CURRENT_USER RESET ALL'],
      alone: true,
    },
  ),
  l3('stacked', 'stacked: SET ROLE', 'SET ROLE {b.role}; SELECT current_user', role),
];

/** Other roles than the neighbour's. */
const roles: readonly Attack[] = [
  l2('victims-owner', "the victim's owner", 'SET ROLE {b.owner}', { needs: ['owners'] }),
  l2('own-owner', 'its own owner', 'SET ROLE {a.owner}', { needs: ['owners'] }),
  l2('control', 'the control role', 'SET ROLE {control}'),
  l2('superuser', 'the superuser', 'SET ROLE {superuser}'),
  l2('superuser-session', 'the superuser for the session', 'SET SESSION AUTHORIZATION {superuser}'),
  l2('group', 'its own group', 'SET ROLE tenantry_tenants', { needs: ['tenantry'] }),
  l2('owners', 'the group of owners', 'SET ROLE tenantry_owners', { needs: ['tenantry'] }),
  l2('registrar', 'the registrar', 'SET ROLE tenantry_registrar', { needs: ['tenantry'] }),
  ...[
    'pg_read_all_data',
    'pg_write_all_data',
    'pg_monitor',
    'pg_signal_backend',
    'pg_execute_server_program',
    'pg_read_server_files',
    'pg_write_server_files',
    'pg_maintain',
    'pg_checkpoint',
    'pg_create_subscription',
  ].map((name) => l2(name.replaceAll('_', '-'), `the predefined role ${name}`, `SET ROLE ${name}`)),
  l2('database-owner', 'the predefined role pg_database_owner', 'SET ROLE pg_database_owner'),
];

/** Rights that it gives itself. */
const grants: readonly Attack[] = [
  l2('grant-victim', 'GRANT of the victim to itself', 'GRANT {b.role} TO {a.role}', {
    ...path,
    needs: ['roles'],
  }),
  l2('grant-current', 'GRANT of itself to its login', ['RESET ROLE', 'GRANT {b.role} TO CURRENT_USER'], {
    ...path,
    needs: ['roles'],
  }),
  l2('grant-self-to-victim', 'GRANT of itself to the victim', 'GRANT {a.role} TO {b.role}', {
    ...path,
    needs: ['roles'],
  }),
  l2('grant-predefined', 'GRANT of pg_read_all_data', 'GRANT pg_read_all_data TO CURRENT_USER'),
  l2('grant-schema', "GRANT on the victim's schema", 'GRANT USAGE ON SCHEMA {b} TO PUBLIC', path),
  l2('grant-table', "GRANT on the victim's table", 'GRANT SELECT ON {b}.notes TO PUBLIC', path),
  l2(
    'grant-all-tables',
    "GRANT on all of the victim's tables",
    'GRANT SELECT ON ALL TABLES IN SCHEMA {b} TO PUBLIC',
    path,
  ),
  l2('grant-own-on', 'passing on its own rights', 'GRANT SELECT ON {a}.notes TO PUBLIC', {
    ...path,
    expected: [denied, nothingGranted],
  }),
  l2('grant-schema-on', 'passing on its own schema', 'GRANT USAGE ON SCHEMA {a} TO PUBLIC', {
    ...path,
    expected: [denied, nothingGranted],
  }),
  l2('grant-database', 'GRANT on the database', 'GRANT CREATE ON DATABASE {database} TO PUBLIC', {
    expected: [denied, nothingGranted],
  }),
  l2('grant-language', 'GRANT on a language', 'GRANT USAGE ON LANGUAGE c TO PUBLIC', {
    expected: [denied, '42809'],
  }),
  l2(
    'grant-parameter',
    'GRANT of a server setting',
    'GRANT SET ON PARAMETER session_replication_role TO PUBLIC',
    { expected: [denied, nothingGranted] },
  ),
  l2(
    'grant-large-object',
    "GRANT on the victim's large object",
    'GRANT SELECT ON LARGE OBJECT {lo} TO PUBLIC',
    { ...path, expected: [denied, nothingGranted] },
  ),
  l2(
    'grant-function',
    'GRANT of a function of the server',
    'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO PUBLIC',
    { expected: [denied, nothingGranted] },
  ),
  l2(
    'default-privileges',
    "the victim's default privileges",
    'ALTER DEFAULT PRIVILEGES FOR ROLE {b.owner} GRANT SELECT ON TABLES TO PUBLIC',
    { ...path, needs: ['owners'] },
  ),
  l2(
    'own-default-privileges',
    "its owner's default privileges",
    'ALTER DEFAULT PRIVILEGES FOR ROLE {a.owner} GRANT SELECT ON TABLES TO PUBLIC',
    { ...path, needs: ['owners'] },
  ),
  l2('revoke-victim', "REVOKE of the victim's rights", 'REVOKE ALL ON {b}.notes FROM {b.role}', path),
  l2('drop-owned', 'DROP OWNED BY the victim', 'DROP OWNED BY {b.role}', {
    ...path,
    needs: ['roles'],
  }),
  l2('reassign-owned', 'REASSIGN OWNED BY the victim', 'REASSIGN OWNED BY {b.role} TO {a.role}', {
    needs: ['roles'],
  }),
  l2('reassign-owner', "REASSIGN OWNED BY the victim's owner", 'REASSIGN OWNED BY {b.owner} TO {a.role}', {
    needs: ['owners'],
  }),
];

/** Roles that it changes. */
const alterations: readonly Attack[] = [
  ...[
    'SUPERUSER',
    'CREATEROLE',
    'CREATEDB',
    'REPLICATION',
    'BYPASSRLS',
    'CONNECTION LIMIT -1',
    `VALID UNTIL 'infinity'`,
  ].map((attribute) =>
    l2(
      `alter-${attribute
        .toLowerCase()
        .replaceAll(/[^a-z]+/g, '-')
        .replaceAll(/^-|-$/g, '')}`,
      `ALTER ROLE … ${attribute} on itself`,
      `ALTER ROLE CURRENT_USER ${attribute}`,
    ),
  ),
  l2('alter-victim-password', "the victim's password", `ALTER ROLE {b.role} PASSWORD 'x'`, {
    needs: ['roles'],
  }),
  l2('alter-victim-path', "the victim's search path", 'ALTER ROLE {b.role} SET search_path = {a}', {
    needs: ['roles'],
  }),
  l2('alter-victim-role', "the victim's role setting", 'ALTER ROLE {b.role} SET role = {a.role}', {
    needs: ['roles'],
  }),
  l2('alter-victim-nologin', 'locking the victim out', 'ALTER ROLE {b.role} NOLOGIN', {
    needs: ['roles'],
  }),
  l2('alter-victim-limit', "the victim's connection limit", 'ALTER ROLE {b.role} CONNECTION LIMIT 0', {
    needs: ['roles'],
  }),
  l2('rename-self', 'renaming itself', 'ALTER ROLE {a.role} RENAME TO evil', {
    expected: [denied, '0A000'],
  }),
  l2('rename-victim', 'renaming the victim', 'ALTER ROLE {b.role} RENAME TO evil', {
    needs: ['roles'],
  }),
  l2('alter-owner-login', 'a login for its owner', `ALTER ROLE {a.owner} LOGIN PASSWORD 'x'`, {
    needs: ['owners'],
  }),
  l2('alter-control', "the control role's password", `ALTER ROLE {control} PASSWORD 'x'`),
  l2('alter-all', 'a setting for everybody', 'ALTER ROLE ALL SET search_path = {a}'),
  l2('alter-database', 'a setting of the database', 'ALTER DATABASE {database} SET search_path = {a}'),
  l2('create-role', 'a role', 'CREATE ROLE evil'),
  l2('create-role-in', 'a role inside of the victim', 'CREATE ROLE evil LOGIN IN ROLE {b.role}', {
    needs: ['roles'],
  }),
  l2('drop-role', 'dropping the victim', 'DROP ROLE {b.role}', { needs: ['roles'] }),
  l2('comment-role', 'a comment on the victim', `COMMENT ON ROLE {b.role} IS 'evil'`, {
    needs: ['roles'],
  }),
  l2(
    'auth-members',
    'a row in pg_auth_members',
    'INSERT INTO pg_auth_members SELECT * FROM pg_auth_members LIMIT 0',
  ),
  l2('authid', 'a row of pg_authid', `UPDATE pg_authid SET rolsuper = true WHERE rolname = current_user`),
];

/** Becoming somebody else. */
export const becomeAttacks: readonly Attack[] = [
  ...switches,
  ...roles,
  ...grants.map(inTransaction),
  ...alterations.map(inTransaction),
];
