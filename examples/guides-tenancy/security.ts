// #region listen
import type { SecurityEvent, Tenancy } from '@tenantry/tenancy';

/** Gives the function that stops it. */
export function alertOn(tenancy: Tenancy, alert: (event: SecurityEvent) => void): () => void {
  return tenancy.on('security', (event) => {
    // Every bot on the internet asks for tenants that are not there.
    if (event.kind !== 'tenant-closed') alert(event);
  });
}
// #endregion
