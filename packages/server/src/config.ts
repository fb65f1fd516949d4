import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { ConfigError } from './errors.ts';

/** One option: flags of `tenantry up`, environment variables and the reference page all come from this table. */
export interface Option<T> {
  readonly env: string;
  readonly flag: string;
  readonly meaning: string;
  /** Shown in help and reference. */
  readonly defaultText: string;
  readonly parse: (text: string) => T;
  readonly default: () => T;
}

const text = (value: string) => value;
const list = (value: string) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function integer(name: string, minimum: number, maximum: number) {
  return (value: string) => {
    const number = Number(value);
    if (!/^\d{1,9}$/.test(value.trim()) || number < minimum || number > maximum) {
      throw new ConfigError(`${name} must be a whole number from ${minimum} to ${maximum}, not "${value}".`);
    }
    return number;
  };
}

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `90s`, `15m`, `12h`, `7d` or `0s` as seconds. */
function duration(name: string) {
  return (value: string) => {
    const match = /^(\d{1,6})([smhd])$/.exec(value.trim());
    if (!match) throw new ConfigError(`${name} must be a duration as 90s, 15m, 12h or 7d, not "${value}".`);
    return Number(match[1]) * units[match[2] as keyof typeof units];
  };
}

function placeholders(value: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list(value).map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) {
        throw new ConfigError(
          `TENANTRY_PLACEHOLDERS must be key=value pairs with commas, but has "${pair}".`,
        );
      }
      return [pair.slice(0, at).trim(), pair.slice(at + 1)];
    }),
  );
}

function oneOf<const T extends readonly string[]>(name: string, values: T) {
  return (value: string): T[number] => {
    if (!values.includes(value)) {
      throw new ConfigError(`${name} must be one of ${values.join(', ')}, not "${value}".`);
    }
    return value;
  };
}

/** root has its home closed to the account that PostgreSQL runs under, so its state goes where services keep theirs. */
function defaultHome(): string {
  return process.getuid?.() === 0 ? '/var/lib/tenantry' : join(homedir(), '.tenantry');
}

function option<T>(value: Option<T>): Option<T> {
  return value;
}

export const options = {
  home: option({
    env: 'TENANTRY_HOME',
    flag: '--home <directory>',
    meaning: 'State of the embedded cell, keys, and the local admin token',
    defaultText: '~/.tenantry (as root: /var/lib/tenantry)',
    parse: (value) => resolve(value),
    default: defaultHome,
  }),
  host: option({
    env: 'TENANTRY_HOST',
    flag: '--host <address>',
    meaning: 'Address the HTTP server listens on',
    defaultText: '127.0.0.1',
    parse: text,
    default: () => '127.0.0.1',
  }),
  port: option({
    env: 'TENANTRY_PORT',
    flag: '--port <number>',
    meaning: 'Port of the HTTP server',
    defaultText: '7700',
    parse: integer('TENANTRY_PORT', 0, 65_535),
    default: () => 7700,
  }),
  databaseUrl: option<string | undefined>({
    env: 'DATABASE_URL',
    flag: '--database-url-file <file>',
    meaning:
      'An external PostgreSQL (16 or newer) as default cell instead of the embedded one; the flag names a file that holds it',
    defaultText: 'the embedded cell',
    parse: text,
    default: () => undefined,
  }),
  databasePort: option({
    env: 'TENANTRY_DATABASE_PORT',
    flag: '--database-port <number>',
    meaning: 'Port of the embedded PostgreSQL; 0 chooses a free one and remembers it',
    defaultText: '0',
    parse: integer('TENANTRY_DATABASE_PORT', 0, 65_535),
    default: () => 0,
  }),
  migrations: option<readonly string[] | undefined>({
    env: 'TENANTRY_MIGRATIONS',
    flag: '--migrations <directories>',
    meaning: 'Flyway migration directories, with commas',
    defaultText: 'the sample, examples/sample-saas/migrations',
    parse: (value) => list(value).map((path) => (isAbsolute(path) ? path : resolve(path))),
    default: () => undefined,
  }),
  referenceMigrations: option<readonly string[]>({
    env: 'TENANTRY_REFERENCE_MIGRATIONS',
    flag: '--reference-migrations <directories>',
    meaning:
      'Flyway migration directories, with commas, of the schema reference: tables in every cell that all tenants may read and none may change',
    defaultText: 'none',
    parse: (value) => list(value).map((path) => resolve(path)),
    default: () => [],
  }),
  placeholders: option<Readonly<Record<string, string>>>({
    env: 'TENANTRY_PLACEHOLDERS',
    flag: '--placeholders <pairs>',
    meaning:
      'Flyway placeholders as key=value,key=value; {schema} in a value becomes the schema of the tenant',
    defaultText: 'none',
    parse: placeholders,
    default: () => ({}),
  }),
  extensions: option<readonly string[]>({
    env: 'TENANTRY_EXTENSIONS',
    flag: '--extensions <names>',
    meaning: 'Extensions that migrations may use, with commas; made once per cell in the schema extensions',
    defaultText: 'none',
    parse: list,
    default: () => [],
  }),
  warmPool: option({
    env: 'TENANTRY_WARM_POOL',
    flag: '--warm-pool <number>',
    meaning: 'Spare, fully migrated schemas kept ready on the default cell',
    defaultText: '3',
    parse: integer('TENANTRY_WARM_POOL', 0, 1000),
    default: () => 3,
  }),
  gracePeriod: option({
    env: 'TENANTRY_GRACE_PERIOD',
    flag: '--grace-period <duration>',
    meaning: 'How long a deleted tenant can be brought back before it is purged',
    defaultText: '7d',
    parse: duration('TENANTRY_GRACE_PERIOD'),
    default: () => 7 * 86_400,
  }),
  concurrency: option({
    env: 'TENANTRY_CONCURRENCY',
    flag: '--concurrency <number>',
    meaning: 'Operations that one control plane runs at the same time',
    defaultText: '4',
    parse: integer('TENANTRY_CONCURRENCY', 1, 64),
    default: () => 4,
  }),
  rateLimit: option({
    env: 'TENANTRY_RATE_LIMIT',
    flag: '--rate-limit <number>',
    meaning: 'Requests a minute of one API key; an address without a valid key has at most 600',
    defaultText: '60000',
    parse: integer('TENANTRY_RATE_LIMIT', 1, 1_000_000),
    default: () => 60_000,
  }),
  credentialKey: option<string | undefined>({
    env: 'TENANTRY_CREDENTIAL_KEY',
    flag: '--credential-key-file <file>',
    meaning:
      'The key (32 bytes, base64) that tenant logins are derived from; share it between control planes of one database; the flag names a file that holds it',
    defaultText: 'a file in TENANTRY_HOME, made at the first start',
    parse: text,
    default: () => undefined,
  }),
  logLevel: option({
    env: 'TENANTRY_LOG_LEVEL',
    flag: '--log-level <level>',
    meaning: 'How much the log says: debug, info, warn, error or silent',
    defaultText: 'info',
    parse: oneOf('TENANTRY_LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent']),
    default: () => 'info' as const,
  }),
} as const;

export type OptionName = keyof typeof options;

/** Every option with its value. */
export type Config = { readonly [K in OptionName]: ReturnType<(typeof options)[K]['default']> };

/**
 * Reads the configuration: a flag wins over the environment, the environment over the default.
 * Throws ConfigError with the name of the option that is wrong.
 *
 * ```ts
 * const config = readConfig(process.env, { port: '8080' });
 * ```
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Partial<Record<OptionName, string>>> = {},
): Config {
  const entries = (Object.keys(options) as OptionName[]).map((name) => {
    const { env: variable, parse, default: fallback }: Option<unknown> = options[name];
    const given = flags[name] ?? env[variable];
    return [name, given === undefined || given === '' ? fallback() : parse(given)];
  });
  return Object.fromEntries(entries) as Config;
}
