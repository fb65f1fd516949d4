import type { Job, PgBoss, SendOptions, WorkOptions } from 'pg-boss';
import { runJob, wrapJob, type JobTenancy } from './job.ts';

/** {@link tenantBoss}. */
export interface TenantBoss {
  /**
   * As `boss.send`; the job belongs to the tenant whose work this is, and so does its `singletonKey`: equal keys of two tenants
   * are two keys. An `id` of your own has to be unique among all tenants. Throws TENANT_CONTEXT_MISSING.
   */
  send(queue: string, data?: object | null, options?: SendOptions): Promise<string | null>;
  /**
   * As `boss.work`, a job at a time and as its tenant. One that carries no tenant fails, so that pg-boss retries it and in the
   * end puts it into the dead letter queue.
   */
  work<T extends object>(
    queue: string,
    options: Omit<WorkOptions, 'batchSize' | 'perJobResults' | 'transactional'>,
    handler: (job: Job<T>) => Promise<unknown>,
  ): Promise<string>;
}

/**
 * Jobs of pg-boss that carry their tenant. pg-boss itself has a database and a login of its own, never a tenant's.
 *
 * ```ts
 * const jobs = tenantBoss(tenancy, boss);
 * await tenancy.run(tenant, () => jobs.send('invoice', { order: 1 }));
 * await jobs.work<{ order: number }>('invoice', {}, ({ data }) => invoice(data.order)); // runs as the tenant
 * ```
 */
export function tenantBoss(tenancy: JobTenancy, boss: Pick<PgBoss, 'send' | 'work'>): TenantBoss {
  return {
    async send(queue, data = null, options) {
      const job = wrapJob(tenancy, data);
      const { tenant } = job.tenantry;
      // Also without a key of its own: what a queue's policy or `singletonSeconds` allows once is once for each tenant.
      const key = [tenant, options?.singletonKey].join(' ').trim();
      return boss.send(queue, job, { ...options, singletonKey: key });
    },
    work(queue, options, handler) {
      return boss.work(queue, { ...options, batchSize: 1 }, async ([job]: Job<unknown>[]) =>
        runJob(tenancy, job!.data, (data) => handler({ ...job!, data } as Parameters<typeof handler>[0])),
      );
    },
  };
}
