import type {
  FastifyError,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
} from 'fastify';
import { problemOf } from '../resolve/problem.ts';
import { nodeRequest } from '../resolve/request.ts';
import type { Resolution } from '../resolve/resolver.ts';
import { enter, type WebOptions } from './enter.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is; null where the route has `config: { tenant: false }`. */
    tenant: Resolution | null;
  }
  interface FastifyContextConfig {
    /** False for a route that is nobody's, as a health check. Queries in it are refused. */
    tenant?: false;
  }
}

/**
 * Runs every route as the tenant of its request; a request without one is refused before it reaches a handler.
 *
 * ```ts
 * await app.register(tenancyPlugin, { tenancy, resolver });
 * app.get('/notes', async () => (await tenancy.pool.query('SELECT * FROM notes')).rows);
 * app.get('/health', { config: { tenant: false } }, async () => 'ok');
 * ```
 * Register what authenticates callers before it, where the membership check needs that.
 */
export const tenancyPlugin: FastifyPluginCallback<WebOptions> = (app, { tenancy, resolver }, ready) => {
  app.decorateRequest('tenant', null);
  const admit = async (
    request: FastifyRequest,
    reply: FastifyReply,
    done: HookHandlerDoneFunction,
  ): Promise<void> => {
    try {
      request.tenant = await resolver.resolve(nodeRequest(request.raw, request));
    } catch (error) {
      if (!sendProblem(error, reply)) done(error as FastifyError);
      return;
    }
    enter(tenancy, request.tenant.tenant, done);
  };
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.tenant === false) enter(tenancy, undefined, done);
    else void admit(request, reply, done);
  });
  // Again, behind the hooks that read the request: one that calls on from an event of a stream has lost the context.
  app.addHook('preValidation', (request, _reply, done) => enter(tenancy, request.tenant?.tenant, done));
  ready();
};

// What `fastify-plugin` sets: the hooks are for the routes around it, not for those inside it.
Object.assign(tenancyPlugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@tenantry/tenancy',
});

/**
 * An error handler that answers what happens after the request was let in (the tenant was suspended meanwhile, no connection
 * became free) like what happens before, and leaves all else to Fastify: `app.setErrorHandler(tenancyErrorHandler)`.
 */
export function tenancyErrorHandler(
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (!sendProblem(error, reply)) void reply.send(error);
}

function sendProblem(error: unknown, reply: FastifyReply): boolean {
  const problem = problemOf(error);
  if (problem === undefined) return false;
  void reply.code(problem.status).headers(problem.headers).send(JSON.stringify(problem.body));
  return true;
}
