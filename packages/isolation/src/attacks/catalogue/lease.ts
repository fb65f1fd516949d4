import { allowed, denied, family, inTransaction, type Attack } from '../attack.ts';

const { l1, l2 } = family('lease');
/**
 * No control is hit by a call of the lease functions: they ask who has logged in, and that is the broker nowhere. That the broker
 * leases is what shows that they work.
 */
const leases = { needs: ['leases'] } as const;
/** One login is a member of all owners, which may pass on their tenants. */
const owned = { ...leases, hits: ['search_path'] } as const;

const inOneSession: readonly Attack[] = [
  l2('broker', 'becoming the broker', 'SET ROLE tenantry_broker', leases),
  l2('broker-session', 'the broker for the session', 'SET SESSION AUTHORIZATION tenantry_broker', leases),
  l2('slots', 'becoming the group of slots', ['RESET ROLE', 'SET ROLE tenantry_slots'], leases),
  l2(
    'other-slot',
    'becoming another slot',
    [
      'RESET ROLE',
      `SELECT set_config('role', (SELECT max(rolname)::text FROM pg_roles WHERE rolname ~ '^tenantry_slot_' AND rolname <> session_user), false)`,
    ],
    leases,
  ),
  l1(
    'grant-function',
    'leasing the victim to a slot',
    `SELECT tenantry_lease.grant_{b}('tenantry_slot_1')`,
    leases,
  ),
  l2(
    'grant-function-login',
    'leasing the victim as the login',
    ['RESET ROLE', `SELECT tenantry_lease.grant_{b}('tenantry_slot_1')`],
    leases,
  ),
  l1(
    'revoke-function',
    "taking the victim's lease",
    `SELECT tenantry_lease.revoke_{b}('tenantry_slot_1')`,
    leases,
  ),
  l2('own-grant', 'leasing itself to a slot', `SELECT tenantry_lease.grant_{a}('tenantry_slot_1')`, leases),
  l1('claim', 'claiming a slot', `SELECT tenantry_lease.claim('tenantry_slot_1', '{b}')`, leases),
  l1(
    'open-slot',
    'opening a slot, to log in there',
    `SELECT set_config('tenantry.pool', 'mine', false), tenantry_lease.open_slot('tenantry_slot_1')`,
    leases,
  ),
  l1('shut-slot', 'shutting a slot', `SELECT tenantry_lease.shut_slot('tenantry_slot_1')`, leases),
  l2('open-login', 'letting its own slot in again', ['RESET ROLE', 'ALTER ROLE CURRENT_USER LOGIN'], leases),
  l1(
    'lend',
    'lending the victim past its own function',
    `SELECT tenantry_lease.lend('tenantry_slot_1', '{b}')`,
    leases,
  ),
  l1(
    'take-back',
    "taking the victim's lease past its own function",
    `SELECT tenantry_lease.take_back('tenantry_slot_1', '{b}')`,
    leases,
  ),
  l2('read-slots', 'reading the table of slots', 'SELECT * FROM tenantry_lease.slots', leases),
  l2(
    'lock-slots',
    'locking the table of slots',
    ['LOCK TABLE tenantry_lease.slots IN ACCESS SHARE MODE NOWAIT'],
    leases,
  ),
  l2(
    'write-slots',
    'a slot that is not there',
    `INSERT INTO tenantry_lease.slots VALUES ('{a.role}')`,
    leases,
  ),
  l2(
    'create-in',
    'a function next to those that lease',
    'CREATE FUNCTION tenantry_lease.evil() RETURNS int RETURN 1',
    leases,
  ),
  l2(
    'replace-grant',
    "another body for the victim's function",
    `CREATE OR REPLACE FUNCTION tenantry_lease.grant_{b}(slot text) RETURNS void LANGUAGE sql AS ''`,
    leases,
  ),
  l2(
    'grant-to-slot',
    'GRANT of the victim to its slot',
    ['RESET ROLE', 'GRANT {b.role} TO SESSION_USER'],
    owned,
  ),
  l2(
    'grant-execute',
    'GRANT of the lease function',
    'GRANT EXECUTE ON FUNCTION tenantry_lease.grant_{b}(text) TO PUBLIC',
    owned,
  ),
  l2('slot-password', "another slot's password", `ALTER ROLE tenantry_slot_1 PASSWORD 'x'`, leases),
  l2('broker-password', "the broker's password", `ALTER ROLE tenantry_broker PASSWORD 'x'`, leases),
  l2(
    'reset-read',
    'reading as the login behind the lease',
    ['RESET ROLE', 'SELECT body FROM {b}.notes'],
    owned,
  ),
  l2(
    'return',
    'coming back under a name that it has not',
    ['RESET ROLE', `SELECT set_config('role', '{b.role}', false)`],
    { ...leases, hits: ['set role'] },
  ),
  l2(
    'search-path-lease',
    'a function of its own in the path of the lease',
    ['SET LOCAL search_path = {a}, pg_catalog', `SELECT tenantry_lease.claim('x', 'y')`],
    leases,
  ),
  l2(
    'cancel-broker',
    "cancelling the broker's statements",
    ['RESET ROLE', `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'tenantry_broker'`],
    {
      ...leases,
      // Where no broker is connected there is nobody to end.
      expected: [denied, allowed],
      alone: true,
    },
  ),
];

/** The machinery that lends slots: broker, slots and the functions that grant. */
export const leaseAttacks: readonly Attack[] = [
  ...inOneSession.map(inTransaction),
  l2(
    'discard-read',
    'reading after DISCARD ALL',
    ['ROLLBACK', 'DISCARD ALL', 'SELECT body FROM {b}.notes'],
    owned,
  ),
];
