import type { CellAddress } from '../sealed.ts';
import { TenancyError } from '../errors.ts';
import { isTenantId, type TenantId } from '../tenant-id.ts';

/** A tenant that a reader may see. */
export interface ReadTenant {
  readonly id: TenantId;
  readonly slug: string | null;
  /** What qualifies its tables: `schema.table`. */
  readonly schema: string;
}

/** What the control plane has opened. */
export interface OpenedReader {
  readonly id: string;
  readonly expiresAt: Date;
  readonly tenants: readonly ReadTenant[];
  readonly connection: CellAddress & { readonly user: string; readonly password: string };
}

export interface ReaderApiOptions {
  readonly url: string;
  readonly token: string;
  /** Milliseconds. */
  readonly requestTimeout: number;
}

/** `POST` and `DELETE /v1/readers` of the control plane. */
export class ReaderApi {
  readonly #base: string;
  readonly #token: string;
  readonly #timeout: number;

  /** Throws TENANCY_OPTION. */
  constructor({ url, token, requestTimeout }: ReaderApiOptions) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new TenancyError('TENANCY_OPTION', 'url must be the http or https address of the control plane.');
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
      throw new TenancyError('TENANCY_OPTION', 'token must be the API key of an administrator.');
    this.#base = `${url.replace(/\/+$/, '')}/v1/readers`;
    this.#token = token;
    this.#timeout = requestTimeout;
  }

  /** Rejects with TENANCY_CONTROL_PLANE, saying what it answered. */
  async open(body: {
    readonly tenants: readonly string[];
    readonly reason: string;
    readonly minutes?: number;
  }): Promise<OpenedReader> {
    const opened = openedOf(await this.#send('POST', this.#base, body));
    if (opened === undefined)
      throw refused('did not open the reader: its answer is not understood; are both up to date?');
    return opened;
  }

  async close(id: string): Promise<void> {
    await this.#send('DELETE', `${this.#base}/${encodeURIComponent(id)}`);
  }

  async #send(method: string, url: string, body?: unknown): Promise<unknown> {
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(this.#timeout),
        // A redirect would carry the key, and the password that comes back, to somewhere else.
        redirect: 'error',
      });
      answer = await response.json();
    } catch (error) {
      throw refused('cannot be reached, or does not answer in time', error);
    }
    if (!response.ok) throw refused(`answered with status ${response.status}${problemOf(answer)}`);
    return answer;
  }
}

function refused(what: string, cause?: unknown): TenancyError {
  return new TenancyError('TENANCY_CONTROL_PLANE', `The control plane ${what}.`, { cause });
}

function problemOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return '';
  const { code, detail, title } = answer as Readonly<Record<string, unknown>>;
  return ` (${String(code)}: ${String(detail ?? title).replace(/\.$/, '')})`;
}

function openedOf(answer: unknown): OpenedReader | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { reader, connection } = answer as {
    readonly reader?: { readonly id?: unknown; readonly expiresAt?: unknown; readonly tenants?: unknown };
    readonly connection?: OpenedReader['connection'];
  };
  if (typeof reader?.id !== 'string' || typeof reader.expiresAt !== 'string') return undefined;
  if (!Array.isArray(reader.tenants) || !reader.tenants.every(isReadTenant)) return undefined;
  if (typeof connection?.user !== 'string' || typeof connection.password !== 'string') return undefined;
  if (typeof connection.host !== 'string' || typeof connection.database !== 'string') return undefined;
  return {
    id: reader.id,
    expiresAt: new Date(reader.expiresAt),
    tenants: reader.tenants.map(({ id, slug, schema }) => ({ id, slug, schema })),
    connection,
  };
}

function isReadTenant(tenant: unknown): tenant is ReadTenant {
  if (typeof tenant !== 'object' || tenant === null) return false;
  const { id, schema } = tenant as Readonly<Record<string, unknown>>;
  return typeof id === 'string' && isTenantId(id) && typeof schema === 'string';
}
