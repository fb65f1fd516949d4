import { allowed, family, type Attack } from '../attack.ts';

const { l1, l2 } = family('residual');
const seen = (residual: string) => ({ residual, expected: [allowed] }) as const;

/** What every database that tenants share allows. It is tried, so that the report says what is so and not what was read. */
export const residualAttacks: readonly Attack[] = [
  l1('schemas', 'names of schemas', `SELECT nspname FROM pg_namespace WHERE nspname = '{b}'`, seen('names')),
  l1('roles', 'names of roles', `SELECT rolname FROM pg_roles WHERE rolname = '{b.role}'`, seen('names')),
  l1(
    'columns',
    'names of tables and columns',
    'SELECT attname FROM pg_attribute WHERE attrelid = {table}',
    seen('names'),
  ),
  l1(
    'function-body',
    'the text of its functions',
    `SELECT prosrc FROM pg_proc WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = '{b}')`,
    seen('names'),
  ),
  l1(
    'function-definition',
    'the definition of its functions',
    `SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'secret' AND pronamespace = '{b}'::regnamespace`,
    seen('names'),
  ),
  l1(
    'view-definition',
    'the definition of its views',
    `SELECT pg_get_viewdef(oid) FROM pg_class WHERE relname = 'recent' AND relnamespace = '{b}'::regnamespace`,
    seen('names'),
  ),
  l1(
    'constraints',
    'constraints and defaults',
    'SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = {table}',
    seen('names'),
  ),
  l1(
    'estimates',
    'numbers of rows',
    'SELECT reltuples, relpages FROM pg_class WHERE oid = {table}',
    seen('sizes'),
  ),
  l1('sizes', 'sizes', 'SELECT pg_relation_size({table})', seen('sizes')),
  l1(
    'counters',
    'counters of reads and writes',
    'SELECT n_tup_ins, n_live_tup FROM pg_stat_all_tables WHERE relid = {table}',
    seen('sizes'),
  ),
  l1(
    'large-object-ids',
    'that it has large objects',
    'SELECT oid, lomowner FROM pg_largeobject_metadata WHERE oid = {lo}',
    seen('sizes'),
  ),
  l1(
    'sessions',
    'that it is connected, and its application_name',
    'SELECT application_name FROM pg_stat_activity WHERE pid = {pid}',
    seen('sessions'),
  ),
  l1(
    'locks',
    'what it has locked',
    'SELECT relation, mode FROM pg_locks WHERE pid = {pid}',
    seen('sessions'),
  ),
  l1(
    'settings',
    'settings of its role',
    `SELECT setconfig FROM pg_db_role_setting WHERE setrole = '{b.role}'::regrole`,
    seen('names'),
  ),
  l2(
    'listen',
    'listening on its channel',
    ['LISTEN residual_{b}', { victim: `NOTIFY residual_{b}, 'payload'` }, 'SELECT 1', 'UNLISTEN *'],
    {
      ...seen('notify'),
      alone: true,
    },
  ),
  l1('notify', 'sending on its channel', `SELECT pg_notify('residual_{b}', 'evil')`, seen('notify')),
  l2(
    'advisory-lock',
    'an advisory lock that it wants',
    [
      'BEGIN',
      `SELECT pg_advisory_xact_lock(hashtextextended('{b}', 0))`,
      { victim: `SELECT pg_try_advisory_lock(hashtextextended('{b}', 0)) AS got, pg_advisory_unlock_all()` },
    ],
    {
      ...seen('advisory-locks'),
      alone: true,
    },
  ),
  l2(
    'own-password',
    'its own password',
    ['BEGIN', `ALTER ROLE CURRENT_USER PASSWORD 'x'`, 'ROLLBACK'],
    seen('own-settings'),
  ),
  l2(
    'own-settings',
    'settings of its own login',
    ['BEGIN', `ALTER ROLE CURRENT_USER SET statement_timeout = 0`, 'ROLLBACK'],
    seen('own-settings'),
  ),
  l2(
    'own-library',
    'a library of the server for its own next session',
    ['BEGIN', `ALTER ROLE CURRENT_USER SET local_preload_libraries = 'x'`, 'ROLLBACK'],
    seen('own-settings'),
  ),
  l1(
    'large-object',
    'large objects of its own',
    ['BEGIN', `SELECT lo_from_bytea(0, 'x')`, 'ROLLBACK'],
    seen('machine'),
  ),
  l1(
    'work-mem',
    'as much memory as it asks for',
    [`SELECT set_config('work_mem', '1GB', true)`],
    seen('machine'),
  ),
  l1(
    'log-message',
    'writing into the log of changes',
    [`SELECT pg_logical_emit_message(true, 'evil', 'x')`],
    seen('machine'),
  ),
];

/** What is PostgreSQL's own and stays, what reduces it, and which attacks show it. */
export interface ResidualRisk {
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly reducedBy: string;
}

/** The residual risks of every database that tenants share, in the report's words. */
export const residualRisks: readonly ResidualRisk[] = [
  {
    id: 'names',
    title: 'Names and texts in the catalogs',
    statement:
      'Every login can read the names of all schemas, roles, tables and columns, and the text of functions and views, of all tenants. No row can be read.',
    reducedBy:
      'Ids are opaque. Put no customer name into DDL, and no secret into a function body or a comment.',
  },
  {
    id: 'sizes',
    title: 'Numbers and sizes',
    statement: 'Estimated row counts, sizes and counters of all tables can be read by every login.',
    reducedBy: 'Opaque ids; a cell of its own for a tenant whose volume is a secret.',
  },
  {
    id: 'sessions',
    title: 'Sessions',
    statement:
      'That a tenant is connected, from where its locks come and its application_name can be seen; its queries cannot. On a leased connection, a name of a setting that was used before reads as empty instead of NULL, and the functions pg_stat_get_xact_* count for the backend: they tell that somebody before has used that name or table there.',
    reducedBy:
      'An application_name and names of settings that name no customer; sealed connections never change tenant.',
  },
  {
    id: 'notify',
    title: 'LISTEN and NOTIFY',
    statement:
      'Channels have one name space per database: a tenant can listen and send on any, Tenantry’s own included. A forged notice makes applications look again where a tenant is; it tells them nothing. The queue of notices is one for the server: a tenant that listens in an open transaction and sends much fills it, and until that session ends every change of the control plane fails, with 54000.',
    reducedBy:
      'No data in a payload: send that something has changed, and read it from a table. An alarm on pg_notification_queue_usage(), a transaction_timeout or idle_in_transaction_session_timeout for tenants, and ending the session that PostgreSQL’s log names.',
  },
  {
    id: 'advisory-locks',
    title: 'Advisory locks',
    statement:
      'Advisory locks have one key space per database: a tenant can hold a key that another waits for, also the one by which two migrations of a schema are kept apart. The control plane ends a tenant that holds one of its own.',
    reducedBy:
      'A lock_timeout, and rows instead of advisory locks in SQL that other tenants’ SQL could meet.',
  },
  {
    id: 'random',
    title: 'The seed of random()',
    statement:
      'DISCARD ALL leaves the seed of random(): on a connection that changes tenant, one can know what random() gives the next.',
    reducedBy:
      'gen_random_uuid() for whatever must not be guessed, as everywhere; sealed connections never change tenant.',
  },
  {
    id: 'own-settings',
    title: 'Its own login',
    statement:
      'A login can change its own password and its own settings. That locks out that tenant, and nobody else.',
    reducedBy:
      'Start-up options override stored settings; rotating the credential gives the derived password back.',
  },
  {
    id: 'machine',
    title: 'The machine is shared',
    statement:
      'Processor, memory, disk, the table of locks and the log of changes are the server’s; any login can use much of them. One statement can fill the table of locks, as by taking two million advisory locks, and then everybody’s statements fail with 53200 until it ends. No connection limit and no timeout of a role prevents that, since a login may change its own timeouts.',
    reducedBy:
      'A connection limit and timeouts per tenant; a higher max_locks_per_transaction, an alarm on the number of rows of pg_locks by session, and ending the session that holds them; a cell of its own for a tenant that must not share.',
  },
];
