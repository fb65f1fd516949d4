import { dirname, join, resolve } from 'node:path';
import type { Tenant } from '@tenantry/contract';
import { describeFailure } from './failure.ts';
import { startProgress } from './progress.ts';
import type { Session } from './session.ts';
import { printable } from './width.ts';

// Says that a tenant has its data, so that a second run does not load it again.
const loadedLabel = 'demo-data';

/** Which tenants have data now. */
export interface LoadedData {
  readonly loaded: readonly string[];
  /** Had theirs from a run before. */
  readonly before: readonly string[];
  /** Why some have none. */
  readonly reason: string | null;
}

/** Loads the sample's data into the tenants that have none yet. A failure ends the loading, not the command. */
export async function loadData(session: Session, tenants: readonly Tenant[]): Promise<LoadedData> {
  const before = tenants
    .filter(({ labels }) => labels[loadedLabel] !== undefined)
    .map(({ slug }) => slug ?? '');
  const open = tenants.filter(({ labels, state }) => labels[loadedLabel] === undefined && state === 'active');
  const reason = open.length === 0 ? null : await whyNoData(session);
  if (reason !== null) return { loaded: [], before, reason };
  const progress = startProgress(session.out, session.host.stderr);
  const loaded: string[] = [];
  try {
    for (const tenant of open) {
      session.interrupted.throwIfAborted();
      progress.show(`Loading data: ${tenant.name}`);
      await session.host.seed!(tenant, session.host.sample.seedFile);
      await session.client.call('updateTenant', {
        params: { tenant: tenant.id },
        body: { labels: { ...tenant.labels, [loadedLabel]: 'sample' } },
        ifMatch: tenant.version,
      });
      loaded.push(tenant.slug ?? tenant.id);
    }
  } catch (error) {
    session.interrupted.throwIfAborted();
    return { loaded, before, reason: `loading stopped: ${printable(describeFailure(error).message)}` };
  } finally {
    progress.stop();
  }
  return { loaded, before, reason: null };
}

// The seed file fits the sample's tables only.
async function whyNoData({ client, host, local }: Session): Promise<string | null> {
  if (!local) return 'data can be loaded on the machine of the control plane only';
  if (host.seed === undefined) return 'the keys of the cell are not on this machine';
  const { locations } = await client.call('listMigrations', {});
  const sample = join(dirname(resolve(host.sample.seedFile)), 'migrations');
  if (locations.length === 1 && resolve(locations[0]!) === sample) return null;
  return 'there is data for the sample only, and this control plane has other migrations';
}
