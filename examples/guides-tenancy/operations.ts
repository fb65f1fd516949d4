// #region open
import { createTenancy, type Tenancy } from '@tenantry/tenancy';
import { controlPlaneDirectory, type ControlPlaneOptions } from '@tenantry/tenancy/directory';

export interface Log {
  warn(fields: object, message: string): void;
}

export function openTenancy(options: ControlPlaneOptions, log: Log): Tenancy {
  const directory = controlPlaneDirectory({
    ...options,
    // The control plane or a cell's notifications cannot be reached. Cached tenants go on.
    onError: (error) => log.warn({ error }, 'tenant directory'),
  });
  return createTenancy({
    directory,
    credentialKey: options.credentialKey,
    // Statements, logins and lanes that were refused, work without a tenant or in another's context.
    onSecurityEvent: ({ kind, tenant, sqlState, fingerprint, count }) =>
      log.warn({ kind, tenant, sqlState, fingerprint, count }, 'refused'),
  });
}
// #endregion

// #region ready
/** Ready as long as callers find a connection. An idle instance is ready: connections are made when they are needed. */
export function isReady(tenancy: Tenancy, mostWaiting = 100): boolean {
  return tenancy.status().every(({ waiting }) => waiting < mostWaiting);
}
// #endregion

// #region stop
import type { Server } from 'node:http';

/** For `process.once('SIGTERM', () => void stop(server, tenancy))`: no new requests, what is under way, then the connections. */
export async function stop(server: Server, tenancy: Tenancy): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
  await tenancy.close({ deadlineMs: 10_000 });
}
// #endregion
