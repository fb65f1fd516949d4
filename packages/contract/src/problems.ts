/**
 * Every error the API can answer with: stable code → HTTP status and title.
 *
 * The code is the contract; titles may be reworded. A problem body is RFC 9457 `application/problem+json`.
 */
export const problems = {
  VALIDATION: { status: 400, title: 'The request does not have the documented form' },
  BODY_TOO_LARGE: { status: 413, title: 'The request body is larger than the limit' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'Send the body as application/json' },
  UNAUTHENTICATED: { status: 401, title: 'Send a valid API key as "Authorization: Bearer <token>"' },
  FORBIDDEN: { status: 403, title: 'The API key does not allow this' },
  NOT_FOUND: { status: 404, title: 'There is nothing at this address' },
  TENANT_NOT_FOUND: { status: 404, title: 'There is no such tenant' },
  OPERATION_NOT_FOUND: { status: 404, title: 'There is no such operation' },
  AUDIT_EVENT_NOT_FOUND: { status: 404, title: 'There is no such audit event' },
  CELL_NOT_FOUND: { status: 404, title: 'There is no such cell' },
  FINDING_NOT_FOUND: { status: 404, title: 'There is no such finding' },
  CHECK_NOT_FOUND: { status: 404, title: 'There is no such check' },
  EVIDENCE_NOT_FOUND: { status: 404, title: 'There is no such report' },
  RUN_NOT_FOUND: { status: 404, title: 'There is no such run' },
  FINDING_STATE_CONFLICT: { status: 409, title: 'The finding is not in a state that allows this' },
  READER_NOT_FOUND: { status: 404, title: 'There is no such reader' },
  SESSION_NOT_FOUND: { status: 404, title: 'There is no such session' },
  SIGN_IN_REFUSED: { status: 401, title: 'The API key or the code is not valid' },
  CSRF_REFUSED: { status: 403, title: 'The request did not come from the console' },
  SANDBOX_ONLY: { status: 409, title: 'Only sandbox tenants can be queried in the playground' },
  PLAYGROUND_BUSY: { status: 429, title: 'Too many queries run in the playground' },
  KEY_NOT_FOUND: { status: 404, title: 'There is no such API key' },
  DOMAIN_NOT_FOUND: { status: 404, title: 'The tenant does not have this domain' },
  DOMAIN_INVALID: { status: 422, title: 'The domain cannot be used' },
  DOMAIN_TAKEN: { status: 409, title: 'Another tenant has this domain' },
  SLUG_INVALID: { status: 422, title: 'The slug cannot be used' },
  SLUG_RESERVED: { status: 422, title: 'The slug is reserved' },
  SLUG_TAKEN: { status: 409, title: 'Another tenant has this slug' },
  SLUG_RETIRED: { status: 409, title: 'The slug belonged to a tenant that was purged' },
  TENANT_STATE_CONFLICT: { status: 409, title: 'The tenant is not in a state that allows this' },
  TENANT_BUSY: { status: 409, title: 'Another operation on this tenant is not finished' },
  CONFIRMATION_REQUIRED: { status: 422, title: 'The confirmation does not name the tenant' },
  GRACE_PERIOD: { status: 409, title: 'The grace period of the deletion has not ended' },
  VERSION_CONFLICT: { status: 412, title: 'The tenant has changed since it was read' },
  OPERATION_STATE_CONFLICT: { status: 409, title: 'The operation is not in a state that allows this' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The Idempotency-Key was used with another request' },
  CURSOR_INVALID: { status: 400, title: 'The cursor is not one that this list gave' },
  CELL_NAME_TAKEN: { status: 409, title: 'Another cell has this name' },
  CELL_DATABASE_TAKEN: { status: 409, title: 'Another cell has this database' },
  CELL_UNREACHABLE: { status: 503, title: 'The cell cannot be reached' },
  CELL_LOGIN_REFUSED: { status: 422, title: 'The cell refused the login' },
  CELL_VERSION_UNSUPPORTED: { status: 422, title: 'The cell runs a PostgreSQL that is too old' },
  CELL_UNFIT: { status: 422, title: 'The cell lacks privileges that Tenantry needs' },
  CELL_FULL: { status: 503, title: 'The cell has no room left' },
  MIGRATIONS_MISSING: { status: 422, title: 'The migration directory does not exist' },
  MIGRATIONS_EMPTY: { status: 422, title: 'The migration directory holds no migration' },
  MIGRATION_NAME_INVALID: { status: 422, title: 'A file in the migration directory has no valid name' },
  MIGRATION_DUPLICATE_VERSION: { status: 422, title: 'Two migrations have the same version' },
  MIGRATION_DUPLICATE_REPEATABLE: {
    status: 422,
    title: 'Two repeatable migrations have the same description',
  },
  MIGRATION_ENCODING: { status: 422, title: 'A migration is not valid in its encoding' },
  MIGRATION_PLACEHOLDER_MISSING: { status: 422, title: 'A placeholder has no value' },
  MIGRATION_SYNTAX: { status: 422, title: 'A migration is not valid SQL' },
  MIGRATION_LINT: { status: 422, title: 'A migration does what a tenant migration must not do' },
  MIGRATION_NOT_CONTAINED: { status: 422, title: "A migration reaches outside the tenant's schema" },
  MIGRATION_FAILED: { status: 422, title: 'PostgreSQL refused a migration' },
  MIGRATION_LOCKED: { status: 503, title: 'Another migration of the same schema is running' },
  MIGRATION_CHECKSUM_CHANGED: { status: 422, title: 'A migration that tenants already have was changed' },
  ISOLATION_RUN_FAILED: { status: 500, title: 'A part of the verification could not be run' },
  ISOLATION_PROBE_FAILED: { status: 500, title: 'The isolation probe of the new tenant failed' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  SHUTTING_DOWN: { status: 503, title: 'The control plane is shutting down' },
  DATABASE_UNAVAILABLE: { status: 503, title: 'PostgreSQL cannot be reached' },
  CANCELLED: { status: 409, title: 'The operation was cancelled' },
  INTERNAL: { status: 500, title: 'Something went wrong in the control plane' },
} as const satisfies Record<string, { status: number; title: string }>;

/** The stable code of a problem. */
export type ProblemCode = keyof typeof problems;

/** True when a text is one of the codes above. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}
