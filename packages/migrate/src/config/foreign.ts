/** A key of Flyway's that does nothing here. */
export interface ForeignKey {
  /** Without `flyway.`; one that ends in `.` stands for all below it. */
  readonly name: string;
  /** In Flyway's paid editions only. */
  readonly paid: boolean;
  /** `refused`: what runs would not be what was asked for, so it is an error. `ignored`: a note. */
  readonly effect: 'refused' | 'ignored';
  readonly reason: string;
  /** What to do instead. */
  readonly instead: string | undefined;
}

const paidOnly = "is a key of Flyway's paid editions";

function refused(name: string, reason: string, instead: string, paid = true): ForeignKey {
  return { name, paid, effect: 'refused', reason, instead };
}

function ignored(name: string, reason: string, instead?: string, paid = false): ForeignKey {
  return { name, paid, effect: 'ignored', reason, instead };
}

/** What Flyway knows and this program has no use for, with the reason. An empty value is always accepted. */
export const foreignKeys: readonly ForeignKey[] = [
  refused('cherryPick', paidOnly, 'Use target, or run the other files later with outOfOrder=true.'),
  refused('dryRunOutput', paidOnly, 'See what would run with info, and what it would lock with lint.'),
  refused('errorOverrides', paidOnly, 'Catch the error in the file, in a DO block with EXCEPTION.'),
  refused('errorHandlers', 'was removed from Flyway', 'Catch the error in the file.', false),
  refused(
    'shouldExecute',
    `${paidOnly} and belongs into a file's own .conf`,
    'Write it into <file>.sql.conf.',
  ),
  refused(
    'callbacks',
    'names Java classes',
    'Write SQL callbacks (afterMigrate.sql …) into a location.',
    false,
  ),
  refused('resolvers', 'names Java classes', 'Write SQL migrations.', false),
  refused('migrationResolvers', 'names Java classes', 'Write SQL migrations.', false),
  refused('skipDefaultResolvers', 'would leave no migrations: there are no others', 'Remove it.', false),
  refused(
    'cleanOnValidationError',
    'was removed from Flyway, and would drop a schema by mistake',
    'Run clean.',
    false,
  ),
  refused(
    'ignoreMissingMigrations',
    'was removed from Flyway',
    'Write ignoreMigrationPatterns=*:missing.',
    false,
  ),
  refused(
    'ignoreIgnoredMigrations',
    'was removed from Flyway',
    'Write ignoreMigrationPatterns=*:ignored.',
    false,
  ),
  refused(
    'ignorePendingMigrations',
    'was removed from Flyway',
    'Write ignoreMigrationPatterns=*:pending.',
    false,
  ),
  refused(
    'ignoreFutureMigrations',
    'was removed from Flyway',
    'Write ignoreMigrationPatterns=*:future.',
    false,
  ),
  refused('sqlMigrationSuffix', 'was removed from Flyway', 'Write sqlMigrationSuffixes.', false),
  refused(
    'failOnMissingTarget',
    'was removed from Flyway',
    'Write target=<version>, or <version>? to allow none.',
    false,
  ),
  refused('vault.', paidOnly, 'Give the secret in FLYWAY_PASSWORD or with --password-file.'),
  refused('dapr.', paidOnly, 'Give the secret in FLYWAY_PASSWORD or with --password-file.'),
  refused('gcsm.', paidOnly, 'Give the secret in FLYWAY_PASSWORD or with --password-file.'),
  ignored('licenseKey', paidOnly, 'Remove it: nothing here needs a licence.', true),
  ignored('email', paidOnly, 'Remove it: nothing here needs a licence.', true),
  ignored('token', paidOnly, 'Remove it: nothing here needs a licence.', true),
  ignored('batch', `${paidOnly}; a file is always sent as one message`, undefined, true),
  ignored('stream', `${paidOnly}; files of any size are read`, undefined, true),
  ignored('check.', paidOnly, 'Use lint and drift.', true),
  ignored('plugins.clean.', paidOnly, undefined, true),
  ignored('oracle.', 'is for Oracle; nothing here is'),
  ignored('oracleSqlplus', 'is for Oracle; nothing here is'),
  ignored('oracleSqlplusWarn', 'is for Oracle; nothing here is'),
  ignored('oracleKerberosCacheFile', 'is for Oracle; nothing here is'),
  ignored('oracleWalletLocation', 'is for Oracle; nothing here is'),
  ignored('sqlserver.', 'is for SQL Server; nothing here is'),
  ignored('plugins.', 'is a key of a Flyway plugin'),
  ignored('bigquery.', 'is for BigQuery; nothing here is'),
  ignored('mongodb.', 'is for MongoDB; nothing here is'),
  ignored('nativeConnectors', 'is about the JVM'),
  ignored('kerberosConfigFile', 'is about the JVM', 'Set KRB5_CONFIG in the environment.'),
  ignored('driver', 'names a Java class'),
  ignored('jarDirs', 'is about the JVM'),
  ignored('loggers', 'is about the JVM'),
  ignored('powershellExecutable', 'is for script migrations, which are not run here'),
  ignored('communityDBSupportEnabled', 'is for other databases'),
  ignored('communityDbSupportEnabled', 'is for other databases'),
  ignored('configurations', 'is for Gradle'),
  ignored('outputQueryResults', 'is not needed: results of queries in migrations are not shown'),
  ignored('outputProgress', 'is not needed: progress is shown on a terminal'),
  ignored('outputLogsInJson', 'is not needed: with --json, stdout is one document'),
  ignored('reportEnabled', 'is not needed: no HTML report is written', 'Use --json.'),
  ignored('reportFilename', 'is not needed: no HTML report is written', 'Use --json.'),
  ignored('deployScript.', paidOnly, undefined, true),
  ignored('generate.', paidOnly, undefined, true),
  ignored('prepare.', paidOnly, undefined, true),
  ignored('schemaModelLocation', paidOnly, 'Use drift.', true),
  ignored('propertyResolvers.', 'is about the JVM'),
  ignored('publishResult', paidOnly, undefined, true),
  ignored('pipelineId', paidOnly, undefined, true),
  ignored('displayName', 'is a label'),
];

/** The tables of flyway.toml that Flyway's desktop programs write; they say nothing about migrations. */
export const foreignTables: readonly string[] = [
  'name',
  'id',
  'databaseType',
  'flywayDesktop',
  'redgateCompare',
  'redgateMonitor',
];

/** Variables of images and scripts that begin like a setting and are none. */
export const foreignVariables: readonly string[] = [
  'FLYWAY_HOME',
  'FLYWAY_VERSION',
  'FLYWAY_EDITION',
  'FLYWAY_CLI_VERSION',
  'FLYWAY_JAVA_HOME',
  'FLYWAY_TELEMETRY_DISABLED',
  'FLYWAY_CLIENT_ID',
];

/** The foreign key that a name belongs to. */
export function foreignKey(name: string): ForeignKey | undefined {
  return foreignKeys.find((known) =>
    known.name.endsWith('.') ? name.startsWith(known.name) : name === known.name,
  );
}
