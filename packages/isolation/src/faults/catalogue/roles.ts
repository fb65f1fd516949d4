import { family, type Fault } from '../fault.ts';
import { peopleOf } from './relations.ts';

const roles = family('roles', 'roles');
const settings = family('settings', 'settings', ['setting.', 'server.']);

const idOf = (name: string) => name.replaceAll(/[{}]/g, '').replaceAll('_', '-').toLowerCase();

const attributes = ['SUPERUSER', 'CREATEROLE', 'CREATEDB', 'REPLICATION', 'BYPASSRLS'] as const;
const managed = [
  '{a}',
  '{a_owner}',
  '{slot}',
  '{broker}',
  '{group}',
  '{owners}',
  '{slots}',
  '{registrar}',
  '{control}',
] as const;
const people: Readonly<Record<string, string>> = {
  ...peopleOf,
  '{a}': 'a tenant’s login',
  '{a_owner}': 'a tenant’s owner',
  '{control}': 'the control role',
};

export const roleFaults: readonly Fault[] = [
  ...managed.flatMap((who) =>
    attributes
      // CREATEROLE is the control role's; and a superuser may do all that is asked of it.
      .filter((attribute) => !(who === '{control}' && attribute === 'CREATEROLE'))
      .map((attribute) =>
        roles(
          `${attribute.toLowerCase()}.${idOf(who)}`,
          `${attribute} for ${people[who]!}`,
          `ALTER ROLE ${who} ${attribute}`,
          `role ${who}: ${attribute}`,
          { rights: attribute === 'SUPERUSER' && who !== '{control}' },
        ),
      ),
  ),
  ...['{a_owner}', '{group}', '{owners}', '{slots}', '{registrar}'].map((who) =>
    roles(`login.${idOf(who)}`, `LOGIN for ${people[who]!}`, `ALTER ROLE ${who} LOGIN`, `role ${who}: LOGIN`),
  ),
  roles(
    'login.predefined',
    'one of PostgreSQL’s own roles may log in',
    `UPDATE pg_catalog.pg_authid SET rolcanlogin = true WHERE rolname = 'pg_read_all_data'`,
    'role pg_read_all_data: LOGIN',
  ),
  ...['{a_owner}', '{slot}', '{broker}'].map((who) =>
    roles(
      `inherit.${idOf(who)}`,
      `INHERIT for ${people[who]!}`,
      `ALTER ROLE ${who} INHERIT`,
      `role ${who}: INHERIT`,
    ),
  ),
  roles('unknown.login', 'a login that nobody knows', 'CREATE ROLE fault_bi LOGIN', 'role fault_bi'),
  roles('unknown.group', 'a role that nobody knows', 'CREATE ROLE fault_group', 'role fault_group'),
  roles(
    'unknown.superuser',
    'a superuser that nobody knows',
    'CREATE ROLE fault_admin SUPERUSER LOGIN',
    'role fault_admin',
    { rights: true },
  ),
  roles(
    'unknown.tenant-like',
    'a role that is called nearly like a tenant',
    'CREATE ROLE t_aaaaaaaaaaa LOGIN',
    'role t_aaaaaaaaaaa',
  ),
  roles(
    'unknown.slot-like',
    'a login that is called nearly like a slot',
    'CREATE ROLE tenantry_slot_x LOGIN',
    'role tenantry_slot_x',
  ),
  roles(
    'orphan.login',
    'a tenant’s login whose schema is gone',
    'CREATE ROLE t_aaaaaaaaaaaa LOGIN CONNECTION LIMIT 50',
    'role t_aaaaaaaaaaaa',
  ),
  roles(
    'orphan.owner',
    'a tenant’s owner whose schema is gone',
    'CREATE ROLE t_aaaaaaaaaaaa_owner NOINHERIT',
    'role t_aaaaaaaaaaaa_owner',
  ),
  roles(
    'renamed.login',
    'a tenant’s login was renamed',
    'ALTER ROLE {b} RENAME TO fault_renamed',
    'role {b}',
  ),
  roles(
    'renamed.owner',
    'a tenant’s owner was renamed',
    'ALTER ROLE {b_owner} RENAME TO fault_renamed',
    'role {b_owner}',
  ),
  roles(
    'renamed.group',
    'the group of all tenants was renamed',
    'ALTER ROLE {group} RENAME TO fault_renamed',
    'fault_renamed',
  ),
  roles('renamed.slot', 'a slot was renamed', 'ALTER ROLE {slot} RENAME TO fault_renamed', 'fault_renamed'),
  roles(
    'swapped',
    'two tenants’ logins were swapped',
    'ALTER ROLE {a} RENAME TO fault_swap; ALTER ROLE {b} RENAME TO {a}; ALTER ROLE fault_swap RENAME TO {b}',
    '{b}',
    { rights: true },
  ),
  roles(
    'limit.slot',
    'a slot takes more than one connection',
    'ALTER ROLE {slot} CONNECTION LIMIT 2',
    'role {slot}: CONNECTION LIMIT',
  ),
  roles(
    'limit.slot-none',
    'a slot takes any number of connections',
    'ALTER ROLE {slot} CONNECTION LIMIT -1',
    'role {slot}: CONNECTION LIMIT',
  ),
  roles(
    'limit.tenant',
    'a tenant may take all connections',
    'ALTER ROLE {b} CONNECTION LIMIT -1',
    'role {b}: CONNECTION LIMIT',
  ),
  roles(
    'valid-until.tenant',
    'a tenant’s password ends',
    `ALTER ROLE {b} VALID UNTIL '2026-01-01'`,
    'role {b}: VALID UNTIL',
  ),
  roles(
    'valid-until.slot',
    'a slot’s password ends',
    `ALTER ROLE {slot} VALID UNTIL '2099-01-01'`,
    'role {slot}: VALID UNTIL',
  ),
  roles(
    'reader.endless',
    'a reader that does not end',
    'CREATE ROLE tenantry_reader_aaaaaaaaaaaa LOGIN NOINHERIT CONNECTION LIMIT 5',
    'role tenantry_reader_aaaaaaaaaaaa',
  ),
  roles(
    'reader.left-over',
    'a reader whose time is over',
    `CREATE ROLE tenantry_reader_aaaaaaaaaaaa LOGIN NOINHERIT CONNECTION LIMIT 5 VALID UNTIL '2020-01-01'`,
    'role tenantry_reader_aaaaaaaaaaaa',
  ),
  roles(
    'slots.too-few',
    'the broker is gone',
    'DROP OWNED BY {broker}; DROP ROLE {broker}',
    'roles ^tenantry_broker$',
  ),
  roles(
    'password.md5',
    'a password that is stored as MD5',
    `SET LOCAL password_encryption = md5; ALTER ROLE {b} PASSWORD 'known'`,
    'role {b}',
    {
      unseen:
        'Only a superuser may read how a password is stored. That the server stores new ones as SCRAM is a check of its own.',
    },
  ),
  roles(
    'password.known',
    'a tenant’s password was set to one that somebody knows',
    `ALTER ROLE {b} PASSWORD 'known'`,
    'role {b}',
    {
      unseen:
        'Only a superuser may read pg_authid. The control plane notices: its own probe cannot log in any more.',
    },
  ),
  ...(
    [
      ['search-path.tenant', 'ALTER ROLE {a} SET search_path = {b}', 'setting of role {a}: search_path'],
      [
        'search-path.in-database',
        'ALTER ROLE {a} IN DATABASE {database} SET search_path = {b}',
        'setting of role {a}: search_path',
      ],
      [
        'search-path.owner',
        'ALTER ROLE {a_owner} SET search_path = {b}',
        'setting of role {a_owner}: search_path',
      ],
      ['search-path.slot', 'ALTER ROLE {slot} SET search_path = {b}', 'setting of role {slot}: search_path'],
      ['search-path.all', 'ALTER ROLE ALL SET search_path = {b}', 'setting of all roles: search_path'],
      [
        'search-path.database',
        'ALTER DATABASE {database} SET search_path = public',
        'setting of the database: search_path',
      ],
      [
        'search-path.database-gone',
        'ALTER DATABASE {database} RESET search_path',
        'setting of the database: search_path',
      ],
      ['role.tenant', `ALTER ROLE {a} SET role = '{b}'`, 'setting of role {a}: role'],
      ['role.slot', `ALTER ROLE {slot} SET role = '{b}'`, 'setting of role {slot}: role'],
      ['role.all', `ALTER ROLE ALL SET role = '{b}'`, 'setting of all roles: role'],
      ['role.database', `ALTER DATABASE {database} SET role = '{b}'`, 'setting of the database: role'],
      [
        'preload.all',
        `ALTER ROLE ALL SET session_preload_libraries = 'auto_explain'`,
        'setting of all roles: session_preload_libraries',
      ],
      [
        'preload.tenant',
        `ALTER ROLE {a} SET local_preload_libraries = 'auto_explain'`,
        'setting of role {a}: local_preload_libraries',
      ],
      [
        'lo-compat',
        'ALTER DATABASE {database} SET lo_compat_privileges = on',
        'setting of the database: lo_compat_privileges',
      ],
      [
        'replication-role',
        'ALTER ROLE {a} SET session_replication_role = replica',
        'setting of role {a}: session_replication_role',
      ],
      ['row-security', 'ALTER ROLE {a} SET row_security = off', 'setting of role {a}: row_security'],
      [
        'conforming-strings',
        'ALTER DATABASE {database} SET standard_conforming_strings = off',
        'setting of the database: standard_conforming_strings',
      ],
      ['log-statement', `ALTER ROLE {a} SET log_statement = 'none'`, 'setting of role {a}: log_statement'],
      [
        'self-grant',
        `ALTER ROLE {control} SET createrole_self_grant = 'set, inherit'`,
        'setting of role {control}: createrole_self_grant',
      ],
      ['custom', `ALTER ROLE {a} SET app.tenant = '{b}'`, 'setting of role {a}: app.tenant'],
      [
        'password-encryption',
        'ALTER DATABASE {database} SET password_encryption = md5',
        'setting of the database: password_encryption',
      ],
      [
        'default-tablespace',
        'ALTER ROLE {a} SET default_tablespace = pg_default',
        'setting of role {a}: default_tablespace',
      ],
      ['event-triggers', 'ALTER ROLE {a} SET event_triggers = off', 'setting of role {a}: event_triggers'],
    ] as const
  ).map(([id, sql, names]) => settings(`stored.${id}`, `a stored setting: ${titleOf(sql)}`, sql, names)),
  ...(
    [
      ['lo_compat_privileges', 'on'],
      ['row_security', 'off'],
      ['session_replication_role', 'replica'],
      ['standard_conforming_strings', 'off'],
      ['local_preload_libraries', 'nothing'],
      ['createrole_self_grant', 'inherit'],
      ['zero_damaged_pages', 'on'],
      ['default_transaction_read_only', 'on'],
      ['backslash_quote', 'on'],
    ] as const
  ).map(([name, value]) =>
    settings(
      `system.${name.replaceAll('_', '-')}`,
      `ALTER SYSTEM SET ${name} = ${value}`,
      `ALTER SYSTEM SET ${name} = '${value}';\nSELECT pg_reload_conf();\nAWAIT reset_val = '${value}' FROM pg_settings WHERE name = '${name}'`,
      `setting ${name}`,
      {
        undo: `ALTER SYSTEM RESET ${name};\nSELECT pg_reload_conf();\nAWAIT reset_val <> '${value}' FROM pg_settings WHERE name = '${name}'`,
      },
    ),
  ),
];

function titleOf(sql: string): string {
  return sql
    .replaceAll('{a}', 't_a')
    .replaceAll('{b}', 't_b')
    .replaceAll(/\{([a-z_]+)\}/g, '$1');
}
