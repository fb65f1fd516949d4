import { isTenancyError, type TenancyErrorCode } from '../errors.ts';

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
 * application's 500. The message of a 5xx stays with the operator.
 *
 * ```ts
 * const problem = problemOf(error);
 * if (problem) response.writeHead(problem.status, problem.headers).end(JSON.stringify(problem.body));
 * ```
 */
export function problemOf(error: unknown): Problem | undefined {
  if (!isTenancyError(error)) return undefined;
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
