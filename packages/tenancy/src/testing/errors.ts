/**
 * What the testing kit refuses, as a stable code.
 *
 * | code | meaning |
 * |---|---|
 * | `TESTING_SERVER` | the PostgreSQL that was given cannot be used; the message has the SQL that mends it |
 * | `TESTING_SCHEMA` | `schema` failed, so that there is no tenant; `cause` is what it failed with |
 * | `TESTING_PLANT` | no canary could be put into a table; pass `plant` |
 * | `TESTING_OPTION` | an option or argument is not usable |
 */
export type TestingErrorCode = 'TESTING_SERVER' | 'TESTING_SCHEMA' | 'TESTING_PLANT' | 'TESTING_OPTION';

/**
 * Thrown by everything in `@tenantry/tenancy/testing` but {@link IsolationError}. The message says what to do next.
 *
 * ```ts
 * catch (error) {
 *   if (error instanceof TestingError && error.code === 'TESTING_SCHEMA') console.error(error.sqlState, error.message);
 * }
 * ```
 */
export class TestingError extends Error {
  override readonly name = 'TestingError';
  readonly code: TestingErrorCode;
  /** PostgreSQL's own code, where it refused something. */
  readonly sqlState: string | undefined;

  constructor(
    code: TestingErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly sqlState?: string | undefined } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.sqlState = options.sqlState;
  }
}
