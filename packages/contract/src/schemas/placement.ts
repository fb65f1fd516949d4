import { Type, type Static } from 'typebox';
import { cellLanes } from './cell.ts';
import { OneOf } from './common.ts';
import { tenantIdPattern } from './tenant.ts';

/** Before a name in a {@link PlacementRef}: the name is a custom domain, not a slug. */
export const domainPrefix = 'domain:';

/**
 * Where a tenant lives and how a connection becomes its own: what an application needs besides the credential key. Only
 * active tenants have one. Names no login and holds no secret.
 */
export const Placement = Type.Object(
  {
    tenant: Type.String({ pattern: tenantIdPattern }),
    slug: Type.String(),
    state: OneOf(['active']),
    schema: Type.String(),
    credentialVersion: Type.Integer({ description: 'The version that the derived secret is made of' }),
    level: OneOf(['sealed'], 'The isolation level of the tenant'),
    cell: Type.Object({
      id: Type.String(),
      hosts: Type.Array(Type.Object({ host: Type.String(), port: Type.Integer() }), { minItems: 1 }),
      database: Type.String(),
      ssl: Type.Optional(
        Type.Union([
          Type.Boolean(),
          Type.Object({
            rejectUnauthorized: Type.Optional(Type.Boolean()),
            ca: Type.Optional(Type.String()),
          }),
        ]),
      ),
      lanes: Type.Array(OneOf(cellLanes)),
      slots: Type.Integer({ description: 'tenantry_slot_1 to tenantry_slot_<slots> are there' }),
    }),
  },
  { $id: 'Placement' },
);
export type Placement = Static<typeof Placement>;

export const PlacementRef = Type.Object({
  ref: Type.String({
    minLength: 1,
    maxLength: 500,
    description: `The id or the slug of a tenant, or \`${domainPrefix}\` and a custom domain`,
  }),
});
