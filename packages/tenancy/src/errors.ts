/** What went wrong, as a stable code; {@link TenancyError} says for each what to do next. */
export type TenancyErrorCode =
  /** A query was made outside `tenancy.run`. */
  | 'TENANT_CONTEXT_MISSING'
  /** Work of one tenant tried to begin inside the context of another. */
  | 'TENANT_CONTEXT_CONFLICT'
  /** Unknown, suspended, deleted or forbidden: one and the same. */
  | 'TENANT_NOT_FOUND'
  /** Two sources of a request name different tenants. */
  | 'TENANT_SOURCE_CONFLICT'
  /** A source of a request is present and cannot be trusted. */
  | 'TENANT_SOURCE_INVALID'
  /** No connection became free in time. */
  | 'TENANCY_ACQUIRE_TIMEOUT'
  /** The pool was suspended by the application. */
  | 'TENANCY_POOL_SUSPENDED'
  /** The tenancy, or a client of it, was closed or released. */
  | 'TENANCY_CLOSED'
  /** The connection broke while a statement was under way. */
  | 'TENANCY_CONNECTION_LOST'
  /** A statement took longer than it may. */
  | 'TENANCY_QUERY_TIMEOUT'
  /** Something would have let a connection serve somebody whose it is not. */
  | 'TENANCY_LANE_VIOLATION'
  /** PostgreSQL refused a derived password. */
  | 'TENANCY_CREDENTIAL'
  /** The connection broke during COMMIT, so nobody knows whether it took effect. */
  | 'TENANCY_COMMIT_UNKNOWN'
  /** The control plane cannot be reached, and nothing is cached. */
  | 'TENANCY_CONTROL_PLANE'
  /** An option or argument is not usable. */
  | 'TENANCY_OPTION';

/**
 * Every error that the library itself raises. What PostgreSQL answers to a statement comes through untouched, as the
 * `DatabaseError` of `pg`.
 *
 * ```ts
 * if (isTenancyError(error) && error.code === 'TENANT_NOT_FOUND') reply.code(404);
 * ```
 */
export class TenancyError extends Error {
  override readonly name = 'TenancyError';
  readonly code: TenancyErrorCode;

  constructor(code: TenancyErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** True for an error of this library, also of another copy of it in the same process. */
export function isTenancyError(error: unknown): error is TenancyError {
  return error instanceof Error && error.name === 'TenancyError' && 'code' in error;
}

/** The SQLSTATE of an error of PostgreSQL, or undefined for any other. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code } = error as { readonly code?: unknown };
  // With a digit, which every SQLSTATE has and EPIPE has not.
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The one answer for a tenant that is unknown, suspended, deleted or not the caller's. */
export function tenantNotFound(): TenancyError {
  return new TenancyError(
    'TENANT_NOT_FOUND',
    'There is no such tenant, or it is not open to you. Check the reference, and that the tenant is active.',
  );
}
