import type { Directory } from '@tenantry/tenancy';

// #region resolver
import { apiKey, customDomain, subdomain, tenantResolver, type ApiKeyOwner } from '@tenantry/tenancy/resolve';

export interface Memberships {
  /** Whether a user may work for a tenant. */
  has(user: string, tenant: string): Promise<boolean>;
  ownerOf(sha256: string): Promise<ApiKeyOwner | undefined>;
}

export function openResolver(directory: Directory, memberships: Memberships) {
  return tenantResolver({
    directory,
    sources: [
      subdomain({ of: 'app.example.com' }),
      customDomain({ except: 'example.com' }),
      apiKey({ lookup: ({ sha256 }) => memberships.ownerOf(sha256) }),
    ],
    membership: async ({ placement, named, request }) => {
      // A key belongs to one tenant, and can name no other.
      if (named.includes('API key')) return true;
      const user = userOf(request);
      return user !== undefined && memberships.has(user, placement.tenant);
    },
  });
}
// #endregion

/** What authentication, which comes first, has left on the request. */
function userOf(request: unknown): string | undefined {
  return (request as { readonly user?: string }).user;
}

// #region source
import { isTenantId } from '@tenantry/tenancy';
import type { TenantSource } from '@tenantry/tenancy/resolve';

/** The tenant that a session of the application was opened for. */
export const session: TenantSource = {
  name: 'session',
  read({ native }) {
    const { tenant } = (native as { readonly session?: { readonly tenant?: string } }).session ?? {};
    if (tenant === undefined) return { kind: 'absent' };
    return isTenantId(tenant)
      ? { kind: 'found', ref: tenant }
      : { kind: 'invalid', reason: 'it names no tenant' };
  },
};
// #endregion
