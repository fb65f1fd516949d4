import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AuthorizationResponseError } from 'openid-client';
import { oidcSignInPath } from '@tenantry/contract';
import type { OidcProvider, SignInAttempt } from '../access/oidc/provider.ts';
import { NotAdmittedError, signInAs } from '../access/oidc/sign-in.ts';
import type { Context } from '../db/context.ts';
import { seal, unseal } from '../db/secrets.ts';
import { sendRefusalPage, type RefusalReason } from './oidc-page.ts';
import type { Reach } from './reach.ts';
import { attemptCookie, clearCookie, readCookie, writeCookie } from './session-cookie.ts';
import { keepSession, type SignInServices } from './sign-in.ts';

/** Seconds that somebody may take at the provider. */
const attemptLasts = 600;
const sealContext = 'oidc attempt';

interface KeptAttempt extends SignInAttempt {
  readonly returnTo: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/**
 * Signing in with an OpenID provider: there, and back. The attempt travels in a cookie, encrypted, so any control plane of
 * the installation can finish it, and only in the browser that began it.
 */
export function registerOidc(
  app: FastifyInstance,
  services: SignInServices,
  contextFor: (request: FastifyRequest) => Context,
): void {
  const { oidc, reaching, limits } = services;
  if (!oidc) return;
  const path = `/${oidcSignInPath}`;
  const callback = `${path}/callback`;

  app.get(path, { schema: { hide: true } }, async (request, reply) => {
    const ctx = contextFor(request);
    const reach = reaching.of(request);
    const { returnTo } = request.query as { readonly returnTo?: unknown };
    let begun: Awaited<ReturnType<OidcProvider['begin']>>;
    try {
      begun = await oidc.begin(`${reach.origin}${reach.prefix}${callback}`);
    } catch (error) {
      return refuse(request, reply, reach, 'unavailable', error);
    }
    const kept: KeptAttempt = {
      ...begun.attempt,
      returnTo: ownPath(returnTo),
      until: ctx.clock().getTime() + attemptLasts * 1000,
    };
    const value = seal(ctx.cells.credentialKey, sealContext, JSON.stringify(kept)).toString('base64url');
    writeCookie(reply, reach, attemptCookie, value, { sameSite: 'lax', seconds: attemptLasts });
    return reply.redirect(begun.url.href, 302);
  });

  app.get(callback, { schema: { hide: true } }, async (request, reply) => {
    const ctx = contextFor(request);
    const reach = reaching.of(request);
    const attempt = attemptOf(ctx, readCookie(request, reach, attemptCookie));
    clearCookie(reply, reach, attemptCookie);
    if (!attempt) return refuse(request, reply, reach, 'expired');
    try {
      const identity = await oidc.finish(attempt, new URL(request.url, 'http://any').search);
      const userAgent = request.headers['user-agent'] ?? null;
      const opened = await signInAs(ctx, identity, oidc.settings, limits, userAgent);
      keepSession(reply, reach, limits, opened);
    } catch (error) {
      if (error instanceof NotAdmittedError) return refuse(request, reply, reach, 'notAdmitted', error);
      return refuse(request, reply, reach, isDenied(error) ? 'denied' : 'failed', error);
    }
    return reply.redirect(`${reach.prefix}${attempt.returnTo}`, 303);
  });
}

/** What went wrong stands in the log; the page says what to do. */
function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  reach: Reach,
  reason: RefusalReason,
  error?: unknown,
): FastifyReply {
  const details = { err: error, requestId: request.id, reason };
  if (reason === 'unavailable' || reason === 'failed') request.log.warn(details, 'OpenID sign-in failed');
  return sendRefusalPage(reply, reach, reason, {
    requestId: request.id,
    ...(error instanceof NotAdmittedError ? { who: error.who } : {}),
  });
}

/** The person, or the provider's own policy, said no. */
function isDenied(error: unknown): boolean {
  return error instanceof AuthorizationResponseError && error.error === 'access_denied';
}

function attemptOf(ctx: Context, value: string | undefined): KeptAttempt | undefined {
  if (value === undefined) return undefined;
  let text: string;
  try {
    text = unseal(ctx.cells.credentialKey, sealContext, Buffer.from(value, 'base64url'));
  } catch {
    // Made up, or by an installation with another key: the same as none.
    return undefined;
  }
  const kept = JSON.parse(text) as KeptAttempt;
  return kept.until > ctx.clock().getTime() ? kept : undefined;
}

/** Where to go afterwards: a path of the console and nothing else, whatever the address says. */
function ownPath(value: unknown): string {
  const here = 'http://here.invalid';
  if (typeof value !== 'string' || value.length > 2000 || !URL.canParse(value, here)) return '/';
  const { origin, pathname, search, hash } = new URL(value, here);
  // Two slashes at the beginning of a path would be another host to the browser.
  return origin === here && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/';
}
