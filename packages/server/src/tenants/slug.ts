import { slugPattern } from '@tenantry/contract';
import { TenantryError } from '../errors.ts';

/** Names that would be mistaken for the product's own hosts, for PostgreSQL's own names, or for "nothing". */
const reserved = new Set(
  (
    'admin administrator api app apps assets auth billing blog cdn console dashboard default demo docs email ftp ' +
    'graphql health healthz help host imap internal localhost login logout mail metrics mx new none ns null ' +
    'oauth openapi operator ops pg pop portal postgres private public readyz root security signup smtp sso static ' +
    'status superuser support system template0 template1 tenant tenantry tenants undefined user users web webhook ' +
    'webmail www'
  ).split(' '),
);

const pattern = new RegExp(slugPattern);

/**
 * A slug that may be given to a tenant. It is a DNS label, since it becomes a host name; it never becomes a name inside
 * PostgreSQL. Throws SLUG_INVALID or SLUG_RESERVED with what to change.
 */
export function checkSlug(slug: string): string {
  if (slug === '') throw invalid('The slug is empty.');
  if (slug.length > 63) throw invalid(`The slug has ${slug.length} characters; a DNS label has at most 63.`);
  if (/[A-Z]/.test(slug)) throw invalid('The slug has upper-case letters; use lower case.');
  if (!pattern.test(slug)) {
    throw invalid('A slug has only a-z, 0-9 and hyphens, and begins and ends with a letter or a digit.');
  }
  if (slug.startsWith('xn--') || slug.slice(2, 4) === '--') {
    throw invalid('A slug must not look like an encoded international name (two hyphens in third place).');
  }
  if (reserved.has(slug)) {
    throw new TenantryError('SLUG_RESERVED', `The slug "${slug}" is reserved. Choose another one.`);
  }
  return slug;
}

function invalid(message: string): TenantryError {
  return new TenantryError('SLUG_INVALID', message);
}
