import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { TenancyError } from '../errors.ts';
import type { TenantRequest } from './request.ts';
import { bearerToken, refFinding } from './simple.ts';
import { absent, invalid, single, type Finding, type TenantSource } from './source.ts';

export interface JwtClaimOptions {
  /** Address of the issuer's JWKS, or a key function of `jose`. */
  readonly jwks: string | URL | JWTVerifyGetKey;
  readonly issuer: string | readonly string[];
  readonly audience: string | readonly string[];
  /** The only ones that are taken, as `['RS256']`. */
  readonly algorithms: readonly string[];
  /** The claim with the tenant's id or slug, or a function that finds it. Default `tenant`. */
  readonly claim?: string | ((claims: JWTPayload) => unknown);
  /** A token without the claim is still a token, and its claims go to the membership check. Default false: it is invalid. */
  readonly optional?: boolean;
  /** Where the token is. Default: `Authorization: Bearer`. */
  readonly token?: (request: TenantRequest) => string | undefined;
  /** A bearer token that begins so is another source's affair, as an API key. */
  readonly exceptPrefix?: string;
  /** Difference of clocks that is allowed, in seconds. Default 5. */
  readonly clockTolerance?: number;
}

/**
 * The tenant that a JSON Web Token names. Its signature, issuer, audience and expiry are checked, and its claims are the proof that
 * the membership check gets. Needs the package `jose`.
 *
 * ```ts
 * jwtClaim({ jwks: 'https://login.example.com/jwks', issuer: 'https://login.example.com', audience: 'api', algorithms: ['RS256'] });
 * ```
 * Throws TENANCY_OPTION. A key server that cannot be reached is an error of the server, not of the token.
 */
export function jwtClaim(options: JwtClaimOptions): TenantSource {
  const { issuer, audience, algorithms, claim = 'tenant', exceptPrefix, clockTolerance = 5 } = options;
  for (const [name, value] of Object.entries({ issuer, audience, algorithms }))
    if (value === undefined || value.length === 0)
      throw new TenancyError('TENANCY_OPTION', `jwtClaim needs ${name}.`);
  const key = typeof options.jwks === 'function' ? options.jwks : createRemoteJWKSet(new URL(options.jwks));
  const verification = {
    issuer: [issuer].flat(),
    audience: [audience].flat(),
    algorithms: [...algorithms],
    requiredClaims: ['exp', 'iss', 'aud'],
    clockTolerance,
  };
  return {
    name: 'token',
    async read(request) {
      const token = tokenOf(request, options.token);
      if (typeof token === 'object') return token;
      if (token === undefined || (exceptPrefix !== undefined && token.startsWith(exceptPrefix)))
        return absent;
      let claims: JWTPayload;
      try {
        claims = (await jwtVerify(token, key, verification)).payload;
      } catch (error) {
        if (!isTokensFault(error)) throw error;
        return invalid(error instanceof errors.JWTExpired ? 'it has expired' : 'it cannot be verified', 401);
      }
      const named = typeof claim === 'function' ? claim(claims) : claims[claim];
      if (named === undefined && options.optional === true) return { kind: 'absent', proof: claims };
      const finding = refFinding(named, claims);
      return finding.kind === 'found' ? finding : invalid('it names no tenant', 401);
    },
  };
}

function tokenOf(request: TenantRequest, token: JwtClaimOptions['token']): string | undefined | Finding {
  if (token !== undefined) return token(request);
  const value = single(request, 'authorization');
  return typeof value === 'string' ? bearerToken(value) : value;
}

function isTokensFault(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false;
  return !(
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  );
}
