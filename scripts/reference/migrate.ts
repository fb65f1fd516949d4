import {
  foreignReference,
  keyReference,
  type KeyReference,
} from '../../packages/migrate/src/config/reference.ts';
import { code, table } from './markdown.ts';

/** Every key of the migration engine, from its one table of keys. */
export function renderMigrateConfiguration(): string {
  const keys = keyReference();
  const of = (...scopes: readonly KeyReference['scope'][]) =>
    keys.filter(({ scope }) => scopes.includes(scope));
  return [
    intro,
    '## Precedence',
    precedence,
    '## Connection',
    'In flyway.toml these stand in the table of an environment, `[environments.<name>]`; `flyway.environment` names the one in use, `default` where it is not set.',
    keyTable(of('environment')),
    connection,
    '## Migrations',
    keyTable(of('flyway')),
    '## What Flyway does not have',
    'In flyway.conf as `tenantry.…`, in flyway.toml in the table `[tenantry]`: Flyway reads neither, so the file stays good for both.',
    keyTable(of('tenantry')),
    '## Flags only',
    keyTable(of('program')),
    '## Keys of Flyway that do nothing here',
    'A refused key is an error, because what would run is not what was asked for; an ignored one is a warning. Without a value, or with `false`, both are accepted.',
    foreignTable(),
    '## Errors',
    errors,
  ].join('\n\n');
}

function keyTable(rows: readonly KeyReference[]): string {
  return table(
    ['flyway.conf', 'Variable', 'Flag', 'Type', 'Default', 'Meaning'],
    rows.map(({ conf, env, flag, type, default: fallback, meaning, paid }) => [
      conf === null ? '–' : code(conf),
      env === null ? '–' : code(env),
      flag === null ? '–' : code(flag),
      type,
      plainDefault(fallback),
      `${meaning.replaceAll('<', '&lt;')}${paid ? ". In Flyway's paid editions only" : ''}`,
    ]),
  );
}

/** A word is a value, a sentence is about one. */
function plainDefault(text: string): string {
  return text === 'none' || (text.includes(' ') && !text.startsWith('<<')) ? text : code(text);
}

function foreignTable(): string {
  return table(
    ['Key', 'Effect', 'Why, and what to do instead'],
    foreignReference().map(({ key, effect, why }) => [code(key), effect, why.replaceAll('<', '&lt;')]),
  );
}

const intro =
  'Flyway’s names, in Flyway’s files, with Flyway’s precedence. A key that nobody knows is an error that names the nearest one, so that a slip of the hand is not a setting that silently does nothing.';

const precedence = `From strong to weak:

1. Flags, in two spellings: \`--out-of-order\`, \`--target 12\` and Flyway’s \`-outOfOrder=true\`, \`-target=12\`. A switch is set off with \`--no-out-of-order\` or \`--out-of-order=false\`.
2. Variables: \`FLYWAY_OUT_OF_ORDER\`; also the path of a key with underscores, \`environments_dev_url\`. An empty variable counts as none, but for texts.
3. The standard input as a \`.conf\`, where \`-\` is one of \`--config-files\`.
4. Files, the later over the earlier: those of the home directory, of the current directory, of \`--working-directory\`, then those that \`FLYWAY_CONFIG_FILES\` or \`--config-files\` name. In each directory \`flyway.toml\`, then \`flyway.user.toml\`; or \`flyway.conf\`. Where there is any \`.toml\`, no \`.conf\` is read.
5. Defaults.

\`--debug\` (\`-X\`) says where each value comes from.

In a \`.conf\`, \`\${NAME}\` is a variable of the environment and a backslash is a backslash. In a \`.toml\`, \`\${env.NAME}\` is one in the table of an environment; \`[environments.<name>.flyway]\` overrides \`[flyway]\`.`;

const connection = `**URLs.** \`jdbc:postgresql://host:5432/database?sslmode=require\` and \`postgres://user@host:5432/database\`. Several hosts are tried in turn, and one that is no standby is preferred. Of the JDBC driver’s options, \`user\`, \`password\`, \`sslmode\`, \`sslrootcert\`, \`sslcert\`, \`sslkey\`, \`currentSchema\`, \`ApplicationName\`, \`connectTimeout\` and \`options\` are used; those that only tune the driver are accepted. \`sslmode\` is \`prefer\` where it is not given, as with both JDBC and libpq.

**Passwords** are never flags: every user of a machine can read the arguments of a process. They are taken from \`--password-file\`, else \`FLYWAY_PASSWORD\`, else \`flyway.password\` in a file, else the URL, else \`PGPASSWORD\`, else \`~/.pgpass\`. A URL on the command line may hold one, with a warning.`;

const errors = table(
  ['Code', 'Meaning'],
  [
    [
      '`CONFIG_KEY_UNKNOWN`',
      'No such key; the hint names the nearest. Also a key in the wrong table of flyway.toml, and Spring Boot’s `spring.flyway.…` names, with the name to use here',
    ],
    [
      '`CONFIG_KEY_UNSUPPORTED`',
      'A key that Flyway has and that would change what runs; the hint says what to do instead',
    ],
    ['`CONFIG_VALUE_INVALID`', 'Not of the key’s type'],
    ['`CONFIG_FILE_MISSING`', 'A file that was named cannot be read'],
    ['`CONFIG_FILE_INVALID`', 'Not TOML (with the line), or not in its encoding'],
    ['`CONFIG_ENVIRONMENT_UNKNOWN`', 'No such `[environments.<name>]`'],
    ['`CONFIG_URL_INVALID`, `CONFIG_URL_MISSING`', 'The address of the database'],
  ],
);
