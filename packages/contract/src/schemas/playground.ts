import { Type, type Static } from 'typebox';
import { Nullable } from './common.ts';
import { TenantOperation } from './operation.ts';

export const PlaygroundTenant = Type.Object({
  id: Type.String(),
  slug: Type.String(),
  name: Type.String(),
  schema: Type.String(),
  tables: Type.Array(Type.String(), { description: 'Up to 50 names' }),
});
export type PlaygroundTenant = Static<typeof PlaygroundTenant>;

/** Which tenants may be queried, and how much. Only active ones with the label sandbox=true. */
export const Playground = Type.Object({
  tenants: Type.Array(PlaygroundTenant, { description: 'Up to 20' }),
  examples: Type.Array(
    Type.Object({ title: Type.String(), tenant: Type.String(), sql: Type.String(), expects: Type.String() }),
    {
      description:
        'Queries with the names of these tenants; what PostgreSQL answers, as `rows` or an SQLSTATE',
    },
  ),
  limits: Type.Object({ ms: Type.Integer(), rows: Type.Integer(), bytes: Type.Integer() }),
});
export type Playground = Static<typeof Playground>;

/** Provisioning of the two sandbox tenants that were missing; empty when both are there. */
export const PlaygroundPreparation = Type.Object({ operations: Type.Array(TenantOperation) });
export type PlaygroundPreparation = Static<typeof PlaygroundPreparation>;

export const RunPlaygroundQuery = Type.Object(
  {
    tenant: Type.String({ minLength: 1, maxLength: 300, description: 'Id or slug; it logs in as this one' }),
    sql: Type.String({ minLength: 1, maxLength: 10_000, description: 'One statement' }),
  },
  { additionalProperties: false },
);
export type RunPlaygroundQuery = Static<typeof RunPlaygroundQuery>;

/** What PostgreSQL answered: rows, or `refused`. Whatever the statement did was rolled back. */
export const PlaygroundResult = Type.Object({
  tenant: Type.Object({ id: Type.String(), slug: Nullable(Type.String()), schema: Type.String() }),
  login: Type.String({ description: 'The role that ran it' }),
  columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String() })),
  rows: Type.Array(Type.Array(Nullable(Type.String())), { description: 'Values as PostgreSQL writes them' }),
  truncated: Type.Boolean({ description: 'There was more than the limits allow' }),
  command: Nullable(Type.String({ description: 'As SELECT' })),
  ms: Type.Number(),
  refused: Nullable(
    Type.Object({
      sqlState: Type.String(),
      condition: Nullable(Type.String({ description: 'As insufficient_privilege' })),
      message: Type.String(),
      detail: Nullable(Type.String()),
      hint: Nullable(Type.String()),
      position: Nullable(Type.Integer({ description: 'Character of the statement, from 1' })),
    }),
  ),
});
export type PlaygroundResult = Static<typeof PlaygroundResult>;
