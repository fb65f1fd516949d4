import type { Job, JobsOptions, Processor, Queue } from 'bullmq';
import { runJob, wrapJob, type JobTenancy, type TenantJob } from './job.ts';

/**
 * A function that puts a job of the tenant whose work this is into a queue. Rejects with TENANT_CONTEXT_MISSING.
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
  return async (name, data, options) => queue.add(name, wrapJob(tenancy, data), options);
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
