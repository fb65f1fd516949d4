// #region resolver
import type { Directory } from '@tenantry/tenancy';
import { jwtClaim } from '@tenantry/tenancy/jwt';
import { header, provenBy, tenantResolver, type TenantResolver } from '@tenantry/tenancy/resolve';

/** The token says whose request it is. A header may say so too, as links of support do, and must then say the same. */
export function openResolver(directory: Directory, issuer: string): TenantResolver {
  const token = jwtClaim({
    jwks: new URL('/.well-known/jwks.json', issuer),
    issuer,
    audience: 'accounts',
    algorithms: ['ES256'],
    claim: 'tenant',
  });
  return tenantResolver({
    directory,
    sources: [token, header('x-tenant')],
    membership: provenBy('token'),
  });
}
// #endregion
