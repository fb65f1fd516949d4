import { defaultSettings } from '../settings.ts';
import type { MigrateSettings } from '../settings.ts';
import { connectionKeys } from './connection-keys.ts';
import type { AnyKey, Key } from './key.ts';
import { key, programKey, tenantryKey } from './key.ts';
import { boolean, duration, integer, list, oneOf, optionalText, text, texts } from './value.ts';

/**
 * Where every setting comes from: one key each, so that a setting without a key does not compile. The parser, the flags,
 * the errors and the reference page are made of this table.
 */
export const settingKeys: { readonly [F in keyof MigrateSettings]: Key<MigrateSettings[F]> } = {
  locations: key('locations', list, {
    meaning:
      'Directories of migrations, searched recursively: `filesystem:` or a bare path; `classpath:` is looked for under `src/main/resources`. `*`, `**` and `?` match',
  }),
  callbackLocations: key('callbackLocations', list, {
    meaning: 'Directories of callbacks besides the locations',
  }),
  failOnMissingLocations: key('failOnMissingLocations', boolean, {
    meaning: 'A location that does not exist is an error instead of a line in the log',
  }),
  workingDirectory: programKey('workingDirectory', text, {
    meaning: 'Relative locations begin here, and configuration files are read from here, too',
    default: 'the current directory',
  }),
  encoding: key('encoding', text, { meaning: 'Encoding of the files' }),
  detectEncoding: key('detectEncoding', boolean, { meaning: 'Find out the encoding of each file' }),
  sqlMigrationPrefix: key('sqlMigrationPrefix', text, {
    meaning: 'Prefix of versioned migrations; may be empty',
  }),
  repeatableSqlMigrationPrefix: key('repeatableSqlMigrationPrefix', text, {
    meaning: 'Prefix of repeatable migrations',
  }),
  baselineMigrationPrefix: key('baselineMigrationPrefix', text, { meaning: 'Prefix of baseline migrations' }),
  undoSqlMigrationPrefix: key('undoSqlMigrationPrefix', text, {
    paid: true,
    meaning: 'Prefix of undo migrations',
  }),
  sqlMigrationSeparator: key('sqlMigrationSeparator', text, {
    meaning: 'What stands between version and description',
  }),
  sqlMigrationSuffixes: key('sqlMigrationSuffixes', list, { meaning: 'Endings of migration files' }),
  validateMigrationNaming: key('validateMigrationNaming', boolean, {
    meaning: 'Files whose name is not that of a migration are an error instead of ignored',
  }),
  schemas: key('schemas', list, {
    scope: 'environment',
    alias: 'schema',
    meaning: 'Schemas to make and to clean; the first is migrated where `defaultSchema` does not name one',
    default: "the connection's current schema",
  }),
  defaultSchema: key('defaultSchema', optionalText, {
    meaning: 'The schema that is migrated and holds the history',
    default: 'the first of `schemas`',
  }),
  createSchemas: key('createSchemas', boolean, { meaning: 'Make the schemas that do not exist' }),
  table: key('table', text, { meaning: 'Name of the history table' }),
  tablespace: key('tablespace', optionalText, {
    meaning: 'Tablespace of the history table',
    default: "the database's",
  }),
  target: key('target', text, {
    meaning:
      'Where to stop: `latest`, `current` (repeatables only), `next`, a version, or a version with `?` (no error where it does not exist)',
  }),
  outOfOrder: key('outOfOrder', boolean, {
    meaning: 'Run migrations with a version below the current one that were not run yet',
  }),
  group: key('group', boolean, { meaning: 'One transaction for all pending migrations' }),
  mixed: key('mixed', boolean, {
    meaning:
      'Allow statements that cannot run in a transaction together with others; the whole file then runs without one',
  }),
  executeInTransaction: key('executeInTransaction', boolean, {
    meaning: 'Run each migration in a transaction; a file can say otherwise in its `.conf`',
  }),
  baselineOnMigrate: key('baselineOnMigrate', boolean, {
    meaning: 'Baseline a schema that has objects but no history, instead of refusing it',
  }),
  baselineVersion: key('baselineVersion', text, { meaning: 'Version that `baseline` writes' }),
  baselineDescription: key('baselineDescription', text, { meaning: 'Description that `baseline` writes' }),
  validateOnMigrate: key('validateOnMigrate', boolean, { meaning: 'Validate before migrating' }),
  ignoreMigrationPatterns: key('ignoreMigrationPatterns', list, {
    meaning:
      'What `validate` and `repair` do not mind, as `type:state`: `*`, `versioned` or `repeatable` and `*`, `missing`, `pending`, `ignored` or `future`',
  }),
  skipExecutingMigrations: key('skipExecutingMigrations', boolean, {
    meaning: 'Write the history without running the files',
  }),
  cleanDisabled: key('cleanDisabled', boolean, { meaning: 'Refuse `clean`' }),
  installedBy: key('installedBy', optionalText, {
    meaning: 'Who the history names',
    default: 'the current role',
  }),
  initSql: key('initSql', optionalText, {
    scope: 'environment',
    meaning: 'SQL that runs when a connection was made, as `SET ROLE app_owner`',
    default: 'none',
  }),
  placeholderReplacement: key('placeholderReplacement', boolean, { meaning: 'Replace placeholders' }),
  placeholderPrefix: key('placeholderPrefix', text, { meaning: 'What a placeholder begins with' }),
  placeholderSuffix: key('placeholderSuffix', text, { meaning: 'What a placeholder ends with' }),
  placeholderSeparator: key('placeholderSeparator', text, {
    meaning: "What stands between `flyway` and the name in Flyway's own placeholders",
  }),
  scriptPlaceholderPrefix: key('scriptPlaceholderPrefix', text, {
    meaning: 'What a placeholder begins with in scripts that are no SQL',
  }),
  scriptPlaceholderSuffix: key('scriptPlaceholderSuffix', text, {
    meaning: 'What a placeholder ends with in scripts that are no SQL',
  }),
  placeholders: key('placeholders', texts, {
    meaning: 'Values of placeholders; names are the same in upper and lower case',
    default: 'none',
  }),
  environment: key('environment', text, {
    meaning: 'The `[environments.…]` of flyway.toml that is used; also the placeholder `flyway:environment`',
  }),
  skipDefaultCallbacks: key('skipDefaultCallbacks', boolean, { meaning: 'Run no callbacks' }),
  lockRetryCount: key('lockRetryCount', integer(-1), {
    meaning: 'Seconds to wait for another migration of the schema; -1 waits for ever',
  }),
  transactionalLock: key('postgresql.transactional.lock', boolean, {
    meaning: 'Accepted; with neither value `CREATE INDEX CONCURRENTLY` waits for itself here',
  }),
  lockTimeout: tenantryKey('lockTimeout', duration, {
    meaning:
      'How long a statement waits for a lock before the migration is rolled back and tried again; 0 waits for ever',
    default: '5s',
  }),
  lockTimeoutRetries: tenantryKey('lockTimeoutRetries', integer(0), {
    meaning: 'How often a migration that met `lockTimeout` is tried again',
  }),
  undoRecord: tenantryKey('undoRecord', oneOf(['delete-marker', 'undo-sql']), {
    meaning:
      "How `undo` is recorded: as the marker that open-source Flyway reads, or as the rows of Flyway's paid editions, on which the open-source one fails",
  }),
  contained: tenantryKey('contained', boolean, {
    meaning: 'Refuse what a migration makes or changes outside its schema',
  }),
};

/** Every key that does something, in the order of the reference page. */
export const keys: readonly AnyKey[] = [...Object.values(connectionKeys), ...Object.values(settingKeys)];

/** The default of a setting in words. */
export function defaultOf({ name, default: words }: AnyKey): string {
  if (words !== undefined) return words;
  const field = Object.entries(settingKeys).find(([, { name: of }]) => of === name)?.[0];
  const value = field === undefined ? null : defaultSettings[field as keyof MigrateSettings];
  if (Array.isArray(value) && value.length > 0) return value.join(',');
  return value === null || typeof value === 'object' ? 'none' : String(value);
}
