import type {
  FastifyError,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  onRequestHookHandler,
} from 'fastify';
import { problemOf } from '../resolve/problem.ts';
import { nodeRequest } from '../resolve/request.ts';
import type { Resolution } from '../resolve/resolver.ts';
import { TenancyError } from '../errors.ts';
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
  if (app.hasRequestDecorator('tenant'))
    return ready(
      new TenancyError('TENANCY_OPTION', 'tenancyPlugin is registered already, here or around this.'),
    );
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
    enter(tenancy, request.tenant.tenant, done, request.raw, reply.raw);
  };
  app.addHook('onRequest', (request, reply, done) => {
    // Nobody's until it is known whose, with what runs where that is refused.
    const isOpen = request.routeOptions.config.tenant === false;
    const go = (): void => (isOpen ? done() : void admit(request, reply, done));
    enter(tenancy, undefined, go, request.raw, reply.raw);
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
 * Runs the hooks of a request that come before {@link tenancyPlugin} as nobody's work: a server that was started within the work
 * of a tenant would run them as that tenant. The first hook, `app.addHook('onRequest', withoutTenant(tenancy))`.
 */
export function withoutTenant(tenancy: WebOptions['tenancy']): onRequestHookHandler {
  return (request, reply, done) => enter(tenancy, undefined, done, request.raw, reply.raw);
}

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
