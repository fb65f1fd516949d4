import type { Connection } from './connection.ts';
import type { Inventory } from './inventory.ts';
import type { CloseReason } from './metrics.ts';
import type { Opener } from './opener.ts';
import type { PoolSettings } from './options.ts';
import type { TenantLine } from './tenant-line.ts';

/** A backend grows by some 330 kB a tenant it visits and gives none back: 200 MB. */
const mostVisited = 600;

/** The age at which a connection is closed: less by up to a tenth, so that those made together do not go together. */
export function lifetimeOf({ maxLifetime }: PoolSettings): number {
  return maxLifetime === 0 ? Number.POSITIVE_INFINITY : maxLifetime * (1 - Math.random() / 10);
}

/** True where a connection answers a query within `ms`. */
export async function answersWithin(connection: Connection, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const answer = connection.ask('SELECT 1').then(
    () => true,
    () => false,
  );
  const answered = await Promise.race([answer, late]);
  clearTimeout(timer);
  return answered;
}

interface Pool {
  readonly isClosing: boolean;
  readonly inventory: Inventory;
  readonly opener: Opener;
}

/** Why a connection that is quiet is not used any more; undefined for one that is. */
export function retirementOf(
  connection: Connection,
  line: TenantLine,
  { isClosing, inventory, opener }: Pool,
  now: number,
): CloseReason | undefined {
  if (connection.retireFor !== undefined) return connection.retireFor;
  if (isClosing) return 'closed';
  if (connection.isStandby) return 'not primary';
  if (now - connection.createdAt > connection.lifetime || connection.visited.size > mostVisited)
    return 'lifetime';
  if (connection.lane === 'sealed' || line.opening > 0) return undefined;
  // A tenant that has earned sealed connections gives its leases back, one at a time.
  return line.sealed < opener.choice.sealedShare(line, inventory, now) ? 'makes room' : undefined;
}
