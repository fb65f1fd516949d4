/** Stable codes of everything that can be wrong with a configuration. */
export type ConfigErrorCode =
  | 'CONFIG_KEY_UNKNOWN'
  | 'CONFIG_KEY_UNSUPPORTED'
  | 'CONFIG_VALUE_INVALID'
  | 'CONFIG_FILE_MISSING'
  | 'CONFIG_FILE_INVALID'
  | 'CONFIG_ENVIRONMENT_UNKNOWN'
  | 'CONFIG_URL_INVALID'
  | 'CONFIG_URL_MISSING';

/** One thing that is wrong, and where. */
export interface ConfigProblem {
  readonly code: ConfigErrorCode;
  readonly message: string;
  /** The file as it was named, or `FLYWAY_…` or `command line`. */
  readonly file?: string | undefined;
  /** From 1; only where the format tells. */
  readonly line?: number | undefined;
  /** What to do next. */
  readonly hint?: string | undefined;
}

/**
 * A configuration that cannot be used. All that is wrong is found at once: `problems`; the other fields are those of the
 * first. Never holds a password.
 *
 * @example
 * ```ts
 * catch (error) {
 *   if (error instanceof ConfigError) console.error(error.code, error.message, error.hint);
 * }
 * // CONFIG_KEY_UNKNOWN flyway.conf:3: There is no key flyway.outOfOrdr.  Did you mean flyway.outOfOrder?
 * ```
 */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode;
  /** Flyway's own error code for all of these. */
  readonly flywayCode = 'CONFIGURATION';
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly hint: string | undefined;
  readonly problems: readonly ConfigProblem[];

  constructor(first: ConfigProblem, ...more: readonly ConfigProblem[]) {
    super([first, ...more].map(describe).join('\n'));
    this.name = 'ConfigError';
    this.code = first.code;
    this.file = first.file;
    this.line = first.line;
    this.hint = first.hint;
    this.problems = [first, ...more];
  }
}

function describe({ file, line, message }: ConfigProblem): string {
  if (file === undefined) return message;
  return line === undefined ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}
