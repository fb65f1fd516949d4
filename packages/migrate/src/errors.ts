/** Stable codes of every refusal of this package. */
export type MigrateErrorCode =
  | 'MIGRATIONS_MISSING'
  | 'MIGRATIONS_EMPTY'
  | 'MIGRATION_NAME_INVALID'
  | 'MIGRATION_DUPLICATE_VERSION'
  | 'MIGRATION_DUPLICATE_REPEATABLE'
  | 'MIGRATION_DUPLICATE_CALLBACK'
  | 'MIGRATION_ENCODING'
  | 'MIGRATION_SCRIPT_CONFIG'
  | 'MIGRATION_NOT_SQL'
  | 'MIGRATION_PLACEHOLDER_MISSING'
  | 'MIGRATION_SYNTAX'
  | 'MIGRATION_LINT'
  | 'MIGRATION_NOT_CONTAINED'
  | 'MIGRATION_FAILED'
  /** Another migration of the schema is running. */
  | 'MIGRATION_LOCKED'
  /** A statement waited for a lock longer than `lockTimeout`, also when it was tried again. */
  | 'MIGRATION_LOCK_TIMEOUT'
  /** History and files do not fit together; `problems` says where. */
  | 'MIGRATION_VALIDATION'
  /** The history holds a migration that failed half-way. */
  | 'MIGRATION_HISTORY_FAILED'
  | 'MIGRATION_HISTORY_UNREADABLE'
  | 'MIGRATION_TARGET_MISSING'
  | 'MIGRATION_PATTERN_INVALID'
  /** Statements that need a transaction and statements that refuse one, in one script or group. */
  | 'MIGRATION_MIXED'
  | 'MIGRATION_SCHEMA_NOT_EMPTY'
  /** No schema is named and the connection has none. */
  | 'MIGRATION_SCHEMA_UNKNOWN'
  | 'MIGRATION_CALLBACK_FAILED'
  | 'MIGRATION_BASELINE_REFUSED'
  | 'MIGRATION_CLEAN_DISABLED'
  | 'MIGRATION_UNDO_MISSING'
  | 'SCHEMA_MISSING'
  | 'SCHEMA_FORBIDDEN';

/** Names of Flyway's error codes, as they stand in its JSON output. */
export type FlywayErrorCode =
  | 'CHECKSUM_MISMATCH'
  | 'CONFIGURATION'
  | 'DB_CONNECTION'
  | 'DESCRIPTION_MISMATCH'
  | 'DUPLICATE_DELETED_MIGRATION'
  | 'DUPLICATE_REPEATABLE_MIGRATION'
  | 'DUPLICATE_UNDO_MIGRATION'
  | 'DUPLICATE_VERSIONED_MIGRATION'
  | 'ERROR'
  | 'FAILED_REPEATABLE_MIGRATION'
  | 'FAILED_VERSIONED_MIGRATION'
  | 'NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE'
  | 'SCHEMA_DOES_NOT_EXIST'
  | 'VALIDATE_ERROR';

/** One migration that does not fit its history row, as `validate` lists it. */
export interface MigrateProblem {
  readonly version: string | null;
  readonly description: string;
  readonly script: string;
  /** Flyway's name, such as CHECKSUM_MISMATCH. */
  readonly code: string;
  readonly message: string;
}

/** Where and why; every part is absent where it is not known. */
export interface MigrateErrorDetails {
  /** Path of the file relative to its location, as in the history's `script`. */
  readonly file?: string | undefined;
  /** Line in that file, from 1. */
  readonly line?: number | undefined;
  /** The first 200 characters of the statement. */
  readonly statement?: string | undefined;
  readonly sqlState?: string | undefined;
  /** What to do next. */
  readonly hint?: string | undefined;
  /** The lint rule, with MIGRATION_LINT and MIGRATION_NOT_CONTAINED. */
  readonly rule?: string | undefined;
  /** Flyway's code for the same thing; the message is then Flyway's own, without file and line before it. */
  readonly flywayCode?: FlywayErrorCode | undefined;
  /** With MIGRATION_VALIDATION. */
  readonly problems?: readonly MigrateProblem[] | undefined;
  readonly cause?: unknown;
}

const STATEMENT_LENGTH = 200;

/**
 * Every error this package throws on purpose. `code` is stable; `message` says what is wrong and where.
 *
 * @example
 * ```ts
 * catch (error) {
 *   if (error instanceof MigrateError) console.error(error.code, error.file, error.line, error.message);
 * }
 * // MIGRATION_FAILED V7__orders.sql 40 V7__orders.sql, line 40: relation "customer" does not exist
 * ```
 */
export class MigrateError extends Error {
  readonly code: MigrateErrorCode;
  readonly file?: string;
  readonly line?: number;
  readonly statement?: string;
  readonly sqlState?: string;
  readonly hint?: string;
  readonly rule?: string;
  readonly flywayCode?: FlywayErrorCode;
  readonly problems?: readonly MigrateProblem[];
  /** What error callbacks failed with after this error; they never replace it. */
  readonly callbackErrors: MigrateError[] = [];

  constructor(code: MigrateErrorCode, message: string, details: MigrateErrorDetails = {}) {
    super(withPlace(message, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'MigrateError';
    this.code = code;
    if (details.file !== undefined) this.file = details.file;
    if (details.line !== undefined) this.line = details.line;
    if (details.statement !== undefined) this.statement = details.statement.slice(0, STATEMENT_LENGTH);
    if (details.sqlState !== undefined) this.sqlState = details.sqlState;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.rule !== undefined) this.rule = details.rule;
    if (details.flywayCode !== undefined) this.flywayCode = details.flywayCode;
    if (details.problems !== undefined) this.problems = details.problems;
  }
}

function withPlace(message: string, { file, line, flywayCode }: MigrateErrorDetails): string {
  if (file === undefined || flywayCode !== undefined) return message;
  return line === undefined ? `${file}: ${message}` : `${file}, line ${line}: ${message}`;
}
