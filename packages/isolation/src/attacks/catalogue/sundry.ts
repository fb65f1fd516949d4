import { allowed, denied, family, inTransaction, nothingGranted, type Attack } from '../attack.ts';

const { l1: become1, l2: become2, l3: become3 } = family('become');
const { l1: lease1, l2: lease2 } = family('lease');
const path = { hits: ['search_path'] } as const;
const leases = { needs: ['leases'] } as const;

/** Roles, in disguise. */
const become: readonly Attack[] = [
  become1(
    'config-none',
    'set_config of the role to none',
    [`SELECT set_config('role', 'none', false)`, 'SELECT body FROM {b}.notes'],
    path,
  ),
  become1(
    'config-superuser',
    'set_config of the role to the superuser',
    `SELECT set_config('role', '{superuser}', false)`,
  ),
  become1(
    'config-control',
    'set_config of the role to the control role',
    `SELECT set_config('role', '{control}', false)`,
  ),
  become1(
    'config-owner',
    'set_config of the role to its owner',
    `SELECT set_config('role', '{a.owner}', false)`,
    { needs: ['owners'] },
  ),
  become1(
    'config-case',
    'the role in another case',
    [`SELECT set_config('ROLE', upper('{b.role}'), false)`],
    { expected: ['22023', denied], needs: ['roles'] },
  ),
  become2('set-quoted', 'SET ROLE in Unicode escapes', `SET ROLE U&"\\0074{b.role}"`, {
    expected: ['22023', denied],
    needs: ['roles'],
  }),
  become2('set-local-time-zone', 'a setting that is a role in disguise', `SET SESSION "role" = '{b.role}'`, {
    needs: ['roles'],
    hits: ['set role'],
  }),
  become2(
    'savepoint-back',
    'a role that a rollback to a savepoint brings back',
    ['BEGIN', 'SAVEPOINT s', 'SET LOCAL ROLE NONE', 'ROLLBACK TO s', 'SET ROLE {b.role}'],
    { needs: ['roles'], hits: ['set role'] },
  ),
  become2(
    'commit-and-chain',
    'a role after COMMIT AND CHAIN',
    ['BEGIN', 'COMMIT AND CHAIN', 'SET LOCAL ROLE {b.role}', 'SELECT body FROM {b}.notes'],
    // A leased lane does not let a session commit that an earlier attack has left without its role.
    { needs: ['roles'], hits: ['set role'], expected: [denied, '22P02'] },
  ),
  become2(
    'do-authorization',
    'SET SESSION AUTHORIZATION in a DO block',
    `DO $do$ BEGIN EXECUTE 'SET SESSION AUTHORIZATION {b.role}'; END $do$`,
    { needs: ['roles'] },
  ),
  become2(
    'do-exception',
    'SET ROLE whose refusal is caught',
    [
      `DO $do$ BEGIN BEGIN EXECUTE 'SET ROLE {b.role}'; EXCEPTION WHEN OTHERS THEN NULL; END; END $do$`,
      'SELECT body FROM {b}.notes',
    ],
    { needs: ['roles'], hits: ['search_path', 'set role'] },
  ),
  become2(
    'nested-set',
    'SET in SET: search_path and role',
    [
      `SELECT set_config('search_path', '{b}', false), set_config('role', '{b.role}', false)`,
      'SELECT body FROM notes',
    ],
    { needs: ['roles'], hits: ['set role'] },
  ),
  become3(
    'stacked-authorization',
    'stacked: SET SESSION AUTHORIZATION',
    'SELECT 1; SET SESSION AUTHORIZATION {b.role}',
    { needs: ['roles'] },
  ),
  become3(
    'stacked-comment',
    'stacked behind a comment',
    'SELECT 1 /* ; */; /* */ SET ROLE {b.role}; SELECT body FROM {b}.notes',
    { needs: ['roles'], hits: ['set role'] },
  ),
  become3(
    'stacked-dollar',
    'stacked behind a dollar quote',
    'SELECT $x$;$x$; SET ROLE {b.role}; SELECT body FROM {b}.notes',
    { needs: ['roles'], hits: ['set role'] },
  ),
  become3(
    'stacked-begin',
    'stacked: a transaction of its own',
    'BEGIN; SET LOCAL ROLE {b.role}; SELECT body FROM {b}.notes; ROLLBACK',
    { needs: ['roles'], hits: ['set role'] },
  ),
  become2(
    'backslash',
    'a quote behind a backslash',
    [`SET standard_conforming_strings = off`, `SELECT 'x\\'' || set_config('role', '{b.role}', false) -- '`],
    { needs: ['roles'], hits: ['set role'], expected: [denied, '22P06'] },
  ),
  become2(
    'encoding',
    'a quote inside of a character of another encoding',
    [`SET client_encoding = 'SJIS'`, `SELECT E'\\x83'' || (SELECT body FROM {b}.notes LIMIT 1)`],
    { expected: [denied, '22021', '22P05', '42601', '22025'] },
  ),
  ...(
    [
      ['grant-inherit', 'GRANT with ADMIN', 'GRANT {b.role} TO {a.role} WITH ADMIN OPTION'],
      ['grant-by', 'GRANT in the name of another', 'GRANT {b.role} TO {a.role} GRANTED BY {b.owner}'],
      ['grant-owner', 'GRANT of its owner to itself', 'GRANT {a.owner} TO {a.role}'],
      ['grant-group', 'GRANT of the group of owners', 'GRANT tenantry_owners TO {a.role}'],
      ['revoke-own-group', 'REVOKE of the victim from its group', 'REVOKE tenantry_tenants FROM {b.role}'],
      [
        'revoke-connect',
        'REVOKE of the database from all',
        'REVOKE CONNECT ON DATABASE {database} FROM tenantry_tenants',
      ],
      ['alter-group', 'ALTER GROUP', 'ALTER GROUP tenantry_tenants ADD USER {a.role}'],
      [
        'alter-default-all',
        'default privileges for everybody',
        'ALTER DEFAULT PRIVILEGES FOR ROLE {control} GRANT SELECT ON TABLES TO PUBLIC',
      ],
      [
        'alter-role-database',
        'a setting of the victim in the database',
        'ALTER ROLE {b.role} IN DATABASE {database} SET role = {a.role}',
      ],
      ['drop-owned-control', 'DROP OWNED BY the control role', 'DROP OWNED BY {control}'],
    ] as const
  ).map(([id, title, sql]) =>
    inTransaction(
      become2(id, title, sql, {
        needs: ['roles', 'owners', 'tenantry'],
        hits: id === 'grant-inherit' || id === 'grant-by' ? ['search_path'] : [],
        // Also a REVOKE that revokes nothing.
        expected: [denied, nothingGranted, '01006'],
      }),
    ),
  ),
];

/** The logins behind leases, and the machinery. */
const lease: readonly Attack[] = [
  lease1(
    'revoke-own',
    'giving back its own lease',
    `SELECT tenantry_lease.revoke_{a}('tenantry_slot_1')`,
    leases,
  ),
  lease2(
    'drop-function',
    'dropping the lease function of the victim',
    ['BEGIN', 'DROP FUNCTION tenantry_lease.grant_{b}(text)'],
    { ...leases, ...path },
  ),
  lease2(
    'alter-claim',
    'a path for the function that leases',
    'ALTER FUNCTION tenantry_lease.claim(text, text) SET search_path = {a}',
    leases,
  ),
  lease2(
    'slot-limit',
    'more connections for a slot',
    'ALTER ROLE tenantry_slot_1 CONNECTION LIMIT 100',
    leases,
  ),
  lease2(
    'slot-setting',
    'a setting of another slot',
    `ALTER ROLE tenantry_slot_2 SET role = '{b.role}'`,
    leases,
  ),
  lease2(
    'broker-setting',
    'a setting of the broker',
    `ALTER ROLE tenantry_broker SET search_path = {a}`,
    leases,
  ),
  lease2(
    'slot-superuser',
    'more than a slot is',
    ['RESET ROLE', 'ALTER ROLE CURRENT_USER CREATEROLE'],
    leases,
  ),
  lease2(
    'slot-limit-own',
    'a second session of its slot',
    ['RESET ROLE', 'ALTER ROLE CURRENT_USER CONNECTION LIMIT -1'],
    leases,
  ),
  lease2('join-group', 'the group of slots', ['RESET ROLE', 'GRANT tenantry_slots TO CURRENT_USER'], {
    ...leases,
  }),
  lease2(
    'schema',
    'the schema of the lease functions',
    'ALTER SCHEMA tenantry_lease OWNER TO CURRENT_USER',
    leases,
  ),
  lease2('truncate-slots', 'no slots for anybody', 'TRUNCATE tenantry_lease.slots', leases),
  lease2(
    'delete-slots',
    'one slot less',
    `DELETE FROM tenantry_lease.slots WHERE slot = 'tenantry_slot_1'`,
    leases,
  ),
  lease2(
    'terminate-broker',
    'ending the broker',
    [`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry_broker'`],
    { ...leases, expected: [denied, allowed], alone: true },
  ),
  lease2(
    'terminate-slots',
    'ending all other slots',
    [
      'RESET ROLE',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename ~ '^tenantry_slot_' AND usename <> session_user`,
    ],
    { ...leases, expected: [denied, allowed], alone: true },
  ),
  lease2(
    'path-shadow',
    'a claim that is found in its own schema',
    [
      `SELECT set_config('search_path', '{a}, pg_temp', false)`,
      `SELECT tenantry_lease.grant_{b}(session_user::text)`,
    ],
    { ...leases },
  ),
];

/** Becoming somebody else, by roads that few would think of. */
export const sundryAttacks: readonly Attack[] = [...become, ...lease];
