import { family, type Fault } from '../fault.ts';
import { peopleOf } from './relations.ts';

const members = family('memberships', 'members', ['member.', 'reach.']);
const predefined = family('predefined roles', 'predefined', ['member.', 'reach.']);

const idOf = (name: string) => name.replaceAll(/[{}]/g, '').replaceAll('_', '-').toLowerCase();

/** Each of the three options by itself, and all of them off: the options can be changed later by whoever granted it. */
const options = [
  ['inherit', 'WITH INHERIT TRUE, SET FALSE, ADMIN FALSE'],
  ['set', 'WITH INHERIT FALSE, SET TRUE, ADMIN FALSE'],
  ['admin', 'WITH INHERIT FALSE, SET FALSE, ADMIN TRUE'],
  ['none', 'WITH INHERIT FALSE, SET FALSE, ADMIN FALSE'],
] as const;

/** PostgreSQL 18's, but for pg_database_owner, which nobody can be made a member of. */
const predefinedRoles = [
  'pg_read_all_data',
  'pg_write_all_data',
  'pg_read_all_settings',
  'pg_read_all_stats',
  'pg_stat_scan_tables',
  'pg_monitor',
  'pg_signal_backend',
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'pg_checkpoint',
  'pg_use_reserved_connections',
  'pg_create_subscription',
  'pg_maintain',
  'pg_signal_autovacuum_worker',
] as const;

/** Takes the owner's ADMIN on its tenant away, in whose presence PostgreSQL refuses the opposite. */
const unlend = `DO $$ DECLARE g name; BEGIN FOR g IN SELECT pg_get_userbyid(grantor) FROM pg_auth_members WHERE roleid = '{b}'::regrole AND member = '{b_owner}'::regrole LOOP EXECUTE format('REVOKE {b} FROM {b_owner} GRANTED BY %I CASCADE', g); END LOOP; END $$`;

const edge = (member: string, role: string) => `membership ${member} of ${role}`;

export const memberFaults: readonly Fault[] = [
  ...options.map(([option, sql]) =>
    members(
      `tenant.${option}`,
      `a tenant is a member of another: ${option}`,
      `GRANT {b} TO {a} ${sql}`,
      edge('{a}', '{b}'),
      { rights: true },
    ),
  ),
  ...options.map(([option, sql]) =>
    members(
      `owner.${option}`,
      `a tenant is a member of another’s owner: ${option}`,
      `GRANT {b_owner} TO {a} ${sql}`,
      edge('{a}', '{b_owner}'),
      { rights: true },
    ),
  ),
  ...options.map(([option, sql]) =>
    members(
      `own-owner.${option}`,
      `a tenant is a member of its own owner: ${option}`,
      `${unlend}; GRANT {b_owner} TO {b} ${sql}`,
      edge('{b}', '{b_owner}'),
      { rights: true },
    ),
  ),
  members(
    'owners',
    'an owner is a member of another owner',
    'GRANT {b_owner} TO {a_owner}',
    edge('{a_owner}', '{b_owner}'),
    { rights: true },
  ),
  members(
    'owner-of-login',
    'an owner is a member of another tenant’s login',
    'GRANT {b} TO {a_owner}',
    edge('{a_owner}', '{b}'),
    { rights: true },
  ),
  ...options.map(([option, sql]) =>
    members(
      `slot.${option}`,
      `a slot is a member of a tenant, by the control role: ${option}`,
      `SET LOCAL ROLE {control}; GRANT {b} TO {slot} ${sql}; RESET ROLE`,
      edge('{slot}', '{b}'),
    ),
  ),
  members(
    'slot.two',
    'a slot holds two tenants',
    'SET LOCAL ROLE {a_owner}; GRANT {a} TO {slot} WITH INHERIT FALSE, SET TRUE, ADMIN FALSE; SET LOCAL ROLE {b_owner}; GRANT {b} TO {slot} WITH INHERIT FALSE, SET TRUE, ADMIN FALSE; RESET ROLE',
    'role {slot}',
    { rights: true },
  ),
  members(
    'slot.owner',
    'a slot is a member of a tenant’s owner',
    'GRANT {b_owner} TO {slot}',
    edge('{slot}', '{b_owner}'),
    { rights: true },
  ),
  members(
    'slot.leased-inherit',
    'a slot inherits the tenant that is leased to it',
    'SET LOCAL ROLE {b_owner}; GRANT {b} TO {slot} WITH INHERIT TRUE, SET TRUE, ADMIN FALSE; RESET ROLE',
    edge('{slot}', '{b}'),
  ),
  members(
    'slot.leased-admin',
    'a slot may hand on the tenant that is leased to it',
    'SET LOCAL ROLE {b_owner}; GRANT {b} TO {slot} WITH INHERIT FALSE, SET TRUE, ADMIN TRUE; RESET ROLE',
    edge('{slot}', '{b}'),
  ),
  members(
    'slot.slot',
    'a slot is a member of another slot',
    'GRANT {slot2} TO {slot}',
    edge('{slot}', '{slot2}'),
  ),
  members(
    'slot.broker',
    'a slot is a member of the broker',
    'GRANT {broker} TO {slot}',
    edge('{slot}', '{broker}'),
  ),
  members(
    'slot.registrar',
    'a slot is a member of the registrar',
    'GRANT {registrar} TO {slot}',
    edge('{slot}', '{registrar}'),
  ),
  members(
    'slot.group',
    'a slot is a member of the tenants’ group',
    'GRANT {group} TO {slot}',
    edge('{slot}', '{group}'),
  ),
  members(
    'broker.tenant',
    'the broker is a member of a tenant',
    'GRANT {b} TO {broker}',
    edge('{broker}', '{b}'),
    { rights: true },
  ),
  members(
    'broker.owner',
    'the broker is a member of a tenant’s owner',
    'GRANT {b_owner} TO {broker}',
    edge('{broker}', '{b_owner}'),
    { rights: true },
  ),
  members(
    'broker.owners',
    'the broker is a member of the owners’ group',
    'GRANT {owners} TO {broker}',
    edge('{broker}', '{owners}'),
  ),
  members(
    'broker.slot',
    'the broker is a member of a slot',
    'GRANT {slot} TO {broker}',
    edge('{broker}', '{slot}'),
  ),
  members(
    'registrar.tenant',
    'the registrar is a member of a tenant',
    'GRANT {b} TO {registrar}',
    edge('{registrar}', '{b}'),
    { rights: true },
  ),
  // PostgreSQL refuses what would go round in a circle; these are the ones that it does not.
  ...(
    [
      ['{group}', '{b_owner}'],
      ['{owners}', '{b}'],
      ['{slots}', '{b}'],
      ['{slots}', '{b_owner}'],
    ] as const
  ).map(([who, role]) =>
    members(
      `${idOf(who)}.${idOf(role)}`,
      `${peopleOf[who]!} is a member of one tenant’s ${role === '{b}' ? 'login' : 'owner'}`,
      `${unlend}; GRANT ${role} TO ${who}`,
      edge(who, role),
      { rights: true },
    ),
  ),
  members(
    'group-of-groups',
    'all tenants are members of the owners’ group',
    'GRANT {owners} TO {group}',
    edge('{group}', '{owners}'),
  ),
  members(
    'tenant.owners',
    'a tenant is a member of the owners’ group',
    'GRANT {owners} TO {a}',
    edge('{a}', '{owners}'),
  ),
  members(
    'tenant.slots',
    'a tenant is a member of the slots’ group',
    'GRANT {slots} TO {a}',
    edge('{a}', '{slots}'),
  ),
  members(
    'tenant.registrar',
    'a tenant is a member of the registrar',
    'GRANT {registrar} TO {a}',
    edge('{a}', '{registrar}'),
  ),
  members(
    'tenant.broker',
    'a tenant is a member of the broker',
    'GRANT {broker} TO {a}',
    edge('{a}', '{broker}'),
  ),
  members('tenant.slot', 'a tenant is a member of a slot', 'GRANT {slot} TO {a}', edge('{a}', '{slot}')),
  members(
    'tenant.superuser',
    'a tenant is a member of the superuser',
    `DO $$ BEGIN EXECUTE format('GRANT %I TO {a}', session_user); END $$`,
    'membership {a} of',
    { rights: true },
  ),
  members(
    'tenant.group-admin',
    'a tenant administers the group of all tenants',
    'GRANT {group} TO {a} WITH ADMIN TRUE',
    edge('{a}', '{group}'),
  ),
  members(
    'tenant.group-set',
    'a tenant may become the group of all tenants',
    'GRANT {group} TO {a} WITH SET TRUE',
    edge('{a}', '{group}'),
  ),
  members(
    'owner.group-set',
    'an owner may become the group of all owners',
    'GRANT {owners} TO {a_owner} WITH SET TRUE',
    edge('{a_owner}', '{owners}'),
  ),
  members(
    'chain.two',
    'a tenant is a member of another by a group',
    'CREATE ROLE fault_group; GRANT {b} TO fault_group; GRANT fault_group TO {a}',
    edge('{a}', 'fault_group'),
    { rights: true },
  ),
  members(
    'chain.three',
    'a tenant is a member of another by three groups',
    'CREATE ROLE fault_one; CREATE ROLE fault_two; CREATE ROLE fault_three; GRANT {b} TO fault_one; GRANT fault_one TO fault_two; GRANT fault_two TO fault_three; GRANT fault_three TO {a}',
    'role {a}',
    { rights: true },
  ),
  members(
    'chain.admin',
    'a tenant may make itself a member of another by a group that it administers',
    'CREATE ROLE fault_group; GRANT {b} TO fault_group; GRANT fault_group TO {a} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE',
    'role {a}',
    { rights: true },
  ),
  members(
    'unknown.all',
    'a login that nobody knows is a member of two tenants',
    'CREATE ROLE fault_bi LOGIN; GRANT {a}, {b} TO fault_bi',
    edge('fault_bi', '{b}'),
    { rights: true },
  ),
  members(
    'unknown.group',
    'a login that nobody knows is in the group of all tenants',
    'CREATE ROLE fault_bi LOGIN; GRANT {group} TO fault_bi',
    edge('fault_bi', '{group}'),
  ),
  members(
    'unknown.control',
    'a login that nobody knows may become the control role',
    'CREATE ROLE fault_bi LOGIN; GRANT {control} TO fault_bi',
    edge('fault_bi', '{control}'),
    { rights: true },
  ),
  members(
    'control.inherits-tenant',
    'the control role inherits a tenant',
    'GRANT {b} TO {control} WITH INHERIT TRUE',
    edge('{control}', '{b}'),
  ),
  members(
    'control.inherits-owner',
    'the control role inherits a tenant’s owner',
    'GRANT {b_owner} TO {control} WITH INHERIT TRUE',
    edge('{control}', '{b_owner}'),
  ),
  members(
    'control.inherits-group',
    'the control role inherits the group of tenants',
    'GRANT {group} TO {control} WITH INHERIT TRUE',
    edge('{control}', '{group}'),
  ),
  members(
    'control.superuser',
    'the control role may become the superuser',
    `DO $$ BEGIN EXECUTE format('GRANT %I TO {control}', session_user); END $$`,
    'membership {control} of',
  ),
  members(
    'reader',
    'a reader is a member of a tenant',
    `CREATE ROLE tenantry_reader_aaaaaaaaaaaa LOGIN NOINHERIT CONNECTION LIMIT 5 VALID UNTIL '2199-01-01'; GRANT {b} TO tenantry_reader_aaaaaaaaaaaa`,
    edge('tenantry_reader_aaaaaaaaaaaa', '{b}'),
  ),
  members(
    'tenant.reader',
    'a tenant is a member of a reader',
    `CREATE ROLE tenantry_reader_aaaaaaaaaaaa LOGIN NOINHERIT CONNECTION LIMIT 5 VALID UNTIL '2199-01-01'; GRANT tenantry_reader_aaaaaaaaaaaa TO {a}`,
    edge('{a}', 'tenantry_reader_aaaaaaaaaaaa'),
  ),
  members(
    'other-grantor',
    'a tenant’s group was granted by a superuser instead of the registrar',
    'GRANT {group} TO {a} WITH INHERIT TRUE, SET FALSE',
    edge('{a}', '{group}'),
  ),
  members(
    'missing.group',
    'a tenant is not in its group any more',
    'SET LOCAL ROLE {registrar}; REVOKE {group} FROM {b}; RESET ROLE',
    edge('{b}', '{group}'),
  ),
  members(
    'missing.owners',
    'an owner is not in its group any more',
    'SET LOCAL ROLE {registrar}; REVOKE {owners} FROM {b_owner}; RESET ROLE',
    edge('{b_owner}', '{owners}'),
  ),
  members(
    'missing.slots',
    'a slot is not in its group any more',
    'SET LOCAL ROLE {registrar}; REVOKE {slots} FROM {slot}; RESET ROLE',
    edge('{slot}', '{slots}'),
  ),
  members(
    'missing.lessor',
    'an owner may not lease its tenant any more',
    `DO $$ DECLARE g name; BEGIN FOR g IN SELECT pg_get_userbyid(grantor) FROM pg_auth_members WHERE roleid = '{b}'::regrole AND member = '{b_owner}'::regrole LOOP EXECUTE format('REVOKE {b} FROM {b_owner} GRANTED BY %I CASCADE', g); END LOOP; END $$`,
    edge('{b_owner}', '{b}'),
  ),
  members(
    'missing.control',
    'the control role may not become a tenant any more',
    'REVOKE {b} FROM {control} GRANTED BY {control}',
    edge('{control}', '{b}'),
  ),
  members(
    'missing.registrar',
    'the registrar does not administer the group any more',
    `DO $$ DECLARE g name; BEGIN FOR g IN SELECT pg_get_userbyid(grantor) FROM pg_auth_members WHERE roleid = '{group}'::regrole AND member = '{registrar}'::regrole LOOP EXECUTE format('REVOKE {group} FROM {registrar} GRANTED BY %I CASCADE', g); END LOOP; END $$`,
    edge('{registrar}', '{group}'),
  ),
  ...predefinedRoles.map((role) =>
    predefined(`${idOf(role)}.tenant`, `${role} for a tenant`, `GRANT ${role} TO {a}`, edge('{a}', role), {
      rights: /all_data/.test(role),
    }),
  ),
  ...(
    [
      'pg_read_all_data',
      'pg_monitor',
      'pg_signal_backend',
      'pg_read_server_files',
      'pg_execute_server_program',
      'pg_maintain',
    ] as const
  ).flatMap((role) =>
    ['{slot}', '{broker}', '{a_owner}', '{group}', '{control}'].map((who) =>
      predefined(
        `${idOf(role)}.${idOf(who)}`,
        `${role} for ${peopleOf[who] ?? 'the control role'}`,
        `GRANT ${role} TO ${who}`,
        edge(who, role),
        {
          rights: role === 'pg_read_all_data' && who !== '{control}',
        },
      ),
    ),
  ),
  predefined(
    'admin',
    'a tenant administers pg_monitor',
    'GRANT pg_monitor TO {a} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE',
    edge('{a}', 'pg_monitor'),
  ),
  predefined(
    'by-group',
    'a tenant reads all data by a role that is made for it',
    'CREATE ROLE fault_group; GRANT pg_read_all_data TO fault_group; GRANT fault_group TO {a}',
    edge('fault_group', 'pg_read_all_data'),
    { rights: true },
  ),
  predefined(
    'reader',
    'a reader that reads everything',
    `CREATE ROLE tenantry_reader_aaaaaaaaaaaa LOGIN NOINHERIT CONNECTION LIMIT 5 VALID UNTIL '2199-01-01'; GRANT pg_read_all_data TO tenantry_reader_aaaaaaaaaaaa`,
    edge('tenantry_reader_aaaaaaaaaaaa', 'pg_read_all_data'),
  ),
  predefined(
    'nested',
    'a predefined role holds another',
    'GRANT pg_read_all_data TO pg_monitor',
    edge('pg_monitor', 'pg_read_all_data'),
  ),
  predefined(
    'holds-tenant',
    'a predefined role is a member of a tenant',
    'GRANT {b} TO pg_monitor',
    edge('pg_monitor', '{b}'),
  ),
];
