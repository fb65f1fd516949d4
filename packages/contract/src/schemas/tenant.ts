import { Type, type Static } from 'typebox';
import { Cursor, Limit, Nullable, OneOf, Page, Timestamp } from './common.ts';

export const tenantStates = [
  'provisioning',
  'active',
  'suspended',
  'archived',
  'deleting',
  'deleted',
  'failed',
] as const;
export type TenantState = (typeof tenantStates)[number];

/** Opaque, generated, never reused; also the name of the tenant's schema, runtime role and login. */
export const tenantIdPattern = '^t_[a-z2-7]{12}$';

/** A DNS label: what stands before the domain in `acme.example.com`. */
export const slugPattern = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$';

export const Labels = Type.Record(
  Type.String({ pattern: '^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$' }),
  Type.String({ maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
  { maxProperties: 32, additionalProperties: false, description: 'Up to 32 labels, keys in lower case' },
);

const DisplayName = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
  description: 'What people call the customer. Never used as an identifier',
});

const Plan = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,39}$', description: 'The commercial plan' });

export const Reason = Type.Optional(
  Type.String({ maxLength: 500, pattern: '^[^\\u0000]*$', description: 'Why; kept in the audit trail' }),
);

export const Tenant = Type.Object(
  {
    id: Type.String({ pattern: tenantIdPattern }),
    slug: Nullable(Type.String({ description: 'Null only after a purge that released it' })),
    name: Type.String(),
    state: OneOf(tenantStates),
    stateReason: Nullable(Type.String()),
    plan: Type.String(),
    labels: Type.Record(Type.String(), Type.String()),
    cell: Type.String({ description: 'The name of the cell that hosts the tenant' }),
    isolation: OneOf(['sealed']),
    schema: Type.String({ description: "The tenant's schema, and its login" }),
    schemaVersion: Nullable(Type.String({ description: 'The highest migration applied' })),
    credentialVersion: Type.Integer({ description: 'Grows by one with every rotation' }),
    version: Type.Integer({ description: 'Grows with every change; the ETag' }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    activatedAt: Nullable(Timestamp),
    purgeAfter: Nullable(Timestamp),
  },
  { $id: 'Tenant' },
);
export type Tenant = Static<typeof Tenant>;

export const TenantPage = Page(Tenant);
export type TenantPage = Static<typeof TenantPage>;

export const TenantRef = Type.Object({
  tenant: Type.String({ minLength: 1, maxLength: 300, description: 'The id or the slug of a tenant' }),
});

export const CreateTenant = Type.Object(
  {
    // Wide on purpose: what makes a slug unusable is answered with SLUG_INVALID or SLUG_RESERVED and a reason.
    slug: Type.String({ maxLength: 1000, description: `Matches ${slugPattern}` }),
    name: Type.Optional(DisplayName),
    plan: Type.Optional(Plan),
    labels: Type.Optional(Labels),
    cell: Type.Optional(
      Type.String({ maxLength: 63, description: 'Name of a cell; the default cell if absent' }),
    ),
  },
  { additionalProperties: false },
);
export type CreateTenant = Static<typeof CreateTenant>;

export const UpdateTenant = Type.Object(
  {
    slug: Type.Optional(Type.String({ maxLength: 1000 })),
    name: Type.Optional(DisplayName),
    plan: Type.Optional(Plan),
    labels: Type.Optional(Labels),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type UpdateTenant = Static<typeof UpdateTenant>;

export const TenantAction = Type.Object({ reason: Reason }, { additionalProperties: false });
export type TenantAction = Static<typeof TenantAction>;

export const PurgeTenant = Type.Object(
  {
    confirm: Type.String({
      maxLength: 1000,
      description: 'The slug or the id of the tenant, typed once more',
    }),
    force: Type.Optional(Type.Boolean({ description: 'Do not wait for the end of the grace period' })),
    releaseSlug: Type.Optional(Type.Boolean({ description: 'Let another tenant have the slug' })),
    reason: Reason,
  },
  { additionalProperties: false },
);
export type PurgeTenant = Static<typeof PurgeTenant>;

const filters = {
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Part of the slug, the name or the id' })),
  state: Type.Optional(
    Type.String({ maxLength: 200, description: `One or more of ${tenantStates.join(', ')}, with commas` }),
  ),
  plan: Type.Optional(Type.String({ maxLength: 40 })),
  cell: Type.Optional(Type.String({ maxLength: 63 })),
  label: Type.Optional(
    Type.String({ maxLength: 1000, description: 'key:value, or key alone; several with commas' }),
  ),
  version: Type.Optional(
    Type.String({ maxLength: 100, description: 'Schema version; none for tenants that have none' }),
  ),
  behind: Type.Optional(
    OneOf(['true', 'false'], 'Only those that were not, or were, built from the configured migrations'),
  ),
};

export const FilterTenants = Type.Object(filters, { additionalProperties: false });
export type FilterTenants = Static<typeof FilterTenants>;

export const ListTenants = Type.Object(
  {
    ...filters,
    sort: Type.Optional(
      OneOf(['createdAt', '-createdAt', 'slug', '-slug', 'name', '-name', 'updatedAt', '-updatedAt']),
    ),
    cursor: Cursor,
    limit: Limit,
  },
  { additionalProperties: false },
);
export type ListTenants = Static<typeof ListTenants>;
