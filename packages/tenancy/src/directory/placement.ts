import type { ClientConfig } from 'pg';
import type { LaneName } from '../lanes/lane.ts';
import type { SecurityEvent } from '../security/event.ts';
import { isTenantId, type TenantId } from '../tenant-id.ts';

/** Where a tenant lives and how a connection becomes its own. Only active tenants have one. */
export interface Placement {
  readonly tenant: TenantId;
  readonly slug: string;
  readonly state: 'active';
  readonly schema: string;
  readonly credentialVersion: number;
  readonly level: 'sealed';
  readonly cell: {
    readonly id: string;
    readonly hosts: readonly { readonly host: string; readonly port: number }[];
    readonly database: string;
    readonly ssl?: ClientConfig['ssl'];
    readonly lanes: readonly LaneName[];
    /** `tenantry_slot_1` to `tenantry_slot_<slots>` are there. */
    readonly slots: number;
  };
}

/** How a tenant is looked up. */
export interface FindOptions {
  /** Ask the source, whatever is cached: a login was refused, so something has changed. Default false. */
  readonly fresh?: boolean;
}

/** Knows where tenants are. */
export interface Directory {
  /**
   * By id, by slug, or by `domain:` and a custom domain; undefined for one that is unknown or not active. Rejects with
   * TENANCY_CONTROL_PLANE where that cannot be known.
   */
  find(ref: string, options?: FindOptions): Promise<Placement | undefined>;
  /** Calls back when something about a tenant may have changed. Gives the function that stops it. */
  onChange(listener: (tenant: TenantId) => void): () => void;
  /** Tells the source what was refused, where it wants to know. It takes no time, and never throws. */
  report?(event: SecurityEvent): void;
  close(): Promise<void>;
}

/** Before a host name in a reference: a custom domain, not a slug. */
export const domainPrefix = 'domain:';

const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const domainPattern = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

/** True for a text that could be a tenant's slug: a DNS label in lower case. */
export function isSlug(text: string): boolean {
  return slugPattern.test(text);
}

/** True for a host name with at least one dot, in lower case, international ones as `xn--…`. */
export function isDomain(text: string): boolean {
  return domainPattern.test(text);
}

/** True for what {@link Directory.find} could find; anything else finds nothing, and nobody is asked. */
export function isRef(ref: string): boolean {
  if (ref.startsWith(domainPrefix)) return isDomain(ref.slice(domainPrefix.length));
  return isTenantId(ref) || isSlug(ref);
}

/** True when a placement is what was asked for: an id must not find somebody whose name looks like it. */
export function answersTo(placement: Placement, ref: string): boolean {
  if (ref.startsWith(domainPrefix)) return true;
  return isTenantId(ref) ? placement.tenant === ref : placement.slug === ref;
}
