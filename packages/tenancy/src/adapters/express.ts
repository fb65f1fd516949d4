import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { problemOf } from '../resolve/problem.ts';
import { nodeRequest } from '../resolve/request.ts';
import type { Resolution } from '../resolve/resolver.ts';
import { enter, type WebOptions } from './enter.ts';

declare module 'express-serve-static-core' {
  interface Request {
    /** Whose request it is, behind {@link tenancyMiddleware}. */
    tenant?: Resolution;
  }
}

/**
 * Runs everything behind it as the tenant of the request; a request without one is refused.
 *
 * ```ts
 * app.use(withoutTenant(tenancy));
 * app.get('/health', (_request, response) => response.send('ok'));
 * app.use(express.json(), tenancyMiddleware({ tenancy, resolver }));
 * app.get('/notes', async (_request, response) => response.json((await tenancy.pool.query('SELECT * FROM notes')).rows));
 * app.use(tenancyErrors());
 * ```
 * What authenticates callers comes before it.
 */
export function tenancyMiddleware({ tenancy, resolver }: WebOptions): RequestHandler {
  return async (request, response, next) => {
    const resolve = () => resolver.resolve(nodeRequest(request, request, request.originalUrl));
    let resolution: Resolution;
    try {
      resolution = await enter(tenancy, undefined, resolve, request, response);
    } catch (error) {
      // Something before, as a limit of time, may have answered meanwhile.
      if (response.headersSent || !sendProblem(error, response)) enter(tenancy, undefined, () => next(error));
      return;
    }
    request.tenant = resolution;
    enter(tenancy, resolution.tenant, next, request, response);
  };
}

/**
 * Runs everything behind it as nobody's work, up to {@link tenancyMiddleware}. The first `app.use`: a server that was started
 * within the work of a tenant would do everything else as that tenant.
 */
export function withoutTenant(tenancy: WebOptions['tenancy']): RequestHandler {
  return (request, response, next) => enter(tenancy, undefined, next, request, response);
}

/**
 * Answers what happens after the request was let in (the tenant was suspended meanwhile, no connection became free) like what
 * happens before; all else goes on to the next error handler. The last `app.use`.
 */
export function tenancyErrors(): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent || !sendProblem(error, response)) next(error);
  };
}

function sendProblem(error: unknown, response: Response): boolean {
  const problem = problemOf(error);
  if (problem === undefined) return false;
  response.status(problem.status).set(problem.headers).send(JSON.stringify(problem.body));
  return true;
}
