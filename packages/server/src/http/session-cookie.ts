import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Reach } from './reach.ts';

/** Browsers take a cookie of such a name only over https, for this host alone and all of its paths. */
const securePrefix = '__Host-';

/**
 * Over http the name carries the port: cookies do not tell ports apart, and two control planes on one machine would sign
 * each other out.
 */
function nameOf(what: string, { secure, origin }: Reach): string {
  return secure ? `${securePrefix}${what}` : `${what}-${new URL(origin).port || '80'}`;
}

export function readCookie(request: FastifyRequest, reach: Reach, what: string): string | undefined {
  return request.cookies[nameOf(what, reach)];
}

/**
 * Readable by no script, sent with no request that another site begins. `lax` lets one through that begins there and ends
 * here as a page: the way back from the OpenID provider.
 */
export function writeCookie(
  reply: FastifyReply,
  reach: Reach,
  what: string,
  value: string,
  options: { readonly sameSite: 'strict' | 'lax'; readonly seconds: number },
): void {
  void reply.setCookie(nameOf(what, reach), value, {
    path: '/',
    httpOnly: true,
    secure: reach.secure,
    sameSite: options.sameSite,
    maxAge: options.seconds,
  });
}

export function clearCookie(reply: FastifyReply, reach: Reach, what: string): void {
  void reply.clearCookie(nameOf(what, reach), { path: '/', httpOnly: true, secure: reach.secure });
}

export const sessionCookie = 'tenantry-session';
export const attemptCookie = 'tenantry-sign-in';
