import { isTenancyError, tenantNotFound, type TenancyErrorCode } from '../errors.ts';

/** An answer to a request that was refused: RFC 9457. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly type: 'about:blank';
    readonly title: string;
    readonly status: number;
    readonly code: TenancyErrorCode;
    readonly detail: string;
  };
}

const titles: { readonly [code in TenancyErrorCode]?: readonly [status: number, title: string] } = {
  TENANT_NOT_FOUND: [404, 'There is no such tenant'],
  TENANT_SOURCE_CONFLICT: [400, 'The request names different tenants'],
  TENANT_SOURCE_INVALID: [400, 'The tenant of the request cannot be told'],
  TENANCY_CONTROL_PLANE: [503, 'Not available at the moment'],
  TENANCY_ACQUIRE_TIMEOUT: [503, 'Not available at the moment'],
  TENANCY_POOL_SUSPENDED: [503, 'Not available at the moment'],
  TENANCY_CLOSED: [503, 'Not available at the moment'],
};

/**
 * What a caller is told about an error, or undefined for one that is a defect or the operator's affair: that is the
 * application's 500. The message of a 5xx stays with the operator. What a data library has put around an error of a query is
 * looked through, unless it has a status of its own.
 *
 * ```ts
 * const problem = problemOf(error);
 * if (problem) response.writeHead(problem.status, problem.headers).end(JSON.stringify(problem.body));
 * ```
 */
export function problemOf(given: unknown): Problem | undefined {
  const error = refusalIn(given);
  if (error === undefined) return undefined;
  const known = titles[error.code];
  if (known === undefined) return undefined;
  const [usual, title] = known;
  const isUnauthorized =
    error.code === 'TENANT_SOURCE_INVALID' && (error as { status?: unknown }).status === 401;
  const status = isUnauthorized ? 401 : usual;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 503 ? { 'retry-after': '1' } : {}),
    },
    body: {
      type: 'about:blank',
      title,
      status,
      code: error.code,
      detail: status === 503 ? 'Try again in a moment.' : error.message,
    },
  };
}

/** What libraries wrap a query's error in is not deeper than this. */
const deepest = 5;

interface Refusal {
  readonly code: TenancyErrorCode;
  readonly message: string;
}

/** The error of ours in what was thrown. Prisma keeps nothing of it but the code, and has a message with the query in it. */
function refusalIn(given: unknown): Refusal | undefined {
  for (
    let error = given, depth = 0;
    error instanceof Error && depth < deepest;
    error = error.cause, depth++
  ) {
    if (isTenancyError(error)) return error;
    const { code, status, statusCode } = error as { code?: unknown; status?: unknown; statusCode?: unknown };
    if (typeof status === 'number' || typeof statusCode === 'number') return undefined;
    if (code === 'TENANT_NOT_FOUND') return tenantNotFound();
    if (typeof code === 'string' && titles[code as TenancyErrorCode]?.[0] === 503)
      return { code: code as TenancyErrorCode, message: '' };
  }
  return undefined;
}
