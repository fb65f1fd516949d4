import type { FastifyInstance, FastifyRequest } from 'fastify';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { authenticate, type Caller } from '../access/authenticate.ts';
import { authenticateSession } from '../access/sessions/authenticate.ts';
import { hashToken, sameHash } from '../access/token.ts';
import type { ControlDatabase } from '../db/database.ts';
import { TenantryError } from '../errors.ts';
import { isolationPassHeader } from '../isolation/context.ts';
import type { Reaching } from './reach.ts';
import { readCookie, sessionCookie } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for a request without a valid key or session. */
    caller: Caller | null;
  }
}

/** Requests a minute of one address without a valid key: enough for scrapers and mistakes. */
export const strangersPerMinute = 600;

export interface SecurityOptions {
  readonly control: ControlDatabase;
  readonly clock: () => Date;
  readonly reaching: Reaching;
  /** Requests a minute. */
  readonly rateLimit: number;
  readonly isolationPass: string;
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
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  await app.register(cookie);
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request) => {
    // A probe that sends its key along must not be told "dead" because the database is away.
    if (isProbe(request)) return;
    request.caller = (await callerOf(request, options)) ?? null;
  });
  await app.register(rateLimit, {
    max: (request: FastifyRequest) =>
      request.caller ? options.rateLimit : Math.min(options.rateLimit, strangersPerMinute),
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => request.caller?.actor.id ?? request.ip,
    allowList: (request: FastifyRequest) => isProbe(request) || hasPass(request, options.isolationPass),
    errorResponseBuilder: (_request, { ttl }) => {
      const seconds = Math.ceil(ttl / 1000);
      return new TenantryError('RATE_LIMITED', `Too many requests. Try again in ${seconds} s.`);
    },
  });
}

/** Who names a key means it, whatever cookies go along. Files of the console are everybody's. */
function callerOf(
  request: FastifyRequest,
  { control, clock, reaching }: SecurityOptions,
): Promise<Caller | undefined> {
  const nobody = Promise.resolve(undefined);
  if (request.headers.authorization !== undefined) {
    const key = bearerToken(request);
    return key === undefined ? nobody : authenticate(control.db, key, clock());
  }
  if (!request.url.startsWith('/v1/')) return nobody;
  const session = readCookie(request, reaching.of(request), sessionCookie);
  return session === undefined ? nobody : authenticateSession(control.db, session, clock());
}

/** Answered to everybody, and to those who may not ask for anything else just the same. */
function isProbe(request: FastifyRequest): boolean {
  return request.url === '/healthz' || request.url === '/readyz';
}

/** Compared as tokens are: by their hashes, so that the time that it takes tells nothing. */
function hasPass({ headers }: FastifyRequest, pass: string): boolean {
  const given = headers[isolationPassHeader];
  return typeof given === 'string' && sameHash(hashToken(given), hashToken(pass));
}

function bearerToken(request: FastifyRequest): string | undefined {
  const match = /^Bearer ([^\s]{1,200})$/i.exec(request.headers.authorization ?? '');
  return match?.[1];
}
