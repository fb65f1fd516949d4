import { sqlStateOf, TenancyError, isTenancyError } from '../errors.ts';
import type { Lane } from '../lanes/lane.ts';
import type { TenantId } from '../tenant-id.ts';
import type { CellPool } from './cell-pool.ts';
import type { TenantLine, Waiter } from './tenant-line.ts';

/** Who holds the connections of a pool; on an acquire timeout's `holders`, for the operator alone. */
export interface Holder {
  readonly tenant: TenantId;
  readonly connections: number;
  readonly longestMs: number;
}

export function refuse(waiter: Waiter, error: unknown): void {
  if (waiter.kind === 'hold') waiter.reject(error);
  else waiter.settle(error as Error);
}

export function closed(): TenancyError {
  return new TenancyError('TENANCY_CLOSED', 'The tenancy was closed; no new work is taken.');
}

/**
 * Nobody gave a connection back in time. The message says who holds them without naming another tenant; the names are in
 * the property `holders`, which is not enumerable so that it is not logged or sent by accident.
 */
export function timedOut(
  pool: CellPool,
  line: TenantLine,
  { suspended, cause }: { readonly suspended: boolean; readonly cause: unknown },
): TenancyError {
  const { connectionTimeout, maximumPoolSize, maximumPerTenant } = pool.settings;
  if (suspended) {
    const text = `The pool was suspended for longer than ${connectionTimeout} ms. Resume it, or try again later.`;
    return new TenancyError('TENANCY_POOL_SUSPENDED', text);
  }
  const holders = holdersOf(pool);
  const own = holders.find(({ tenant }) => tenant === line.tenant);
  const others = holders.filter((holder) => holder !== own);
  const byOthers = others.reduce((sum, { connections }) => sum + connections, 0);
  const longest = Math.max(0, ...holders.map(({ longestMs }) => longestMs));
  const error = new TenancyError(
    'TENANCY_ACQUIRE_TIMEOUT',
    `No connection became free in ${connectionTimeout} ms. This tenant holds ${own?.connections ?? 0} of at most ` +
      `${maximumPerTenant}, ${others.length} other tenants hold ${byOthers}, of ${maximumPoolSize} in all; the longest for ` +
      `${Math.round(longest)} ms. Give connections back sooner (pool.leakDetectionThreshold shows who does not), or raise ` +
      'pool.maximumPoolSize.',
    { cause },
  );
  Object.defineProperty(error, 'holders', { value: holders, enumerable: false });
  return error;
}

function holdersOf(pool: CellPool): readonly Holder[] {
  const now = performance.now();
  const found = new Map<TenantId, { connections: number; longestMs: number }>();
  for (const { tenant, use, usedSince } of pool.inventory.all) {
    if (tenant === undefined || use === 'idle') continue;
    const holder = found.get(tenant) ?? { connections: 0, longestMs: 0 };
    holder.connections += 1;
    holder.longestMs = Math.max(holder.longestMs, now - usedSince);
    found.set(tenant, holder);
  }
  return Array.from(found, ([tenant, holder]) => ({ tenant, ...holder }));
}

export function credentialRefused(cause: unknown, lane: Lane): TenancyError {
  return lane.name === 'sealed'
    ? new TenancyError(
        'TENANCY_CREDENTIAL',
        'PostgreSQL refused the derived login of the tenant. Check that credentialKey is the control plane’s.',
        { cause },
      )
    : new TenancyError(
        'TENANCY_CREDENTIAL',
        'PostgreSQL refused to lease the tenant to a slot. Check that credentialKey is the control plane’s, and that the ' +
          'cell is prepared for leases.',
        { cause },
      );
}

/** PostgreSQL refused the lease itself: the tenant is closed or gone, or has no lease functions. */
export function isLeaseRefused(lane: Lane, error: unknown): boolean {
  const state = sqlStateOf(error);
  return (
    lane.name === 'leased' && state !== undefined && ['42501', '42883', '42704', '3F000'].includes(state)
  );
}

/**
 * It may work in a moment: too many connections just now, a lock that another broker holds or a row that it has changed
 * at the same time, every slot taken.
 */
export function isPassing(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return ['53300', '40P01', '40001', '55P03', 'XX000'].includes(state);
  return (
    isTenancyError(error) &&
    (error.code === 'TENANCY_ACQUIRE_TIMEOUT' || error.code === 'TENANCY_LANE_VIOLATION')
  );
}

/** The lane cannot be used on this cell at all, whoever asks. */
export function isUnusable(error: unknown): boolean {
  return isTenancyError(error) && error.code === 'TENANCY_OPTION';
}
