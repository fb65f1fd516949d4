import type { Tenancy } from '@tenantry/tenancy';
import type { TenantResolver } from '@tenantry/tenancy/resolve';
import type { Database } from './database.ts';

/** What the application is built from; tests give it others. */
export interface AppOptions {
  readonly tenancy: Tenancy;
  readonly resolver: TenantResolver;
  readonly database: Database;
}

export interface App {
  /** Gives its address. Port 0 is any that is free. */
  listen(port: number, host?: string): Promise<string>;
  /** Takes no more requests, and waits for those under way. */
  close(): Promise<void>;
}
