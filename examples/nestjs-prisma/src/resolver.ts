import type { Directory } from '@tenantry/tenancy';
import { header, provenBy, subdomain, tenantResolver, type TenantResolver } from '@tenantry/tenancy/resolve';
import { tokenSource } from './identity.ts';

/**
 * Whose a request is: the token says it. A header `x-tenant` and a subdomain may say it, too, and must then agree; alone they
 * prove nothing.
 */
export function createResolver(
  directory: Directory,
  secret: Uint8Array,
  domain = 'localhost',
): TenantResolver {
  return tenantResolver({
    directory,
    sources: [tokenSource(secret), header('x-tenant'), subdomain({ of: domain })],
    membership: provenBy('token'),
  });
}
