import { randomBytes } from 'node:crypto';

declare const brand: unique symbol;

/**
 * The id of a tenant: `t_` and 12 characters of lower-case base32. It is also the name of the tenant's schema, runtime
 * role and login. Opaque on purpose: every role can read the catalogs, so no customer's name may stand in one.
 */
export type TenantId = string & { readonly [brand]: 'TenantId' };

const pattern = /^t_[a-z2-7]{12}$/;
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** True when a text has the form of a tenant id; says nothing about whether there is such a tenant. */
export function isTenantId(text: string): text is TenantId {
  // What comes from outside may be anything, whatever the types say.
  return typeof text === 'string' && pattern.test(text);
}

/** A text as a tenant id. Throws a RangeError for anything else: no name that was not generated gets into SQL. */
export function tenantId(text: string): TenantId {
  if (!isTenantId(text))
    throw new RangeError('Not a tenant id: expected t_ and 12 characters of a-z and 2-7.');
  return text;
}

/** A new tenant id: 60 random bits, never given twice. */
export function newTenantId(): TenantId {
  return `t_${randomBase32(12)}` as TenantId;
}

/** Random characters of lower-case base32, 5 bits each. */
export function randomBase32(length: number): string {
  return Array.from(randomBytes(length), (byte) => alphabet[byte & 31]).join('');
}

/** The role that owns a tenant's schema and every object in it. It cannot log in; migrations run as it. */
export function ownerOf(tenant: TenantId): string {
  return `${tenant}_owner`;
}
