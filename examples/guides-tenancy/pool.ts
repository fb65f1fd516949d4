// #region options
import { createTenancy, type Directory, type PoolEvent, type Tenancy } from '@tenantry/tenancy';

export function openTenancy(
  directory: Directory,
  credentialKey: Uint8Array,
  metrics: (event: PoolEvent) => void,
) {
  return createTenancy({
    directory,
    credentialKey,
    applicationName: 'orders-api',
    pool: {
      maximumPoolSize: 20,
      maximumPerTenant: 8,
      connectionTimeout: 2_000,
      queryTimeout: 10_000,
      leakDetectionThreshold: 30_000,
      metrics,
    },
  });
}
// #endregion

// #region metrics
/** Counters for a dashboard. No label holds a tenant: their number has no bound. */
export class PoolCounters {
  readonly counts = new Map<string, number>();
  waitedMs = 0;

  readonly hear = (event: PoolEvent): void => {
    if (event.type === 'acquired') this.waitedMs += event.waitedMs;
    if (event.type === 'leak') console.warn(`A connection is held for ${event.heldMs} ms.\n${event.stack}`);
    const label = event.type === 'closed' ? `closed, ${event.reason}` : event.type;
    this.counts.set(label, (this.counts.get(label) ?? 0) + 1);
  };
}

/** Gauges: read them when you are asked, as at a scrape. */
export function gauges(tenancy: Tenancy): readonly string[] {
  return tenancy
    .status()
    .map(
      ({ cell, total, active, waiting }) => `${cell}: ${active} of ${total} in use, ${waiting} callers wait`,
    );
}
// #endregion
