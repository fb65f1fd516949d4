import type { Job, PgBoss, SendOptions, WorkOptions } from 'pg-boss';
import { runJob, wrapJob, type JobTenancy } from './job.ts';

/** {@link tenantBoss}. */
export interface TenantBoss {
  /** As `boss.send`; the job belongs to the tenant whose work this is. Throws TENANT_CONTEXT_MISSING. */
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
      return boss.send(queue, wrapJob(tenancy, data), options);
    },
    work(queue, options, handler) {
      return boss.work(queue, { ...options, batchSize: 1 }, async ([job]: Job<unknown>[]) =>
        runJob(tenancy, job!.data, (data) => handler({ ...job!, data } as Parameters<typeof handler>[0])),
      );
    },
  };
}
