import { TenancyError } from '../errors.ts';
import { isTenantId } from '../tenant-id.ts';
import { answersTo, type Placement } from './placement.ts';

/** What the control plane said about a reference. */
export type Answer =
  | { readonly kind: 'found'; readonly placement: Placement; readonly etag: string | undefined }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'unknown' };

export interface PlacementApiOptions {
  readonly url: string;
  readonly token: string;
  readonly requestTimeout: number;
}

/** `GET /v1/placements/{ref}` of the control plane. */
export class PlacementApi {
  readonly #base: string;
  readonly #token: string;
  readonly #timeout: number;
  readonly #stop = new AbortController();

  constructor({ url, token, requestTimeout }: PlacementApiOptions) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new TenancyError('TENANCY_OPTION', 'url must be the http or https address of the control plane.');
    if (!/^[\x21-\x7e]+$/.test(token))
      throw new TenancyError(
        'TENANCY_OPTION',
        'token must be an API key: tenantry key create --role runtime.',
      );
    this.#base = url.replace(/\/+$/, '');
    this.#token = token;
    this.#timeout = requestTimeout;
  }

  /** Rejects with TENANCY_CONTROL_PLANE for anything but a clear answer. */
  async ask(ref: string, etag: string | undefined): Promise<Answer> {
    let response: Response;
    let body: unknown;
    try {
      response = await fetch(`${this.#base}/v1/placements/${encodeURIComponent(ref)}`, {
        headers: { authorization: `Bearer ${this.#token}`, ...(etag ? { 'if-none-match': etag } : {}) },
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#timeout)]),
        // A redirect would carry the key to somewhere else.
        redirect: 'error',
      });
      body = response.status === 304 ? undefined : await response.json();
    } catch (error) {
      throw unavailable('it cannot be reached, or does not answer in time', error);
    }
    if (response.status === 304 && etag !== undefined) return { kind: 'unchanged' };
    // Any other 404 is a wrong address: it must not make every tenant unknown.
    if (response.status === 404 && codeOf(body) === 'TENANT_NOT_FOUND') return { kind: 'unknown' };
    if (response.status === 401 || response.status === 403)
      throw unavailable('it refuses the API key; create one with: tenantry key create --role runtime');
    if (response.status !== 200) throw unavailable(`it answered with status ${response.status}`);
    if (!isPlacement(body) || !answersTo(body, ref))
      throw unavailable('its answer is not understood; are both up to date?');
    return { kind: 'found', placement: body, etag: response.headers.get('etag') ?? undefined };
  }

  close(): void {
    this.#stop.abort();
  }
}

function unavailable(reason: string, cause?: unknown): TenancyError {
  return new TenancyError(
    'TENANCY_CONTROL_PLANE',
    `The control plane did not say where the tenant is: ${reason}. Tenants that are cached go on.`,
    { cause },
  );
}

function codeOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null ? (body as { readonly code?: unknown }).code : undefined;
}

function isPlacement(body: unknown): body is Placement {
  if (typeof body !== 'object' || body === null) return false;
  const { tenant, slug, state, schema, credentialVersion, cell } = body as Partial<Placement>;
  return (
    typeof tenant === 'string' &&
    isTenantId(tenant) &&
    typeof slug === 'string' &&
    state === 'active' &&
    typeof schema === 'string' &&
    Number.isSafeInteger(credentialVersion) &&
    isCell(cell)
  );
}

function isCell(cell: unknown): boolean {
  if (typeof cell !== 'object' || cell === null) return false;
  const { id, hosts, database, lanes, slots } = cell as Partial<Placement['cell']>;
  return (
    typeof id === 'string' &&
    Array.isArray(hosts) &&
    hosts.length > 0 &&
    hosts.every(({ host, port }) => typeof host === 'string' && Number.isInteger(port)) &&
    typeof database === 'string' &&
    Array.isArray(lanes) &&
    Number.isInteger(slots)
  );
}
