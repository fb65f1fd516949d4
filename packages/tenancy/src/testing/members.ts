import type { Cell } from './cell/cell.ts';
import { TestingError } from './errors.ts';
import type { TestTenant } from './options.ts';
import type { PlantedTable } from './plant/rows.ts';

/** What the kit knows of a tenant that it has made, and nobody else needs. */
export interface Membership {
  readonly cell: Cell;
  /** What `pair` has put into its tables. */
  readonly planted: readonly PlantedTable[];
}

const members = new WeakMap<TestTenant, Membership>();

export function register(tenant: TestTenant, membership: Membership): void {
  members.set(tenant, membership);
}

/** Throws TESTING_OPTION for a tenant that was not made by the kit. */
export function kitOf(tenant: TestTenant): Membership {
  const membership = members.get(tenant);
  if (membership !== undefined) return membership;
  throw new TestingError(
    'TESTING_OPTION',
    'Pass the tenants that create() or pair() of startTestTenants gave.',
  );
}
