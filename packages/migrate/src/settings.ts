/** How an undo is recorded: as Flyway's DELETE marker, which its open-source edition reads, or as its paid edition does. */
export type UndoRecord = 'delete-marker' | 'undo-sql';

/** Every setting of the commands, by Flyway's name where it has one. */
export interface MigrateSettings {
  /** Where migrations are, as `filesystem:sql`, `classpath:db/migration` or a bare path; with `*`, `**` and `?`. */
  readonly locations: readonly string[];
  readonly failOnMissingLocations: boolean;
  /** Locations with a relative path begin here. */
  readonly workingDirectory: string;
  readonly encoding: string;
  readonly detectEncoding: boolean;
  readonly sqlMigrationPrefix: string;
  readonly repeatableSqlMigrationPrefix: string;
  readonly baselineMigrationPrefix: string;
  readonly undoSqlMigrationPrefix: string;
  readonly sqlMigrationSeparator: string;
  readonly sqlMigrationSuffixes: readonly string[];
  readonly validateMigrationNaming: boolean;
  /** The schemas that are made and cleaned; the first holds the history where `defaultSchema` is null. */
  readonly schemas: readonly string[];
  readonly defaultSchema: string | null;
  readonly createSchemas: boolean;
  readonly table: string;
  readonly tablespace: string | null;
  /** `latest`, `current`, `next`, a version, or a version with `?` behind it. */
  readonly target: string;
  readonly outOfOrder: boolean;
  readonly group: boolean;
  readonly mixed: boolean;
  readonly executeInTransaction: boolean;
  readonly baselineOnMigrate: boolean;
  readonly baselineVersion: string;
  readonly baselineDescription: string;
  readonly validateOnMigrate: boolean;
  readonly ignoreMigrationPatterns: readonly string[];
  readonly skipExecutingMigrations: boolean;
  readonly cleanDisabled: boolean;
  readonly installedBy: string | null;
  readonly initSql: string | null;
  readonly placeholderReplacement: boolean;
  readonly placeholderPrefix: string;
  readonly placeholderSuffix: string;
  readonly placeholderSeparator: string;
  readonly scriptPlaceholderPrefix: string;
  readonly scriptPlaceholderSuffix: string;
  readonly placeholders: Readonly<Record<string, string>>;
  readonly environment: string;
  readonly callbackLocations: readonly string[];
  readonly skipDefaultCallbacks: boolean;
  /** Seconds to wait for another migration of the schema; -1 waits for ever. */
  readonly lockRetryCount: number;
  /** `flyway.postgresql.transactional.lock`: accepted; neither value can make CONCURRENTLY hang here. */
  readonly transactionalLock: boolean;
  /** Milliseconds that a statement waits for a lock before the transaction is rolled back and tried again; 0 waits for ever. */
  readonly lockTimeout: number;
  /** How often a migration that met `lockTimeout` is tried again. */
  readonly lockTimeoutRetries: number;
  readonly undoRecord: UndoRecord;
  /** Refuse what a migration makes or changes outside its schema. */
  readonly contained: boolean;
}

/** Flyway's defaults, and ours for what it does not have. */
export const defaultSettings: MigrateSettings = {
  locations: ['filesystem:sql'],
  failOnMissingLocations: false,
  workingDirectory: process.cwd(),
  encoding: 'UTF-8',
  detectEncoding: false,
  sqlMigrationPrefix: 'V',
  repeatableSqlMigrationPrefix: 'R',
  baselineMigrationPrefix: 'B',
  undoSqlMigrationPrefix: 'U',
  sqlMigrationSeparator: '__',
  sqlMigrationSuffixes: ['.sql'],
  validateMigrationNaming: false,
  schemas: [],
  defaultSchema: null,
  createSchemas: true,
  table: 'flyway_schema_history',
  tablespace: null,
  target: 'latest',
  outOfOrder: false,
  group: false,
  mixed: false,
  executeInTransaction: true,
  baselineOnMigrate: false,
  baselineVersion: '1',
  baselineDescription: '<< Flyway Baseline >>',
  validateOnMigrate: true,
  ignoreMigrationPatterns: ['*:future'],
  skipExecutingMigrations: false,
  cleanDisabled: true,
  installedBy: null,
  initSql: null,
  placeholderReplacement: true,
  placeholderPrefix: '${',
  placeholderSuffix: '}',
  placeholderSeparator: ':',
  scriptPlaceholderPrefix: 'FP__',
  scriptPlaceholderSuffix: '__',
  placeholders: {},
  environment: 'default',
  callbackLocations: [],
  skipDefaultCallbacks: false,
  lockRetryCount: 50,
  transactionalLock: true,
  lockTimeout: 5_000,
  lockTimeoutRetries: 10,
  undoRecord: 'delete-marker',
  contained: false,
};
