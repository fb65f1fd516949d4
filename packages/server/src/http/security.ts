import type { FastifyInstance, FastifyRequest } from 'fastify';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { authenticate, type Caller } from '../access/authenticate.ts';
import type { ControlDatabase } from '../db/database.ts';
import { TenantryError } from '../errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for a request without a valid key. */
    caller: Caller | null;
  }
}

/** Requests a minute of one address without a valid key: enough for scrapers and mistakes. */
const strangersPerMinute = 600;

export interface SecurityOptions {
  readonly control: ControlDatabase;
  readonly clock: () => Date;
  /** Requests a minute. */
  readonly rateLimit: number;
}

/**
 * Headers, authentication and the rate limit, in this order: who is asking decides whose allowance is used, and a
 * request that is refused for its key has used the allowance of its address.
 */
export async function registerSecurity(app: FastifyInstance, options: SecurityOptions): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      useDefaults: false,
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request) => {
    const token = bearerToken(request);
    // A probe that sends its key along must not be told "dead" because the database is away.
    if (token === undefined || isProbe(request)) return;
    request.caller = (await authenticate(options.control.db, token, options.clock())) ?? null;
  });
  await app.register(rateLimit, {
    max: (request: FastifyRequest) =>
      request.caller ? options.rateLimit : Math.min(options.rateLimit, strangersPerMinute),
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => request.caller?.actor.id ?? request.ip,
    allowList: isProbe,
    errorResponseBuilder: (_request, { ttl }) => {
      const seconds = Math.ceil(ttl / 1000);
      return new TenantryError('RATE_LIMITED', `Too many requests. Try again in ${seconds} s.`);
    },
  });
}

/** Answered to everybody, and to those who may not ask for anything else just the same. */
function isProbe(request: FastifyRequest): boolean {
  return request.url === '/healthz' || request.url === '/readyz';
}

function bearerToken(request: FastifyRequest): string | undefined {
  const match = /^Bearer ([^\s]{1,200})$/i.exec(request.headers.authorization ?? '');
  return match?.[1];
}
