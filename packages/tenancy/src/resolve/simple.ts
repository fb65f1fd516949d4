import { createHash } from 'node:crypto';
import { isSlug } from '../directory/placement.ts';
import { TenancyError } from '../errors.ts';
import { isTenantId } from '../tenant-id.ts';
import { absent, invalid, single, type Finding, type TenantSource } from './source.ts';

/** A text that came from outside as a reference: an id or a slug, and nothing that only looks like one. */
export function refFinding(text: unknown, proof?: unknown): Finding {
  if (typeof text !== 'string' || !(isTenantId(text) || isSlug(text)))
    return invalid('it is neither the id nor the name of a tenant');
  return { kind: 'found', ref: text, proof };
}

/** A header with the tenant's id or slug. Anybody can send it: the membership check decides. Default `x-tenant`. */
export function header(name = 'x-tenant'): TenantSource {
  const lower = name.toLowerCase();
  return {
    name: `header ${lower}`,
    read(request) {
      const value = single(request, lower);
      if (value === undefined) return absent;
      return typeof value === 'string' ? refFinding(value) : value;
    },
  };
}

/**
 * The part of the path after a prefix: `path('/t')` reads `acme` from `/t/acme/notes`. Compared without regard to case and
 * percent-encoding, as routers do.
 */
export function path(prefix: string): TenantSource {
  const wanted = prefix.split('/').filter((part) => part !== '');
  if (!prefix.startsWith('/') || wanted.length === 0)
    throw new TenancyError('TENANCY_OPTION', 'path needs a prefix that begins with /, as /t.');
  return {
    name: 'path',
    read(request) {
      const parts = request.path.split('/').slice(1);
      const decoded: string[] = [];
      try {
        for (const part of parts.slice(0, wanted.length + 1)) decoded.push(decodeURIComponent(part));
      } catch {
        return invalid('its percent-encoding is broken');
      }
      if (wanted.some((part, i) => decoded[i]?.toLowerCase() !== part.toLowerCase())) return absent;
      return refFinding(decoded[wanted.length]);
    },
  };
}

export interface ApiKeyOptions {
  /** Default `x-api-key`. For `authorization` the key is what stands after `Bearer`, and `prefix` is needed. */
  readonly header?: string;
  /** What all keys begin with; a value that does not is invalid, or in `authorization` another source's affair. */
  readonly prefix?: string;
  /**
   * The owner of a key, or undefined for one that is unknown or revoked. Look it up by its SHA-256 in hexadecimal, so that
   * no key is stored and none can be guessed by timing. What is returned goes to the membership check as the proof.
   */
  readonly lookup: (key: {
    readonly sha256: string;
  }) => Promise<ApiKeyOwner | undefined> | ApiKeyOwner | undefined;
}

export interface ApiKeyOwner {
  /** Id or slug. */
  readonly tenant: string;
}

/** The tenant that an API key belongs to. */
export function apiKey({ header: name = 'x-api-key', prefix = '', lookup }: ApiKeyOptions): TenantSource {
  const lower = name.toLowerCase();
  const isShared = lower === 'authorization';
  if (isShared && prefix === '')
    throw new TenancyError(
      'TENANCY_OPTION',
      'An API key in authorization needs a prefix that tells it from other tokens.',
    );
  return {
    name: 'API key',
    async read(request) {
      const value = single(request, lower);
      if (value === undefined) return absent;
      if (typeof value !== 'string') return value;
      const key = isShared ? bearerToken(value) : value;
      if (isShared && key !== '' && !key?.startsWith(prefix)) return absent;
      if (key === undefined || !key.startsWith(prefix) || !/^[\x21-\x7e]{1,512}$/.test(key))
        return invalid('it is no key', 401);
      const owner = await lookup({ sha256: createHash('sha256').update(key).digest('hex') });
      return owner === undefined ? invalid('the key is not known', 401) : refFinding(owner.tenant, owner);
    },
  };
}

/** The token of `Bearer <token>`; empty where there is none in it, or nothing at all; undefined for another scheme. */
export function bearerToken(authorization: string): string | undefined {
  if (authorization.trim() === '') return '';
  const bearer = /^bearer(?:[ \t]+(.*))?$/i.exec(authorization);
  return bearer === null ? undefined : (bearer[1] ?? '').trim();
}
