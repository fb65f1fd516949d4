import { Type, type Static } from 'typebox';
import { roles } from '../permissions.ts';
import { Nullable, OneOf, Timestamp } from './common.ts';

/** How a browser was signed in: with an API key, with a one-time link, or by an OpenID provider. */
export const signInMethods = ['apiKey', 'code', 'oidc'] as const;
export type SignInMethod = (typeof signInMethods)[number];

/** Why a session has ended before its time. */
export const sessionEnds = ['signedOut', 'revoked'] as const;
export type SessionEnd = (typeof sessionEnds)[number];

/** The ways to sign in that this control plane offers. */
export const SignInWays = Type.Object({
  apiKey: Type.Boolean(),
  oidc: Nullable(
    Type.Object({
      name: Type.String({ description: 'What the button says, as "Okta"' }),
      path: Type.String({ description: 'Where the browser goes, under the base path' }),
    }),
  ),
});
export type SignInWays = Static<typeof SignInWays>;

/** Exactly one of the two. */
export const SignIn = Type.Object(
  {
    apiKey: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    code: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'From a one-time sign-in link' }),
    ),
  },
  { additionalProperties: false, minProperties: 1, maxProperties: 1 },
);
export type SignIn = Static<typeof SignIn>;

/** `code` is shown this once, works once, and only until `expiresAt`. */
export const SignInCode = Type.Object({
  code: Type.String(),
  url: Type.String({ description: 'The console with the code in its fragment' }),
  expiresAt: Timestamp,
});
export type SignInCode = Static<typeof SignInCode>;

/** A browser that is, or was, signed in. */
export const Session = Type.Object(
  {
    id: Type.String({ description: 's_ and 16 characters' }),
    method: OneOf(signInMethods),
    actor: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
    role: OneOf(roles),
    tenantId: Nullable(Type.String()),
    createdAt: Timestamp,
    lastSeenAt: Timestamp,
    idleExpiresAt: Type.String({ format: 'date-time', description: 'Ends then unless it is used before' }),
    expiresAt: Type.String({ format: 'date-time', description: 'Ends then in any case' }),
    sourceIp: Nullable(Type.String()),
    userAgent: Nullable(Type.String()),
    current: Type.Boolean({ description: 'It is the session of this request' }),
  },
  { $id: 'Session' },
);
export type Session = Static<typeof Session>;

export const SessionList = Type.Object({ items: Type.Array(Session) });
export type SessionList = Static<typeof SessionList>;

export const SessionRef = Type.Object({
  session: Type.String({ maxLength: 40, description: 'Id of a session' }),
});

export const SignedOut = Type.Object({
  redirectTo: Nullable(
    Type.String({ description: 'Where the browser must go to be signed out of the OpenID provider, too' }),
  ),
});
export type SignedOut = Static<typeof SignedOut>;
