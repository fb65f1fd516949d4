import { join } from 'node:path';

/** PostgreSQL settings by name, as they would stand in `postgresql.conf`. */
export type Settings = Readonly<Record<string, string | number>>;

/** A socket's whole path must fit into `sun_path`: 107 bytes on Linux, 103 on macOS. */
const SOCKET_PATH_BYTES = 103;

/** What a cluster with thousands of schemas needs; `settings` given to `startPostgres` win over it. */
export const DEFAULT_SETTINGS: Settings = {
  cluster_name: 'tenantry',
  max_connections: 200,
  // Dropping or checking a schema locks each of its relations in one transaction; 64, the default, ends at about 13,000 relations.
  max_locks_per_transaction: 1024,
  shared_buffers: '256MB',
  // Tenants' queries are short; compiling one of them costs more than running it.
  jit: 'off',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %q%u@%d ',
  // A statement may hold a customer's data or a password. Its error is the client's business, not the log file's.
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_parameter_max_length: 0,
  log_parameter_max_length_on_error: 0,
};

/** What no caller may change: where the server is reached, and that its log goes to the file it was started with. */
function fixedSettings(dataDirectory: string, port: number): Settings {
  return {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: socketDirectory(dataDirectory, port),
    unix_socket_permissions: '0700',
    logging_collector: 'off',
    log_destination: 'stderr',
    // The readers of the log (port taken, memory still in use) know PostgreSQL's own words.
    lc_messages: 'C',
  };
}

/** The data directory itself, which nobody else can enter, or '' (no socket) where its path is too long for one. */
export function socketDirectory(dataDirectory: string, port: number): string {
  const bytes = Buffer.byteLength(join(dataDirectory, `.s.PGSQL.${String(port)}.lock`));
  if (bytes > SOCKET_PATH_BYTES) return '';
  return `"${dataDirectory.replaceAll('"', '""')}"`;
}

/** `-c name=value` for every setting, ready for the command line of `postgres`. */
export function settingArguments(
  dataDirectory: string,
  port: number,
  settings: Settings = {},
): readonly string[] {
  // Walking every file of 5,000 tenants before crash recovery takes minutes; syncfs is one call, and Linux only.
  const platform: Settings = process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {};
  const all = { ...DEFAULT_SETTINGS, ...platform, ...settings, ...fixedSettings(dataDirectory, port) };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`]);
}
