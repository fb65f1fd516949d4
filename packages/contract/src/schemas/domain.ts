import { Type, type Static } from 'typebox';
import { Timestamp } from './common.ts';

/** A host name of the customer's own that leads to its tenant. */
export const TenantDomain = Type.Object(
  {
    domain: Type.String({ description: 'A host name in lower case, international ones as xn--…' }),
    createdAt: Timestamp,
  },
  { $id: 'TenantDomain' },
);
export type TenantDomain = Static<typeof TenantDomain>;

export const TenantDomainList = Type.Object({ items: Type.Array(TenantDomain) });
export type TenantDomainList = Static<typeof TenantDomainList>;

export const TenantDomainRef = Type.Object({
  tenant: Type.String({ minLength: 1, maxLength: 300, description: 'The id or the slug of a tenant' }),
  // Wide on purpose: what makes a domain unusable is answered with DOMAIN_INVALID and a reason.
  domain: Type.String({ minLength: 1, maxLength: 500, description: 'A host name, as app.example.com' }),
});
export type TenantDomainRef = Static<typeof TenantDomainRef>;
