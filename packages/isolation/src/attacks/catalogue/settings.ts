import { allowed, denied, family, severalStatements, type Attack } from '../attack.ts';

const { l1: server1, l2: server2, l3: server3 } = family('server');

/** Functions that only a few may call, and settings that a session must not have. */
export const settingAttacks: readonly Attack[] = [
  ...(
    [
      ['backup-stop', 'the end of a backup', 'pg_backup_stop()'],
      ['drop-slot', 'dropping a replication slot', `pg_drop_replication_slot('evil')`],
      ['copy-slot', 'copying a replication slot', `pg_copy_logical_replication_slot('evil', 'evil2')`],
      ['advance-slot', 'moving a replication slot', `pg_replication_slot_advance('evil', '0/1')`],
      ['sync-slots', 'fetching slots of a primary', 'pg_sync_replication_slots()'],
      ['get-changes', 'taking decoded changes', `pg_logical_slot_get_changes('evil', NULL, NULL)`],
      ['origin-advance', 'moving a replication origin', `pg_replication_origin_advance('evil', '0/1')`],
      [
        'origin-session',
        'a replication origin of its session',
        `pg_replication_origin_session_setup('evil')`,
      ],
      ['wal-pause', 'pausing recovery', 'pg_wal_replay_pause()'],
      ['standby-snapshot', 'a snapshot for standbys', 'pg_log_standby_snapshot()'],
      ['reset-stats', 'resetting all statistics', 'pg_stat_reset()'],
      ['reset-shared', 'resetting shared statistics', `pg_stat_reset_shared('io')`],
      ['reset-slru', 'resetting caches’ statistics', 'pg_stat_reset_slru(NULL)'],
      ['reset-function', 'resetting statistics of a function', `pg_stat_reset_single_function_counters(1)`],
      ['reset-slot', 'resetting statistics of slots', 'pg_stat_reset_replication_slot(NULL)'],
      [
        'reset-subscription',
        'resetting statistics of subscriptions',
        'pg_stat_reset_subscription_stats(NULL)',
      ],
      ['next-oid', 'the next object id', `pg_nextoid('pg_class', 'oid', 'pg_class_oid_index')`],
      ['stop-making-pinned', 'the end of built-in objects', 'pg_stop_making_pinned_objects()'],
      ['read-binary', 'a file in binary', `pg_read_binary_file('PG_VERSION')`],
      ['stat-missing', 'whether a file is there', `pg_stat_file('/etc/shadow', true)`],
      ['list-other', 'files of another directory', `pg_ls_dir('/', true, true)`],
      ['list-tablespace', 'temporary files of a tablespace', 'pg_ls_tmpdir(1663)'],
      ['hba-function', 'pg_hba_file_rules()', 'pg_hba_file_rules()'],
      ['settings-function', 'pg_show_all_file_settings()', 'pg_show_all_file_settings()'],
    ] as const
  ).map(([id, title, call]) => server1(id, title, `SELECT ${call}`, { expected: [denied, '42883'] })),
  ...(['role', 'session_authorization', 'search_path', 'row_security'] as const).map((name) =>
    server2(
      `system-${name.replaceAll('_', '-')}`,
      `ALTER SYSTEM SET ${name}`,
      `ALTER SYSTEM SET ${name} = 'off'`,
      {
        expected: [denied, '55P02', '22023'],
        cleanup: [`ALTER SYSTEM RESET ${name}`],
      },
    ),
  ),
  ...(
    [
      ['log_replication_commands', 'on'],
      ['log_parser_stats', 'on'],
      ['log_error_verbosity', 'verbose'],
      ['log_lock_waits', 'on'],
      ['log_duration', 'off'],
      ['log_parameter_max_length', '0'],
      ['log_connections', 'off'],
      ['shared_preload_libraries', 'evil'],
      ['archive_command', 'true'],
      ['restore_command', 'true'],
      ['listen_addresses', '*'],
      ['ssl', 'off'],
      ['password_encryption', 'md5'],
      ['krb_server_keyfile', '/tmp/x'],
      ['track_counts', 'off'],
      ['track_functions', 'all'],
      ['wal_compression', 'off'],
      ['compute_query_id', 'off'],
      ['lc_messages', 'C'],
      ['allow_in_place_tablespaces', 'on'],
      ['jit_provider', 'evil'],
      ['backtrace_functions', 'evil'],
      ['ignore_checksum_failure', 'on'],
      ['recovery_target_action', 'promote'],
    ] as const
  ).map(([name, value]) =>
    server1(
      `config-${name.replaceAll('_', '-')}`,
      `set_config of ${name}`,
      `SELECT set_config('${name}', '${value}', false)`,
      {
        expected: [denied, '55P02', ...(name === 'password_encryption' ? [allowed] : [])],
        ...(name === 'password_encryption' ? { cleanup: ['RESET password_encryption'] } : {}),
      },
    ),
  ),
  server2('load-plugin', 'LOAD of a library that is meant for everybody', `LOAD '$libdir/plugins/evil'`, {
    expected: [denied, '58P01'],
  }),
  server2(
    'stats-import',
    'false statistics of a column',
    [
      `BEGIN`,
      `SELECT pg_restore_attribute_stats('schemaname', '{b}', 'relname', 'notes', 'attname', 'body', 'inherited', false, 'null_frac', 0.5::real)`,
    ],
    { expected: [denied, '42883'], hits: ['search_path'] },
  ),
  server3('stacked-program', 'stacked: a program', `SELECT 1; COPY (SELECT 1) TO PROGRAM 'true'`),
  server3('stacked-system', 'stacked: ALTER SYSTEM', `SELECT 1; ALTER SYSTEM SET log_statement = 'none'`, {
    expected: [denied, severalStatements, '25001'],
  }),
];
