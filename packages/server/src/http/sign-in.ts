import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  oidcSignInPath,
  signInFragment,
  type Input,
  type Me,
  type Output,
  type PublicEndpointName,
  type SignInCode,
  type SignedOut,
} from '@tenantry/contract';
import type { Caller } from '../access/authenticate.ts';
import type { OidcProvider } from '../access/oidc/provider.ts';
import { openIdToken } from '../access/oidc/sign-in.ts';
import { createSignInCode } from '../access/sessions/code.ts';
import { endSession } from '../access/sessions/end.ts';
import type { OpenedSession, SessionLimits } from '../access/sessions/open.ts';
import { signIn } from '../access/sessions/sign-in.ts';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { expectOwnOrigin } from './csrf.ts';
import type { Reach, Reaching } from './reach.ts';
import { clearCookie, sessionCookie, writeCookie } from './session-cookie.ts';

/** What signing in takes besides the request. */
export interface SignInServices {
  readonly reaching: Reaching;
  readonly limits: SessionLimits;
  readonly oidc: OidcProvider | undefined;
}

/** A request of somebody who need not be known. */
export interface PublicCall<N extends PublicEndpointName> extends Input<N> {
  readonly ctx: Context;
  readonly signIn: SignInServices;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type PublicHandler<N extends PublicEndpointName> = (call: PublicCall<N>) => Promise<Output<N>>;

/** One handler for every endpoint that is answered to everybody. */
export const publicHandlers: { readonly [N in PublicEndpointName]: PublicHandler<N> } = {
  getSignInWays: ({ signIn: { oidc } }) =>
    Promise.resolve({
      apiKey: true,
      oidc: oidc ? { name: oidc.settings.name, path: oidcSignInPath } : null,
    }),
  signIn: async ({ ctx, body, signIn: services, request, reply }) => {
    expectOwnOrigin(request, services.reaching);
    const userAgent = request.headers['user-agent'] ?? null;
    const opened = await signIn(ctx, body, services.limits, userAgent);
    keepSession(reply, services.reaching.of(request), services.limits, opened);
    return meOf(opened.caller);
  },
};

/** Gives the browser its session. */
export function keepSession(
  reply: FastifyReply,
  reach: Reach,
  limits: SessionLimits,
  { token }: OpenedSession,
): void {
  writeCookie(reply, reach, sessionCookie, token, { sameSite: 'strict', seconds: limits.lifetime });
}

export function meOf(caller: Caller): Me {
  return {
    actor: caller.actor,
    role: caller.role,
    permissions: [...caller.permissions],
    tenantId: caller.onlyTenant,
    session: caller.session,
  };
}

/** Ends the session of the request. Throws SESSION_NOT_FOUND where it has none. */
export async function signOut(
  ctx: Context,
  caller: Caller,
  services: SignInServices,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignedOut> {
  if (caller.session === null) {
    throw new TenantryError('SESSION_NOT_FOUND', 'This request came with an API key, not with a session.');
  }
  const { session, idToken } = await endSession(ctx, caller.session.id, 'signedOut');
  const reach = services.reaching.of(request);
  clearCookie(reply, reach, sessionCookie);
  if (session.method !== 'oidc' || !services.oidc) return { redirectTo: null };
  const hint = idToken === null ? undefined : openIdToken(ctx, idToken);
  const home = `${reach.origin}${reach.prefix}/`;
  return { redirectTo: (await services.oidc.endSessionUrl(hint, home)) ?? null };
}

/** A link that signs a browser in as the key of this request. Throws VALIDATION for a session. */
export async function inviteBrowser(ctx: Context, caller: Caller, reach: Reach): Promise<SignInCode> {
  if (caller.session !== null) {
    throw new TenantryError('VALIDATION', 'A sign-in link is made with an API key, not with a session.');
  }
  const made = await createSignInCode(ctx, caller.actor.id);
  return { ...made, url: signInLink(reach, made.code) };
}

export function signInLink({ origin, prefix }: Pick<Reach, 'origin' | 'prefix'>, code: string): string {
  return `${origin}${prefix}/#${signInFragment}=${code}`;
}
