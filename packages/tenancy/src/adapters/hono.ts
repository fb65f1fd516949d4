import type { Context, ErrorHandler, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { problemOf } from '../resolve/problem.ts';
import { fetchRequest } from '../resolve/request.ts';
import type { Resolution } from '../resolve/resolver.ts';
import { enter, type WebOptions } from './enter.ts';

/** Variables of the context behind {@link tenancyMiddleware}: `new Hono<TenancyEnv>()`. */
export interface TenancyEnv {
  Variables: { tenant: Resolution };
}

/**
 * Runs everything behind it as the tenant of the request; a request without one is refused.
 *
 * ```ts
 * const app = new Hono<TenancyEnv>();
 * app.use(withoutTenant(tenancy));
 * app.get('/health', (c) => c.text('ok'));
 * app.use(tenancyMiddleware({ tenancy, resolver }));
 * app.get('/notes', async (c) => c.json((await tenancy.pool.query('SELECT * FROM notes')).rows));
 * app.onError(tenancyErrors());
 * ```
 * What authenticates callers comes before it.
 */
export function tenancyMiddleware({ tenancy, resolver }: WebOptions): MiddlewareHandler<TenancyEnv> {
  return async (context, next) => {
    let resolution: Resolution;
    try {
      resolution = await resolver.resolve(fetchRequest(context.req.raw, context));
    } catch (error) {
      const answer = problemResponse(error, context);
      if (answer === undefined) throw error;
      return answer;
    }
    context.set('tenant', resolution);
    await enter(tenancy, resolution.tenant, next);
  };
}

/**
 * Runs everything behind it as nobody's work, up to {@link tenancyMiddleware}. The first `app.use`: a server that was started
 * within the work of a tenant would do everything else as that tenant.
 */
export function withoutTenant(tenancy: WebOptions['tenancy']): MiddlewareHandler {
  return (_context, next) => enter(tenancy, undefined, next);
}

/**
 * Answers what happens after the request was let in (the tenant was suspended meanwhile, no connection became free) like what
 * happens before; all else goes to `otherwise`, or is a 500 that says nothing.
 */
export function tenancyErrors(otherwise?: ErrorHandler): ErrorHandler {
  return (error, context) =>
    problemResponse(error, context) ??
    otherwise?.(error, context) ??
    context.json({ title: 'Internal Server Error', status: 500 }, 500);
}

function problemResponse(error: unknown, context: Context): Response | undefined {
  const problem = problemOf(error);
  if (problem === undefined) return undefined;
  const { status, headers, body } = problem;
  return context.body(JSON.stringify(body), status as ContentfulStatusCode, { ...headers });
}
