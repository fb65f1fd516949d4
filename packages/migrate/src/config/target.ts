import { userInfo } from 'node:os';
import type { ConnectionSettings } from './connection-keys.ts';
import { ConfigError } from './error.ts';
import type { DatabaseUrl, Server } from './url.ts';
import { parseUrl } from './url.ts';

/** How much TLS is asked for, in libpq's words. */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

const sslModes: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Everything that a connection needs, from the URL, the settings and the variables of libpq. */
export interface ConnectionTarget {
  /** Tried in turn. */
  readonly servers: readonly Server[];
  readonly database: string;
  readonly user: string;
  /** Undefined leaves it to `~/.pgpass`. */
  readonly password: string | undefined;
  readonly sslMode: SslMode;
  /** Paths of files. */
  readonly sslRootCert: string | undefined;
  readonly sslCert: string | undefined;
  readonly sslKey: string | undefined;
  readonly applicationName: string;
  /** Command line options of the server, as `-c search_path=shop`. */
  readonly options: string | undefined;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** What was in the URL or the properties and has no meaning here. */
  readonly unknown: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** Options of the JDBC driver and of libpq that change nothing for a migration. */
const harmless =
  /^(?:loginTimeout|socketTimeout|tcpKeepAlive|tcpNoDelay|prepareThreshold|preparedStatement.*|reWriteBatchedInserts|targetServerType|target_session_attrs|loadBalanceHosts|stringtype|stringType|logger.*|binaryTransfer.*|autosave|cleanupSavepoints|assumeMinServerVersion|defaultRowFetchSize|receiveBufferSize|sendBufferSize|allowEncodingChanges|client_encoding|escapeSyntaxCallMode|gssEncMode|readOnly.*|logServerErrorDetail|logUnclosedConnections|sslfactory|sslFactory|cancelSignalTimeout|maxResultBuffer|quoteReturningIdentifiers|hideUnprivilegedObjects|adaptiveFetch.*|channel_binding|channelBinding|keepalives.*|hostRecheckSeconds|useSpnego|disableColumnSanitiser|replication|ssl|sslpassword|gssencmode)$/;

/**
 * The connection that a configuration asks for. A setting wins over the URL, the URL over the variables of libpq.
 *
 * @throws ConfigError CONFIG_URL_MISSING, CONFIG_URL_INVALID, CONFIG_VALUE_INVALID
 */
export function connectionTarget(connection: ConnectionSettings, env: Env): ConnectionTarget {
  const url = connection.url === null ? withoutUrl(env) : parseUrl(connection.url);
  const options = { ...url.options, ...connection.jdbcProperties };
  const user = connection.user ?? options['user'] ?? url.user ?? set(env['PGUSER']) ?? accountName();
  return {
    servers: url.servers.length > 0 ? url.servers : [environmentServer(env)],
    database: url.database ?? set(env['PGDATABASE']) ?? user,
    user,
    password: connection.password ?? options['password'] ?? url.password ?? set(env['PGPASSWORD']),
    sslMode: sslMode(options, env),
    sslRootCert: set(options['sslrootcert']) ?? set(env['PGSSLROOTCERT']),
    sslCert: set(options['sslcert']) ?? set(env['PGSSLCERT']),
    sslKey: set(options['sslkey']) ?? set(env['PGSSLKEY']),
    applicationName:
      options['ApplicationName'] ??
      options['application_name'] ??
      set(env['PGAPPNAME']) ??
      'tenantry-migrate',
    options: serverOptions(options, env),
    connectTimeout:
      1000 *
      seconds(options['connectTimeout'] ?? options['connect_timeout'] ?? set(env['PGCONNECT_TIMEOUT'])),
    unknown: Object.keys(options).filter((name) => !known.includes(name) && !harmless.test(name)),
  };
}

const known: readonly string[] = [
  'user',
  'password',
  'sslmode',
  'sslMode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'ApplicationName',
  'application_name',
  'currentSchema',
  'options',
  'connectTimeout',
  'connect_timeout',
];

function withoutUrl(env: Env): DatabaseUrl {
  if (['PGHOST', 'PGHOSTADDR', 'PGDATABASE', 'PGPORT'].every((name) => set(env[name]) === undefined)) {
    const message = 'There is no database to connect to.';
    const hint =
      'Give it with --url, in FLYWAY_URL, or as flyway.url in flyway.conf; PGHOST and PGDATABASE count, too.';
    throw new ConfigError({ code: 'CONFIG_URL_MISSING', message, hint });
  }
  return { servers: [], database: undefined, user: undefined, password: undefined, options: {} };
}

function environmentServer(env: Env): Server {
  const port = Number(set(env['PGPORT']) ?? 5432);
  return { host: set(env['PGHOST']) ?? set(env['PGHOSTADDR']) ?? 'localhost', port };
}

function sslMode(options: Readonly<Record<string, string>>, env: Env): SslMode {
  const asked = options['sslmode'] ?? options['sslMode'] ?? set(env['PGSSLMODE']);
  // The JDBC driver's old way: `ssl=true` alone means the strictest.
  const mode = asked ?? (['true', ''].includes(options['ssl'] ?? 'false') ? 'verify-full' : 'prefer');
  if (sslModes.includes(mode)) return mode as SslMode;
  const message = `sslmode must be ${sslModes.join(', ')}, not "${mode}".`;
  throw new ConfigError({ code: 'CONFIG_VALUE_INVALID', message });
}

function serverOptions(options: Readonly<Record<string, string>>, env: Env): string | undefined {
  const path = set(options['currentSchema']);
  const given = set(options['options']) ?? set(env['PGOPTIONS']);
  // A blank or backslash in a value would end it.
  const search =
    path === undefined ? undefined : `-c search_path=${path.replaceAll(/[\\\s]/g, String.raw`\$&`)}`;
  return set([given, search].filter((part) => part !== undefined).join(' '));
}

function seconds(value: string | undefined): number {
  if (value === undefined || !/^\d{1,6}$/.test(value)) return 10;
  return Number(value);
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'postgres';
  }
}

function set(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
