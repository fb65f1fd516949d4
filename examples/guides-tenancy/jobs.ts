import type { Tenancy, TenantId } from '@tenantry/tenancy';
import type { Queue } from 'bullmq';
import type { PgBoss } from 'pg-boss';

const rename = 'UPDATE accounts SET name = upper(name) WHERE id = $1';

// #region pg-boss
import { tenantBoss } from '@tenantry/tenancy/pg-boss';

export async function startWorker(tenancy: Tenancy, boss: PgBoss): Promise<void> {
  const jobs = tenantBoss(tenancy, boss);
  // Runs as the tenant of the job, in whatever context the worker was started.
  await jobs.work<{ account: string }>('shout', { pollingIntervalSeconds: 0.5 }, async ({ data }) => {
    await tenancy.query(rename, [data.account]);
  });
}

export async function shoutLater(tenancy: Tenancy, boss: PgBoss, tenant: TenantId, account: string) {
  await tenancy.run(tenant, () => tenantBoss(tenancy, boss).send('shout', { account }));
}
// #endregion

// #region bullmq
import { tenantAdd, tenantProcessor } from '@tenantry/tenancy/bullmq';

export async function addShout(tenancy: Tenancy, queue: Pick<Queue, 'add'>, account: string): Promise<void> {
  const add = tenantAdd(tenancy, queue);
  await add('shout', { account });
}

/** For `new Worker('shout', shoutProcessor(tenancy), { connection })`. */
export const shoutProcessor = (tenancy: Tenancy) =>
  tenantProcessor(tenancy, async (_job, { account }: { account: string }) => {
    await tenancy.query(rename, [account]);
  });
// #endregion
