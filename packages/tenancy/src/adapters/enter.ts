import type { Tenancy } from '../tenancy.ts';
import type { TenantId } from '../tenant-id.ts';
import type { TenantResolver } from '../resolve/resolver.ts';

/** What every adapter for a web framework needs. */
export interface WebOptions {
  readonly tenancy: Pick<Tenancy, 'run' | 'exit'>;
  readonly resolver: TenantResolver;
}

/**
 * Begins the work of a request: as its tenant, or as nobody. Whatever context the server was started in, or the last request
 * on the connection has left, is not its own.
 */
export function enter<T>(tenancy: WebOptions['tenancy'], tenant: TenantId | undefined, fn: () => T): T {
  return tenancy.exit(() => (tenant === undefined ? fn() : tenancy.run(tenant, fn)));
}
