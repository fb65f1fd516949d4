import type { CapturedContext } from '../context/context.ts';
import { TenancyError } from '../errors.ts';
import type { Tenancy } from '../tenancy.ts';

/** What is in a queue: whose job it is, and the job. */
export interface TenantJob<T> {
  readonly tenantry: CapturedContext;
  readonly data: T;
}

export type JobTenancy = Pick<Tenancy, 'capture' | 'restore' | 'exit'>;

/** A job of the tenant whose work this is. Throws TENANT_CONTEXT_MISSING. */
export function wrapJob<T>(tenancy: JobTenancy, data: T): TenantJob<T> {
  return { tenantry: tenancy.capture(), data };
}

/**
 * Works on a job as its tenant, whatever context the worker itself was started in. Rejects with TENANT_CONTEXT_MISSING for one
 * that was not made by {@link wrapJob}; PostgreSQL refuses one whose tenant was suspended meanwhile.
 */
export async function runJob<R>(
  tenancy: JobTenancy,
  job: unknown,
  fn: (data: unknown) => Promise<R>,
): Promise<R> {
  if (typeof job !== 'object' || job === null || !('tenantry' in job))
    throw new TenancyError(
      'TENANT_CONTEXT_MISSING',
      'The job carries no tenant. Put it into the queue through the helper.',
    );
  const { tenantry, data } = job as TenantJob<unknown>;
  return tenancy.exit(() => tenancy.restore(tenantry, () => fn(data)));
}
