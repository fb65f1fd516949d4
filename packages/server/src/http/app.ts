import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import compress, { type FastifyCompressOptions } from '@fastify/compress';
import swagger from '@fastify/swagger';
import type { Logger } from 'pino';
import {
  endpoints,
  Problem,
  type Endpoint,
  type EndpointName,
  type Permission,
  type PublicEndpointName,
} from '@tenantry/contract';
import { randomBase32 } from '@tenantry/tenancy';
import type { Caller } from '../access/authenticate.ts';
import { systemActor } from '../db/context.ts';
import type { ControlDatabase } from '../db/database.ts';
import { TenantryError } from '../errors.ts';
import type { IsolationContext } from '../isolation/context.ts';
import { registerConsole } from './console/register.ts';
import { expectFromConsole } from './csrf.ts';
import { registerHealth, type Health } from './health.ts';
import { handlers, type Call, type HandlerServices } from './handlers.ts';
import { registerJsonBody } from './json-body.ts';
import { registerOidc } from './oidc.ts';
import { registerMetrics, type MetricSources } from './metrics.ts';
import { toProblem, toTenantryError } from './problem.ts';
import { registerSecurity, strangersPerMinute } from './security.ts';
import { publicHandlers, type PublicCall } from './sign-in.ts';
import { validatorCompiler } from './validation.ts';

export interface AppOptions {
  readonly control: ControlDatabase;
  readonly log: Logger;
  readonly version: string;
  readonly rateLimit: number;
  /** What lifts the rate limit from the attacks of this control plane on its own API. */
  readonly isolationPass: string;
  readonly services: HandlerServices;
  readonly health: Health;
  readonly metrics: MetricSources;
  readonly clock: () => Date;
  /** Where the console's build is. */
  readonly console: string;
  /** The context of a request of this caller. */
  readonly contextFor: (
    caller: Pick<Caller, 'actor' | 'onlyTenant'>,
    request: { readonly requestId: string; readonly sourceIp: string },
  ) => IsolationContext;
}

/** No request of this API needs more. */
const bodyLimit = 256 * 1024;

/**
 * Lists in JSON and metrics get a tenth of their size. Not the console's files, which are compressed when they are built, nor event
 * streams, which would be held back; and what is small is sent as it is.
 */
const compression: FastifyCompressOptions = {
  customTypes: /^(?:application\/json|text\/plain)\b/,
  encodings: ['gzip'],
  threshold: 2048,
};

/** The HTTP server, not yet listening: every endpoint of the contract, and what a service is expected to have besides. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = options.log;
  const { reaching } = options.services.signIn;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestIdHeader: false,
    genReqId: ({ headers }) => inboundRequestId(headers['x-request-id']) ?? `req_${randomBase32(16)}`,
    routerOptions: { maxParamLength: 500 },
    trustProxy: reaching.trusts,
    rewriteUrl: ({ url }) => reaching.withoutPrefix(url ?? '/'),
    // What is refused before it has a route, as a broken percent-encoding.
    frameworkErrors: (error, request, reply) => answer(error, request, reply, options.log),
    forceCloseConnections: 'idle',
    // Fastify's own answer while closing is no problem body; ours is given by a hook.
    return503OnClosing: false,
  });
  app.setValidatorCompiler(validatorCompiler);
  registerJsonBody(app);
  // Answers are made by our own verbs; a second shape that silently drops what it does not know would only hide mistakes.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  registerErrors(app, options.log);
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (!closing) return;
    reply.header('connection', 'close');
    throw new TenantryError('SHUTTING_DOWN');
  });
  await registerSecurity(app, { ...options, reaching });
  await app.register(compress, compression);
  await app.register(swagger, { openapi: openApi(options.version) });
  registerMetrics(app, options.metrics);
  registerHealth(app, options.health);
  await app.register(async (api) => {
    for (const name of Object.keys(endpoints) as EndpointName[]) addRoute(api, name, options);
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  registerOidc(app, options.services.signIn, (request) => strangerContext(request, options));
  await registerConsole(app, { directory: options.console, reaching });
  return app;
}

function addRoute(app: FastifyInstance, name: EndpointName, options: AppOptions): void {
  const endpoint: Endpoint = endpoints[name];
  app.route({
    method: endpoint.method,
    url: endpoint.path.replace(/\{(\w+)\}/g, ':$1'),
    schema: {
      operationId: name,
      summary: endpoint.summary,
      tags: [endpoint.tag],
      security: endpoint.public ? [] : [{ apiKey: [] }, { session: [] }],
      description: describe(endpoint),
      ...(endpoint.params ? { params: endpoint.params } : {}),
      ...(endpoint.query ? { querystring: endpoint.query } : {}),
      ...(endpoint.body ? { body: endpoint.body } : {}),
      response: responses(endpoint),
    },
    // Asked for its headers alone, a stream would never come to an end.
    ...(endpoint.contentType === 'text/event-stream' ? { exposeHeadRoute: false } : {}),
    ...(endpoint.bodyLimit ? { bodyLimit: endpoint.bodyLimit } : {}),
    ...(endpoint.requestsPerMinute ? { config: ownAllowance(endpoint.requestsPerMinute, options) } : {}),
    // Before the body is read: a stranger gets nothing parsed.
    preParsing: async (request) => {
      if (endpoint.public) return;
      const caller = allow(request, null);
      expectFromConsole(request, caller, options.services.signIn.reaching);
      allow(request, endpoint.permission);
    },
    // An action without anything to say may be sent without a body.
    preValidation: async (request) => {
      if (endpoint.body && (request.body === undefined || request.body === null)) request.body = {};
    },
    handler: async (request, reply) => {
      if (isPublic(name)) return answerPublic(name, request, reply, options);
      const caller = allow(request, endpoint.permission);
      const ctx = options.contextFor(caller, { requestId: request.id, sourceIp: request.ip });
      const { params, query, body } = request;
      const call = { ctx, caller, services: options.services, request, reply, params, query, body };
      reply.status(endpoint.status);
      // The table pairs each name with a handler of its own input; TypeScript cannot follow that through a loop.
      return (handlers[name] as (call: Call<EndpointName>) => Promise<unknown>)(call as Call<EndpointName>);
    },
  });
}

function isPublic(name: EndpointName): name is PublicEndpointName {
  return (endpoints[name] as Endpoint).public === true;
}

/** To somebody who need not be known. */
function answerPublic(
  name: PublicEndpointName,
  request: FastifyRequest,
  reply: FastifyReply,
  options: AppOptions,
): Promise<unknown> {
  const ctx = strangerContext(request, options);
  const { signIn } = options.services;
  const { params, query, body } = request;
  const call = { ctx, signIn, request, reply, params, query, body };
  reply.status(endpoints[name].status);
  return (publicHandlers[name] as (call: PublicCall<PublicEndpointName>) => Promise<unknown>)(
    call as PublicCall<PublicEndpointName>,
  );
}

/** Nobody is known yet; whoever signs in takes the actor's place. */
function strangerContext(request: FastifyRequest, options: AppOptions): IsolationContext {
  const stranger = { actor: systemActor('sign-in'), onlyTenant: null };
  return options.contextFor(stranger, { requestId: request.id, sourceIp: request.ip });
}

/** An endpoint that programs call by themselves has an allowance of its own, and uses up nobody's for the others. */
function ownAllowance(perMinute: number, { rateLimit }: AppOptions) {
  const most = Math.min(perMinute, rateLimit);
  return {
    rateLimit: {
      max: (request: FastifyRequest) => (request.caller ? most : Math.min(most, strangersPerMinute)),
      timeWindow: 60_000,
    },
  };
}

/** Throws UNAUTHENTICATED or FORBIDDEN; the latter names what is missing. */
function allow(request: FastifyRequest, permission: Permission | null): Caller {
  const { caller } = request;
  if (!caller) throw new TenantryError('UNAUTHENTICATED');
  if (permission !== null && !caller.permissions.includes(permission)) {
    throw new TenantryError(
      'FORBIDDEN',
      `This needs the permission ${permission}, which the role ${caller.role} of this ${caller.session ? 'session' : 'key'} does not have.`,
    );
  }
  return caller;
}

function registerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => answer(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => {
    void reply
      .status(404)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(toProblem(new TenantryError('NOT_FOUND'), request.id)));
  });
}

function answer(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const told = toTenantryError(error);
  if (told.status >= 500) {
    log.error({ err: told.cause ?? told, requestId: request.id, code: told.code }, 'Request failed');
  }
  if (told.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
  void reply
    .status(told.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(toProblem(told, request.id)));
}

function inboundRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:-]{1,100}$/.test(header) ? header : undefined;
}

function describe(endpoint: Endpoint): string {
  if (endpoint.public) return 'Answered to everybody.';
  const needs = endpoint.permission
    ? `Needs the permission \`${endpoint.permission}\`.`
    : 'Any valid key will do.';
  return endpoint.idempotent ? `${needs} Takes an \`Idempotency-Key\` header.` : needs;
}

function responses(endpoint: Endpoint): Record<string, unknown> {
  const success = endpoint.response
    ? { description: 'Success', content: { 'application/json': { schema: endpoint.response } } }
    : {
        description: 'Success',
        content: { [endpoint.contentType ?? 'application/json']: { schema: { type: 'string' } } },
      };
  const problem = {
    description: 'A problem (RFC 9457)',
    content: { 'application/problem+json': { schema: Problem } },
  };
  return { [endpoint.status]: success, default: problem };
}

function openApi(version: string) {
  return {
    openapi: '3.1.0' as const,
    info: { title: 'Tenantry', version, description: 'The control plane of multi-tenant PostgreSQL.' },
    components: {
      securitySchemes: {
        apiKey: { type: 'http' as const, scheme: 'bearer' },
        session: {
          type: 'apiKey' as const,
          in: 'cookie' as const,
          name: '__Host-tenantry-session',
          description:
            'Of a browser that is signed in. Everything but GET needs the header x-tenantry-csrf besides, with the csrfToken of GET /v1/me.',
        },
      },
    },
  };
}
