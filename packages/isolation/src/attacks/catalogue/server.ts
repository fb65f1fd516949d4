import { denied, family, type Attack } from '../attack.ts';

const { l1, l2 } = family('server');
const passwd = { leaks: ['root:x:'] } as const;

/** Files and programs of the machine. */
const machine: readonly Attack[] = [
  l2('copy-to-program', 'COPY to a program', `COPY (SELECT 1) TO PROGRAM 'true'`),
  l2('copy-from-program', 'COPY from a program', `COPY notes (body) FROM PROGRAM 'id'`),
  l2('copy-to-file', 'COPY to a file', `COPY (SELECT 1) TO '/dev/null'`),
  l2('copy-from-file', 'COPY from a file', `COPY notes (body) FROM '/etc/passwd'`),
  l1('read-file', 'pg_read_file', `SELECT pg_read_file('/etc/passwd')`, passwd),
  l1(
    'read-binary-file',
    "pg_read_binary_file of the victim's table",
    'SELECT pg_read_binary_file(pg_relation_filepath({table}::regclass))',
  ),
  l1('read-hba', 'pg_hba.conf', `SELECT pg_read_file('pg_hba.conf')`),
  l1('stat-file', 'pg_stat_file', `SELECT pg_stat_file('/etc/passwd')`),
  l1('list-directory', 'pg_ls_dir', `SELECT pg_ls_dir('.')`),
  l1('list-log', 'pg_ls_logdir', 'SELECT pg_ls_logdir()'),
  l1('list-wal', 'pg_ls_waldir', 'SELECT pg_ls_waldir()'),
  l1('list-temporary', 'pg_ls_tmpdir', 'SELECT pg_ls_tmpdir()'),
  l1('current-log', 'pg_current_logfile', 'SELECT pg_current_logfile()'),
  l2('import-file', 'lo_import', ['BEGIN', `SELECT lo_import('/etc/passwd')`]),
  l1('export-file', 'lo_export', `SELECT lo_export({lo}, '/dev/null')`),
  l1('hba-rules', 'pg_hba_file_rules', 'SELECT * FROM pg_hba_file_rules'),
  l1('file-settings', 'pg_file_settings', 'SELECT * FROM pg_file_settings'),
  l1('ident', 'pg_ident_file_mappings', 'SELECT * FROM pg_ident_file_mappings'),
  l1('configuration', 'pg_config', 'SELECT * FROM pg_config'),
  l1('memory', "the memory of another's backend", 'SELECT pg_log_backend_memory_contexts({pid})'),
  l1('shared-memory', 'shared memory', 'SELECT * FROM pg_shmem_allocations'),
  l2('load', 'LOAD of a library', `LOAD '/tmp/evil.so'`, { expected: [denied, '58P01'] }),
];

/** Settings and commands of the server. */
const settings: readonly Attack[] = [
  l2('alter-system', 'ALTER SYSTEM', 'ALTER SYSTEM SET update_process_title = on', {
    cleanup: ['ALTER SYSTEM RESET update_process_title'],
  }),
  l1('reload', 'pg_reload_conf', 'SELECT pg_reload_conf()'),
  l1('rotate-log', 'pg_rotate_logfile', 'SELECT pg_rotate_logfile()'),
  l2('checkpoint', 'CHECKPOINT', 'CHECKPOINT'),
  l1('switch-wal', 'pg_switch_wal', 'SELECT pg_switch_wal()'),
  l1('restore-point', 'pg_create_restore_point', `SELECT pg_create_restore_point('evil')`),
  l1('backup', 'pg_backup_start', `SELECT pg_backup_start('evil')`),
  l1('promote', 'pg_promote', 'SELECT pg_promote()'),
  l1(
    'physical-slot',
    'a physical replication slot',
    `SELECT pg_create_physical_replication_slot('evil', false, true)`,
  ),
  l1(
    'logical-slot',
    'a logical replication slot',
    `SELECT pg_create_logical_replication_slot('evil', 'test_decoding', true)`,
  ),
  l2('origin', 'a replication origin', ['BEGIN', `SELECT pg_replication_origin_create('evil')`]),
  l1('reset-backend', "resetting the victim's counters", 'SELECT pg_stat_reset_backend_stats({pid})', {
    expected: [denied, '42883'],
  }),
  l1(
    'reset-table',
    "resetting the victim's statistics",
    'SELECT pg_stat_reset_single_table_counters({table})',
  ),
  l2('import-collations', 'importing collations', [
    'BEGIN',
    `SELECT pg_import_system_collations('pg_catalog')`,
  ]),
  ...[
    ['session_preload_libraries', `'evil'`],
    ['session_replication_role', 'replica'],
    ['log_statement', 'none'],
    ['log_min_messages', 'panic'],
    ['log_min_duration_statement', '-1'],
    ['track_activities', 'off'],
    ['dynamic_library_path', `'/tmp'`],
    ['zero_damaged_pages', 'on'],
    ['ignore_system_indexes', 'on'],
    ['lo_compat_privileges', 'on'],
    ['max_stack_depth', '100'],
    ['deadlock_timeout', '1'],
    ['temp_file_limit', '-1'],
    ['update_process_title', 'off'],
    ['debug_io_direct', 'data'],
  ].map(([name, value]) =>
    l2(`set-${name!.replaceAll('_', '-')}`, `SET ${name}`, `SET ${name} = ${value}`, {
      expected: [denied, '55P02'],
    }),
  ),
];

/** Reaching the machine and the server. */
export const serverAttacks: readonly Attack[] = [...machine, ...settings];
