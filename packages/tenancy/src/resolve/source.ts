import { TenancyError } from '../errors.ts';
import type { TenantRequest } from './request.ts';

/** What a source says about a request. */
export type Finding =
  /** The request does not use it. */
  | { readonly kind: 'absent'; readonly proof?: unknown }
  /** It is there and cannot be trusted; the reason is for the caller's eyes. */
  | { readonly kind: 'invalid'; readonly reason: string; readonly status?: 400 | 401 }
  /** It names a tenant: by id, by slug, or by `domain:` and a custom domain. */
  | { readonly kind: 'found'; readonly ref: string; readonly proof?: unknown };

/**
 * One place where a request may name its tenant. An own source is an object like this:
 *
 * ```ts
 * const source: TenantSource = {
 *   name: 'session',
 *   read: ({ native }) => ({ kind: 'found', ref: (native as AppRequest).session.tenant }),
 * };
 * ```
 */
export interface TenantSource {
  /** Shown to callers where it is invalid, and to the membership check. */
  readonly name: string;
  read(request: TenantRequest): Finding | Promise<Finding>;
}

export const absent: Finding = { kind: 'absent' };

export function invalid(reason: string, status?: 400 | 401): Finding {
  return status === undefined ? { kind: 'invalid', reason } : { kind: 'invalid', reason, status };
}

/** TENANT_SOURCE_INVALID: a source is present and cannot be trusted, or there is none. */
export class TenantSourceError extends TenancyError {
  /** 401 where the caller could do better with another token or key, 400 otherwise. */
  readonly status: 400 | 401;

  constructor(message: string, status: 400 | 401 = 400) {
    super('TENANT_SOURCE_INVALID', message);
    this.status = status;
  }
}

/** The single value of a header. */
export function single(request: TenantRequest, name: string): string | undefined | Finding {
  const values = request.values(name);
  if (values.length > 1) return invalid('it was sent more than once');
  return values[0];
}
