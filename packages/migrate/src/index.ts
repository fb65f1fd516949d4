/** Flyway-compatible migrations for PostgreSQL: a connection, a schema, a directory. */
export { baseline } from './commands/baseline.ts';
export { clean } from './commands/clean.ts';
export { info } from './commands/info.ts';
export type { InfoResult } from './commands/info.ts';
export { migrate } from './commands/migrate.ts';
export { repair } from './commands/repair.ts';
export type {
  BaselineResult,
  CleanResult,
  MigrateResult,
  MigrationOutput,
  OperationResult,
  RepairOutput,
  RepairResult,
  UndoResult,
  ValidateResult,
} from './commands/results.ts';
export { undo } from './commands/undo.ts';
export { validate } from './commands/validate.ts';
export type { LogLevel, LogLine, LogListener } from './execute/log.ts';
export type { AppliedMigration } from './history/types.ts';
export type { MigrationInfo, MigrationInfoList } from './info/list.ts';
export { toJson, toTable } from './info/render.ts';
export type { MigrationState } from './info/state.ts';
export { defaultSettings } from './settings.ts';
export type { MigrateSettings, UndoRecord } from './settings.ts';
export { applyToEmptySchema } from './apply.ts';
export type { ApplyResult } from './apply.ts';
export { checksum } from './checksum.ts';
export { runDeferred } from './deferred.ts';
export type { DeferredStatement } from './deferred.ts';
export { MigrateError } from './errors.ts';
export type { FlywayErrorCode, MigrateErrorCode, MigrateErrorDetails, MigrateProblem } from './errors.ts';
export { forecast } from './forecast.ts';
export type { ForecastFile } from './forecast.ts';
export { parseFileName } from './filename.ts';
export type { FileName, NamingOptions } from './filename.ts';
export type { Revision } from './history.ts';
export { lintMigrations } from './lint.ts';
export type { LintFinding } from './lint/judge.ts';
export type { LintRule, LintSeverity } from './lint/observation.ts';
export { loadMigrations } from './load.ts';
export type { IgnoredFile, LoadOptions, Migration, MigrationKind, MigrationSet } from './load.ts';
export { advisoryKey } from './lock.ts';
export type { ApplyOptions } from './options.ts';
export { checksumFor } from './prepare.ts';
export { splitScript } from './split.ts';
export type { CopyData, Statement } from './split.ts';
export { compareVersions } from './version.ts';
export { ConfigError } from './config/error.ts';
export type { ConfigErrorCode, ConfigProblem } from './config/error.ts';
export { loadConfiguration } from './config/load.ts';
export type { Configuration, ConfigSources } from './config/load.ts';
export { connectionTarget } from './config/target.ts';
export type { ConnectionTarget } from './config/target.ts';
export { diffSchemas, fingerprint, renderDiff, renderDiffJson, snapshotSchema } from './drift/index.ts';
export type { Difference, SchemaSnapshot, SnapshotOptions } from './drift/index.ts';
export { lintFiles } from './lint/files.ts';
export type { Finding } from './lint/finding.ts';
export type { LintFile, LintFilesOptions, LintReport } from './lint/options.ts';
export { toLintJson } from './lint/output/json.ts';
export { toSarif } from './lint/output/sarif.ts';
export { toLintTable } from './lint/output/table.ts';
