import { EventEmitter } from 'node:events';
import type { CapturedContext, Tenancy, TenantId } from '@tenantry/tenancy';

/** Whose work it is, as seen from below: no parameter was passed down. */
// #region run
export async function nightlyReport(tenancy: Tenancy, tenants: readonly TenantId[]): Promise<number> {
  const counts = await Promise.all(
    tenants.map((tenant) => tenancy.run(tenant, () => countAccounts(tenancy))),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Knows nothing of tenants: the context says whose accounts these are. */
async function countAccounts(tenancy: Tenancy): Promise<number> {
  const { rows } = await tenancy.query<{ count: number }>('SELECT count(*)::int AS count FROM accounts');
  return rows[0]!.count;
}
// #endregion

/** Without a context: the door of one tenant. */
// #region for
export async function latestAccount(tenancy: Tenancy, tenant: TenantId): Promise<string | undefined> {
  const door = tenancy.for(tenant);
  const { rows } = await door.query<{ name: string }>('SELECT name FROM accounts ORDER BY id DESC LIMIT 1');
  return rows[0]?.name;
}
// #endregion

/** An emitter that others call: the listener keeps the tenant that it was bound for. */
export async function listen(tenancy: Tenancy, acme: TenantId): Promise<number | undefined> {
  let counted: Promise<number> | undefined;
  // #region bind
  const emitter = new EventEmitter(); // made outside, as by a module
  tenancy.run(acme, () => {
    const onTick = tenancy.bind(() => {
      counted = countAccounts(tenancy);
    });
    emitter.on('tick', onTick);
  });
  emitter.emit('tick'); // called by nobody's work, or another tenant's: the listener runs as acme
  // #endregion
  return counted;
}

/** Across a queue of any kind, or into another process: the tenant as data. */
// #region capture
export function toMessage(tenancy: Tenancy, order: number): string {
  return JSON.stringify({ order, tenant: tenancy.capture() });
}

export async function fromMessage(tenancy: Tenancy, message: string): Promise<number> {
  const { tenant } = JSON.parse(message) as { readonly tenant: CapturedContext };
  return tenancy.exit(() => tenancy.restore(tenant, () => countAccounts(tenancy)));
}
// #endregion
