import { denied, family, type Attack } from '../attack.ts';

const { l1, l2 } = family('disturb');
const both = { hits: ['search_path', 'set role'], alone: true } as const;
const path = { hits: ['search_path'], alone: true } as const;

/** Being in the neighbour's way. */
export const disturbAttacks: readonly Attack[] = [
  l1('cancel', "cancelling the victim's query", 'SELECT pg_cancel_backend({pid})', path),
  l1('terminate', "ending the victim's connection", 'SELECT pg_terminate_backend({pid})', path),
  l2('terminate-login', 'ending it as the login', ['RESET ROLE', 'SELECT pg_terminate_backend({pid})'], both),
  l2('cancel-login', 'cancelling it as the login', ['RESET ROLE', 'SELECT pg_cancel_backend({pid})'], both),
  l1(
    'terminate-control',
    'ending a connection of the control role',
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tenantry isolation {run}'`,
    {
      alone: true,
    },
  ),
  l2(
    'lock-row-exclusive',
    'LOCK TABLE',
    ['BEGIN', 'LOCK TABLE {b}.notes IN ROW EXCLUSIVE MODE NOWAIT'],
    path,
  ),
  l2(
    'lock-exclusive',
    'LOCK TABLE against everybody',
    ['BEGIN', 'LOCK TABLE {b}.notes IN ACCESS EXCLUSIVE MODE NOWAIT'],
    path,
  ),
  l2(
    'lock-share',
    'LOCK TABLE against writers',
    ['BEGIN', 'LOCK TABLE {b}.notes IN SHARE MODE NOWAIT'],
    path,
  ),
  l2(
    'lock-catalog',
    'LOCK TABLE on a catalog',
    ['BEGIN', 'LOCK TABLE pg_catalog.pg_class IN ACCESS EXCLUSIVE MODE NOWAIT'],
    { alone: true },
  ),
  l2(
    'lock-roles',
    'LOCK TABLE on the roles',
    ['BEGIN', 'LOCK TABLE pg_catalog.pg_authid IN ACCESS EXCLUSIVE MODE NOWAIT'],
    { alone: true },
  ),
  l1(
    'summarize',
    "work on the victim's index",
    `SELECT brin_summarize_new_values('{b}.notes_pkey'::regclass)`,
    { expected: [denied, '42809'] },
  ),
];
