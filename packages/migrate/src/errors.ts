/** Stable codes of every refusal of this package. */
export type MigrateErrorCode =
  | 'MIGRATIONS_MISSING'
  | 'MIGRATIONS_EMPTY'
  | 'MIGRATION_NAME_INVALID'
  | 'MIGRATION_DUPLICATE_VERSION'
  | 'MIGRATION_DUPLICATE_REPEATABLE'
  | 'MIGRATION_ENCODING'
  | 'MIGRATION_PLACEHOLDER_MISSING'
  | 'MIGRATION_SYNTAX'
  | 'MIGRATION_LINT'
  | 'MIGRATION_NOT_CONTAINED'
  | 'MIGRATION_FAILED'
  | 'MIGRATION_LOCKED';

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
  }
}

function withPlace(message: string, { file, line }: MigrateErrorDetails): string {
  if (file === undefined) return message;
  return line === undefined ? `${file}: ${message}` : `${file}, line ${line}: ${message}`;
}
