/**
 * What can be wrong with an embedded PostgreSQL, as codes a program can branch on.
 *
 * | code | meaning |
 * |---|---|
 * | `EMBEDDED_PORT_TAKEN` | another program listens on the wanted port |
 * | `EMBEDDED_HOME_UNUSABLE` | the directory cannot be created, read, or holds something else |
 * | `EMBEDDED_PLATFORM_UNSUPPORTED` | there are no PostgreSQL binaries for this machine |
 * | `EMBEDDED_START_FAILED` | PostgreSQL ended, or was not ready in time; `logLines` tells why |
 * | `EMBEDDED_ALREADY_RUNNING` | another process (`pid`) uses this directory |
 */
export type EmbeddedErrorCode =
  | 'EMBEDDED_PORT_TAKEN'
  | 'EMBEDDED_HOME_UNUSABLE'
  | 'EMBEDDED_PLATFORM_UNSUPPORTED'
  | 'EMBEDDED_START_FAILED'
  | 'EMBEDDED_ALREADY_RUNNING';

/** What an {@link EmbeddedError} may carry beside its code and message. */
export interface EmbeddedErrorDetails {
  /** The process that holds the directory (`EMBEDDED_ALREADY_RUNNING`). */
  readonly pid?: number;
  /** The last lines PostgreSQL wrote before it ended (`EMBEDDED_START_FAILED`). */
  readonly logLines?: readonly string[];
  readonly cause?: unknown;
}

/**
 * Thrown by everything in `@tenantry/tenancy/embedded`. The message says what to do next.
 *
 * @example
 * ```ts
 * await startPostgres({ dataDirectory, port: 5432 }).catch((error: unknown) => {
 *   if (error instanceof EmbeddedError && error.code === 'EMBEDDED_PORT_TAKEN') return startElsewhere();
 *   throw error;
 * });
 * ```
 */
export class EmbeddedError extends Error {
  readonly code: EmbeddedErrorCode;
  readonly pid: number | undefined;
  readonly logLines: readonly string[];

  constructor(code: EmbeddedErrorCode, message: string, details: EmbeddedErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'EmbeddedError';
    this.code = code;
    this.pid = details.pid;
    this.logLines = details.logLines ?? [];
  }
}

/** The `code` of a Node.js system error (`ENOENT`, `EACCES`…), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
