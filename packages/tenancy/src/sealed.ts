import type { ClientConfig } from 'pg';
import { deriveCredential } from './credential.ts';
import type { TenantId } from './tenant-id.ts';

/** Where a cell is: everything but who logs in. */
export interface CellAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly ssl?: ClientConfig['ssl'];
}

export interface SealedConnection {
  readonly cell: CellAddress;
  readonly tenant: TenantId;
  readonly credentialKey: Uint8Array;
  readonly credentialVersion: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
}

/**
 * The settings of a connection that belongs to one tenant: PostgreSQL itself knows the login, and nothing that runs on it
 * can become another. The start-up options override whatever `ALTER ROLE … SET` may have stored on the role.
 *
 * ```ts
 * const client = new Client(sealedConnection({ cell, tenant, credentialKey, credentialVersion: 1 }));
 * ```
 */
export function sealedConnection(options: SealedConnection): ClientConfig {
  return {
    ...options.cell,
    user: options.tenant,
    password: deriveCredential(options.credentialKey, options.tenant, options.credentialVersion),
    application_name: options.applicationName ?? 'tenantry',
    options: startupOptions(options.tenant),
    // A frozen server would otherwise hang its callers for ever.
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
    keepAlive: true,
  };
}

/** The `options` start-up parameter of a tenant's connection. Spaces inside a value are escaped by a backslash. */
export function startupOptions(tenant: TenantId): string {
  return [
    'role=none',
    `search_path=${tenant},extensions,pg_temp`,
    'default_transaction_read_only=off',
    'standard_conforming_strings=on',
  ]
    .map((setting) => `-c ${setting}`)
    .join(' ');
}
