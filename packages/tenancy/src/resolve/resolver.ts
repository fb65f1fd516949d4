import { setTimeout as delay } from 'node:timers/promises';
import type { Directory, Placement } from '../directory/placement.ts';
import { TenancyError, tenantNotFound } from '../errors.ts';
import type { TenantId } from '../tenant-id.ts';
import type { TenantRequest } from './request.ts';
import { TenantSourceError, type TenantSource } from './source.ts';

/** Whom the membership check is asked about. */
export interface Candidate {
  readonly placement: Placement;
  /** Names of the sources that named the tenant. */
  readonly named: readonly string[];
  /** What sources have verified, by their names: claims of a token, the owner of an API key. */
  readonly proofs: Readonly<Record<string, unknown>>;
  /** The framework's own request. */
  readonly request: unknown;
}

/** A request whose tenant is certain. */
export interface Resolution extends Candidate {
  readonly tenant: TenantId;
}

export interface ResolverOptions {
  readonly directory: Directory;
  /** Where a request may name its tenant. All are read; those that name one must name the same. */
  readonly sources: readonly TenantSource[];
  /**
   * Whether the caller may work for the tenant; asked for every request. Anything but `true` is the 404 of an unknown tenant.
   * {@link provenBy} is one for tokens and keys that can name no other tenant.
   */
  readonly membership: (candidate: Candidate) => boolean | Promise<boolean>;
  /**
   * A refusal that depends on what tenants there are is given at a whole multiple of so many milliseconds, so that its time does
   * not tell one from the other. More than looking up and the membership check take. Default 50.
   */
  readonly refusalGrid?: number;
}

/** Finds out whose a request is; see {@link tenantResolver}. */
export interface TenantResolver {
  /**
   * Rejects with TENANT_SOURCE_INVALID where a source is invalid or there is none, TENANT_NOT_FOUND where the tenant is unknown,
   * suspended, deleted or not the caller's, TENANT_SOURCE_CONFLICT for any of that where the request gives more than one
   * name, and TENANCY_CONTROL_PLANE.
   */
  resolve(request: TenantRequest): Promise<Resolution>;
}

/** A membership check: the tenant was named by one of these sources, which cannot name one that is not the caller's. */
export function provenBy(...sources: readonly string[]): (candidate: Candidate) => boolean {
  return ({ named }) => named.some((name) => sources.includes(name));
}

/** A membership check for what everybody may see. */
export function everybody(): boolean {
  return true;
}

/**
 * Finds out whose a request is, strictly: a source that is there and invalid is never passed over for another, two that
 * disagree are refused, and membership is always checked.
 *
 * ```ts
 * const resolver = tenantResolver({
 *   directory,
 *   sources: [subdomain({ of: 'app.example.com' }), jwtClaim({ … })],
 *   membership: provenBy('token'),
 * });
 * ```
 * Throws TENANCY_OPTION.
 */
export function tenantResolver(options: ResolverOptions): TenantResolver {
  const { directory, sources, membership, refusalGrid = 50 } = options;
  if (sources.length === 0) throw new TenancyError('TENANCY_OPTION', 'A resolver needs at least one source.');
  if (typeof membership !== 'function')
    throw new TenancyError('TENANCY_OPTION', 'A resolver needs a membership check; everybody is one.');
  if (new Set(sources.map(({ name }) => name)).size < sources.length)
    throw new TenancyError('TENANCY_OPTION', 'Two sources have the same name.');
  return {
    async resolve(request) {
      const { refs, proofs } = await readSources(sources, request);
      const start = performance.now();
      const refuse = async (error: TenancyError): Promise<never> => {
        const took = performance.now() - start;
        await delay(Math.ceil(took / refusalGrid) * refusalGrid - took);
        throw error;
      };
      const named = new Set(refs.values());
      // One answer for whatever is wrong with several names: another one for two that are unknown, or for two names of
      // one tenant that is not the caller's, would tell which tenants there are.
      const refusal = named.size === 1 ? tenantNotFound() : conflict();
      const found = await Promise.all(Array.from(named, (ref) => directory.find(ref)));
      const placement = found[0];
      if (placement === undefined || found.some((other) => other?.tenant !== placement.tenant))
        return refuse(refusal);
      const candidate: Candidate = { placement, named: [...refs.keys()], proofs, request: request.native };
      const isMember: unknown = await membership(candidate);
      // Not merely truthy: a rule that gives back a row or an empty list has not decided.
      if (isMember !== true) return refuse(refusal);
      return { ...candidate, tenant: placement.tenant };
    },
  };
}

interface Read {
  /** By name of the source. */
  readonly refs: ReadonlyMap<string, string>;
  readonly proofs: Readonly<Record<string, unknown>>;
}

async function readSources(sources: readonly TenantSource[], request: TenantRequest): Promise<Read> {
  const findings = await Promise.all(
    sources.map(async (source) => [source.name, await source.read(request)] as const),
  );
  const refs = new Map<string, string>();
  const proofs: Record<string, unknown> = {};
  for (const [name, finding] of findings) {
    if (finding.kind === 'invalid')
      throw new TenantSourceError(
        `The ${name} of the request is not valid: ${finding.reason}.`,
        finding.status,
      );
    if (finding.proof !== undefined) proofs[name] = finding.proof;
    if (finding.kind === 'found') refs.set(name, finding.ref);
  }
  if (refs.size === 0) {
    const names = sources.map(({ name }) => name).join(', ');
    throw new TenantSourceError(`The request names no tenant. Name it by one of: ${names}.`);
  }
  return { refs, proofs };
}

function conflict(): TenancyError {
  return new TenancyError(
    'TENANT_SOURCE_CONFLICT',
    'The request gives more than one name, and they are not the names of one tenant that is yours. Leave out all but one.',
  );
}
