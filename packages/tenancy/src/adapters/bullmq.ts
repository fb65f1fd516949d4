import type { Job, JobsOptions, Processor, Queue } from 'bullmq';
import type { TenantId } from '../tenant-id.ts';
import { runJob, wrapJob, type JobTenancy, type TenantJob } from './job.ts';

/**
 * A function that puts a job of the tenant whose work this is into a queue. Rejects with TENANT_CONTEXT_MISSING.
 *
 * A `jobId` and the id of a deduplication are the tenant's: equal ones of two tenants are two. What the job is called in Redis
 * tells the job that is returned.
 *
 * ```ts
 * const add = tenantAdd(tenancy, queue);
 * await tenancy.run(tenant, () => add('invoice', { order: 1 }));
 * ```
 */
export function tenantAdd<T>(
  tenancy: JobTenancy,
  queue: Pick<Queue, 'add'>,
): (name: string, data: T, options?: JobsOptions) => Promise<Job<TenantJob<T>>> {
  return async (name, data, options) => {
    const job = wrapJob(tenancy, data);
    return queue.add(name, job, options && ownOptions(options, job.tenantry.tenant));
  };
}

function ownOptions(options: JobsOptions, tenant: TenantId): JobsOptions {
  const { jobId, deduplication } = options;
  const own = { ...options };
  if (jobId !== undefined) own.jobId = `${tenant}-${jobId}`;
  if (deduplication !== undefined)
    own.deduplication = { ...deduplication, id: `${tenant}-${deduplication.id}` };
  return own;
}

/**
 * A processor for a BullMQ worker that works on each job as its tenant; the job's data are the second argument. A job that carries
 * no tenant fails.
 *
 * ```ts
 * new Worker('invoices', tenantProcessor(tenancy, async (job, { order }: Invoice) => invoice(order)), { connection });
 * ```
 */
export function tenantProcessor<T, R>(
  tenancy: JobTenancy,
  process: (job: Job<TenantJob<T>, R>, data: T, signal?: AbortSignal) => Promise<R>,
): Processor<TenantJob<T>, R> {
  return (job, _token, signal) => runJob(tenancy, job.data, (data) => process(job, data as T, signal));
}
