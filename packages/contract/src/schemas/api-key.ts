import { Type, type Static } from 'typebox';
import { permissions, roles } from '../permissions.ts';
import { GivenTimestamp, Nullable, OneOf, Timestamp } from './common.ts';
import { signInMethods } from './session.ts';

export const ApiKey = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    role: OneOf(roles),
    scopes: Nullable(Type.Array(OneOf(permissions), { description: 'Narrows the role; null is all of it' })),
    tenantId: Nullable(Type.String()),
    createdAt: Timestamp,
    createdBy: Type.String(),
    expiresAt: Nullable(Timestamp),
    lastUsedAt: Nullable(Timestamp),
    revokedAt: Nullable(Timestamp),
  },
  { $id: 'ApiKey' },
);
export type ApiKey = Static<typeof ApiKey>;

export const ApiKeyList = Type.Object({ items: Type.Array(ApiKey) });
export type ApiKeyList = Static<typeof ApiKeyList>;

export const CreateApiKey = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]+$' }),
    role: OneOf(roles),
    scopes: Type.Optional(Type.Array(OneOf(permissions), { minItems: 1, uniqueItems: true })),
    tenant: Type.Optional(
      Type.String({ maxLength: 300, description: 'Id or slug; needed for the role tenant' }),
    ),
    expiresAt: Type.Optional(GivenTimestamp),
  },
  { additionalProperties: false },
);
export type CreateApiKey = Static<typeof CreateApiKey>;

/** `token` is shown this once; only its hash is stored. */
export const CreatedApiKey = Type.Object({ key: ApiKey, token: Type.String() });
export type CreatedApiKey = Static<typeof CreatedApiKey>;

export const ApiKeyRef = Type.Object({ key: Type.String({ maxLength: 40 }) });

export const Me = Type.Object({
  actor: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
  role: OneOf(roles),
  permissions: Type.Array(OneOf(permissions)),
  tenantId: Nullable(Type.String()),
  session: Nullable(
    Type.Object({
      id: Type.String(),
      method: OneOf(signInMethods),
      createdAt: Timestamp,
      idleExpiresAt: Timestamp,
      expiresAt: Timestamp,
      csrfToken: Type.String({ description: 'Sent in the header x-tenantry-csrf with everything but GET' }),
    }),
    'The browser session of this request; null for an API key',
  ),
});
export type Me = Static<typeof Me>;
