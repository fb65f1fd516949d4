/** What can go wrong with a run, as stable codes. What it finds is no error. */
export type IsolationErrorCode =
  /** An option, a file or a command is not usable. */
  | 'ISOLATION_OPTION'
  /** The database cannot be reached, or refuses the login. */
  | 'ISOLATION_UNREACHABLE'
  /** The login may not do what a run needs. */
  | 'ISOLATION_RIGHTS'
  /** The credential key is not the cell's. */
  | 'ISOLATION_CREDENTIAL_KEY'
  /** The person stopped it. */
  | 'ISOLATION_INTERRUPTED';

/** An error of a run. Its message says what to do now, and holds no secret. */
export class IsolationError extends Error {
  override readonly name = 'IsolationError';
  readonly code: IsolationErrorCode;

  constructor(code: IsolationErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
