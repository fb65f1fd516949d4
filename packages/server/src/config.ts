import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import {
  cloudWatchName,
  defaultHome,
  duration,
  integer,
  issuer,
  list,
  oneOf,
  placeholders,
  publicUrl,
  roleMap,
  type RoleMapping,
  text,
} from './config-values.ts';
import { ConfigError } from './errors.ts';

/** One option: flags of `tenantry up`, environment variables and the reference page all come from this table. */
export interface Option<T> {
  readonly env: string;
  readonly flag: string;
  readonly meaning: string;
  /** Shown in help and reference. */
  readonly defaultText: string;
  readonly parse: (text: string) => T;
  /** Its value is shown to nobody. A variable with `_FILE` at the end of its name names a file that holds it. */
  readonly secret?: true;
  readonly default: () => T;
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
    secret: true,
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
    secret: true,
    env: 'TENANTRY_CREDENTIAL_KEY',
    flag: '--credential-key-file <file>',
    meaning:
      'The key (32 bytes, base64) that tenant logins are derived from; share it between control planes of one database; the flag names a file that holds it',
    defaultText: 'a file in TENANTRY_HOME, made at the first start',
    parse: text,
    default: () => undefined,
  }),
  publicUrl: option<string | undefined>({
    env: 'TENANTRY_PUBLIC_URL',
    flag: '--public-url <url>',
    meaning:
      'Where browsers reach the control plane, with the path prefix of a reverse proxy if there is one, as https://ops.example.com/tenantry',
    defaultText: 'what the request says',
    parse: publicUrl,
    default: () => undefined,
  }),
  trustedProxies: option<readonly string[]>({
    env: 'TENANTRY_TRUSTED_PROXIES',
    flag: '--trusted-proxies <addresses>',
    meaning:
      'Addresses or networks of reverse proxies, with commas, whose X-Forwarded-For, -Proto, -Host and -Prefix are believed',
    defaultText: 'none',
    parse: list,
    default: () => [],
  }),
  console: option<string | undefined>({
    env: 'TENANTRY_CONSOLE',
    flag: '--console <directory>',
    meaning: 'Directory of the built console',
    defaultText: 'packages/console/dist',
    parse: (value) => resolve(value),
    default: () => undefined,
  }),
  sessionIdle: option({
    env: 'TENANTRY_SESSION_IDLE',
    flag: '--session-idle <duration>',
    meaning: 'A browser session that is not used for so long ends',
    defaultText: '1h',
    parse: duration('TENANTRY_SESSION_IDLE'),
    default: () => 3600,
  }),
  sessionLifetime: option({
    env: 'TENANTRY_SESSION_LIFETIME',
    flag: '--session-lifetime <duration>',
    meaning: 'A browser session ends after so long in any case',
    defaultText: '12h',
    parse: duration('TENANTRY_SESSION_LIFETIME'),
    default: () => 12 * 3600,
  }),
  oidcIssuer: option<string | undefined>({
    env: 'TENANTRY_OIDC_ISSUER',
    flag: '--oidc-issuer <url>',
    meaning: 'Issuer of an OpenID provider that people sign in to the console with',
    defaultText: 'none: API keys only',
    parse: issuer,
    default: () => undefined,
  }),
  oidcClientId: option<string | undefined>({
    env: 'TENANTRY_OIDC_CLIENT_ID',
    flag: '--oidc-client-id <id>',
    meaning: 'Client id of Tenantry at the OpenID provider',
    defaultText: 'none',
    parse: text,
    default: () => undefined,
  }),
  oidcClientSecret: option<string | undefined>({
    secret: true,
    env: 'TENANTRY_OIDC_CLIENT_SECRET',
    flag: '--oidc-client-secret-file <file>',
    meaning: 'Client secret at the OpenID provider; the flag names a file that holds it',
    defaultText: 'none: a public client',
    parse: text,
    default: () => undefined,
  }),
  oidcScopes: option({
    env: 'TENANTRY_OIDC_SCOPES',
    flag: '--oidc-scopes <scopes>',
    meaning: 'Scopes that are asked for, with spaces; openid is always among them',
    defaultText: 'openid profile email',
    parse: text,
    default: () => 'openid profile email',
  }),
  oidcRoleClaim: option({
    env: 'TENANTRY_OIDC_ROLE_CLAIM',
    flag: '--oidc-role-claim <claim>',
    meaning:
      'Claim that TENANTRY_OIDC_ROLE_MAP is about; with dots it names a field inside, as realm_access.roles',
    defaultText: 'groups',
    parse: text,
    default: () => 'groups',
  }),
  oidcRoleMap: option<readonly RoleMapping[]>({
    env: 'TENANTRY_OIDC_ROLE_MAP',
    flag: '--oidc-role-map <pairs>',
    meaning:
      'What a value of the claim makes of a person, as platform=admin,security=auditor,acme-admins=tenant:acme; the first that matches counts, and who matches none is refused',
    defaultText: 'none: nobody is let in',
    parse: roleMap,
    default: () => [],
  }),
  oidcTenantClaim: option({
    env: 'TENANTRY_OIDC_TENANT_CLAIM',
    flag: '--oidc-tenant-claim <claim>',
    meaning:
      'Claim with the id or slug of the tenant, for people whose role is tenant without one in the map',
    defaultText: 'tenant',
    parse: text,
    default: () => 'tenant',
  }),
  oidcName: option({
    env: 'TENANTRY_OIDC_NAME',
    flag: '--oidc-name <name>',
    meaning: 'What the console calls the OpenID provider',
    defaultText: 'single sign-on',
    parse: text,
    default: () => 'single sign-on',
  }),
  isolationAuditEvery: option({
    env: 'TENANTRY_ISOLATION_AUDIT_EVERY',
    flag: '--isolation-audit-every <duration>',
    meaning:
      'How often catalogs and rights of every cell are verified, besides after changes; 0s is on demand only',
    defaultText: '5m',
    parse: duration('TENANTRY_ISOLATION_AUDIT_EVERY'),
    default: () => 300,
  }),
  isolationProbesEvery: option({
    env: 'TENANTRY_ISOLATION_PROBES_EVERY',
    flag: '--isolation-probes-every <duration>',
    meaning: 'How often one canary tenant attacks another on every cell; 0s is on demand only',
    defaultText: '1h',
    parse: duration('TENANTRY_ISOLATION_PROBES_EVERY'),
    default: () => 3600,
  }),
  isolationFaultsEvery: option({
    env: 'TENANTRY_ISOLATION_FAULTS_EVERY',
    flag: '--isolation-faults-every <duration>',
    meaning:
      'How often a throw-away cell is weakened on purpose, to see that it is noticed; 0s is on demand only',
    defaultText: '7d',
    parse: duration('TENANTRY_ISOLATION_FAULTS_EVERY'),
    default: () => 7 * 86_400,
  }),
  securityRetention: option({
    env: 'TENANTRY_SECURITY_RETENTION',
    flag: '--security-retention <duration>',
    meaning: 'How long refused statements and logins can be listed',
    defaultText: '30d',
    parse: duration('TENANTRY_SECURITY_RETENTION'),
    default: () => 30 * 86_400,
  }),
  cloudWatchRegion: option<string | undefined>({
    env: 'TENANTRY_CLOUDWATCH_REGION',
    flag: '--cloudwatch-region <region>',
    meaning:
      'Send metrics of isolation to Amazon CloudWatch in this region, with the credentials that the AWS SDK finds',
    defaultText: 'none: nothing is sent',
    parse: text,
    default: () => undefined,
  }),
  cloudWatchNamespace: option({
    env: 'TENANTRY_CLOUDWATCH_NAMESPACE',
    flag: '--cloudwatch-namespace <name>',
    meaning: 'Namespace of the metrics in CloudWatch',
    defaultText: 'Tenantry',
    parse: cloudWatchName(
      'TENANTRY_CLOUDWATCH_NAMESPACE',
      /^(?!AWS\/)[0-9A-Za-z._\-/#][0-9A-Za-z._\-/#:]{0,254}$/,
    ),
    default: () => 'Tenantry',
  }),
  cloudWatchEnvironment: option({
    env: 'TENANTRY_CLOUDWATCH_ENVIRONMENT',
    flag: '--cloudwatch-environment <name>',
    meaning:
      'Dimension Environment of every metric in CloudWatch: one name for each installation in a region',
    defaultText: 'default',
    parse: cloudWatchName('TENANTRY_CLOUDWATCH_ENVIRONMENT', /^[0-9A-Za-z][0-9A-Za-z._\-/#:]{0,254}$/),
    default: () => 'default',
  }),
  cloudWatchInterval: option({
    env: 'TENANTRY_CLOUDWATCH_INTERVAL',
    flag: '--cloudwatch-interval <duration>',
    meaning: 'How often metrics are sent to CloudWatch; its alarms look at minutes',
    defaultText: '60s',
    parse: duration('TENANTRY_CLOUDWATCH_INTERVAL', 1),
    default: () => 60,
  }),
  cloudWatchEndpoint: option<string | undefined>({
    env: 'TENANTRY_CLOUDWATCH_ENDPOINT',
    flag: '--cloudwatch-endpoint <url>',
    meaning: 'Another address than CloudWatch’s own, as a VPC endpoint’s',
    defaultText: "the region's",
    parse: text,
    default: () => undefined,
  }),
  evidenceKey: option<string | undefined>({
    secret: true,
    env: 'TENANTRY_EVIDENCE_KEY',
    flag: '--evidence-key-file <file>',
    meaning:
      'The private key (Ed25519, PKCS #8 in PEM) that evidence reports are signed with; the flag names a file that holds it',
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
    const { env: variable, parse, default: fallback, secret }: Option<unknown> = options[name];
    const given = flags[name] ?? env[variable] ?? (secret && contentsOf(`${variable}_FILE`, env));
    return [name, given === undefined || given === '' ? fallback() : parse(given)];
  });
  return Object.fromEntries(entries) as Config;
}

/** What is in the file that a variable names. */
function contentsOf(variable: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const file = env[variable];
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${variable}: ${file} cannot be read (${code}).`, { cause: error });
  }
}
