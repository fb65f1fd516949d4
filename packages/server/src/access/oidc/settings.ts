import type { Config } from '../../config.ts';
import type { RoleMapping } from '../../config-values.ts';
import { ConfigError } from '../../errors.ts';

/** An OpenID provider, and what its claims make of people. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** With spaces; `openid` is among them. */
  readonly scopes: string;
  readonly roleClaim: string;
  readonly roleMap: readonly RoleMapping[];
  readonly tenantClaim: string;
  readonly name: string;
}

/** The provider of a configuration, if it has one. Throws ConfigError naming the option that is missing. */
export function oidcSettings(config: Config): OidcSettings | undefined {
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcRoleMap: roleMap } = config;
  if (issuer === undefined) return undefined;
  if (clientId === undefined) {
    throw new ConfigError('TENANTRY_OIDC_ISSUER needs TENANTRY_OIDC_CLIENT_ID besides it.');
  }
  if (roleMap.length === 0) {
    throw new ConfigError(
      'TENANTRY_OIDC_ISSUER needs TENANTRY_OIDC_ROLE_MAP besides it: without one it would let nobody in.',
    );
  }
  const scopes = config.oidcScopes.split(/\s+/).filter((scope) => scope !== '' && scope !== 'openid');
  return {
    issuer,
    clientId,
    clientSecret: config.oidcClientSecret,
    scopes: ['openid', ...scopes].join(' '),
    roleClaim: config.oidcRoleClaim,
    roleMap,
    tenantClaim: config.oidcTenantClaim,
    name: config.oidcName,
  };
}
