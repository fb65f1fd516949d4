import { Job, type JobsOptions, type MinimalQueue, type Queue } from 'bullmq';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tenantAdd, tenantProcessor } from '../../src/adapters/bullmq.ts';
import { runJob, wrapJob } from '../../src/adapters/job.ts';
import { tenantBoss } from '../../src/adapters/pg-boss.ts';
import { staticDirectory, type StaticDirectory } from '../../src/directory/index.ts';
import { createTenancy, newTenantId, type Tenancy } from '../../src/index.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';

let cell: TestCell;
let tenancy: Tenancy;
let directory: StaticDirectory;
let a: TestTenant;
let b: TestTenant;

beforeAll(async () => {
  cell = await startTestCell();
  [a, b] = cell.tenants as [TestTenant, TestTenant];
  directory = staticDirectory(cell.placements());
  tenancy = createTenancy({ directory, credentialKey: cell.credentialKey });
});
afterAll(async () => {
  await tenancy?.close();
  await cell?.stop();
});

const firstBody = async (): Promise<string> =>
  (await tenancy.pool.query<{ body: string }>('SELECT body FROM notes WHERE id = 1')).rows[0]!.body;

describe('pg-boss', () => {
  let boss: PgBoss;
  beforeAll(async () => {
    boss = new PgBoss({ connectionString: cell.postgres.superuserUrl, max: 3 });
    boss.on('error', () => {});
    await boss.start();
  });
  afterAll(() => boss?.stop({ graceful: false }));

  test('a job runs as the tenant that has sent it, in whatever context the worker was started', async () => {
    await boss.createQueue('notes');
    const jobs = tenantBoss(tenancy, boss);
    const done = new Map<string, string>();
    const all = Promise.withResolvers<void>();
    await tenancy.run(a.id, () =>
      jobs.work<{ from: string }>(
        'notes',
        { pollingIntervalSeconds: 0.5, localConcurrency: 2 },
        async ({ data, id }) => {
          expect(id).toEqual(expect.any(String));
          done.set(data.from, await firstBody());
          if (done.size === 4) all.resolve();
        },
      ),
    );
    for (const tenant of [a, b]) {
      for (const from of ['first', 'second'])
        await tenancy.run(tenant.id, () => jobs.send('notes', { from: `${from} of ${tenant.slug}` }));
    }
    await all.promise;
    for (const [from, body] of done) expect(body).toBe(from.endsWith(a.slug) ? a.canary : b.canary);
  });

  test('equal keys of two tenants are two keys, and what is allowed once is once for each tenant', async () => {
    await boss.createQueue('once');
    await boss.createQueue('short', { policy: 'short' });
    const jobs = tenantBoss(tenancy, boss);
    const options = { singletonKey: 'order-1', singletonSeconds: 600 };
    const send = (tenant: TestTenant, queue: string, how = {}) =>
      tenancy.run(tenant.id, () => jobs.send(queue, { order: 1 }, how));
    for (const tenant of [a, b]) {
      for (const [queue, how] of [
        ['once', options],
        ['once', { singletonSeconds: 600 }],
        ['short', {}],
        ['short', { singletonKey: 'x' }],
      ] as const) {
        expect(await send(tenant, queue, how)).toEqual(expect.any(String));
        expect(await send(tenant, queue, how)).toBeNull();
      }
    }
  });

  test('without a tenant nothing is sent, and a job without one fails', async () => {
    await boss.createQueue('strays', { retryLimit: 0 });
    const jobs = tenantBoss(tenancy, boss);
    await expect(jobs.send('strays', { order: 1 })).rejects.toMatchObject({ code: 'TENANT_CONTEXT_MISSING' });
    const id = await boss.send('strays', { order: 1 });
    let worked = false;
    const failed = Promise.withResolvers<void>();
    await jobs.work('strays', { pollingIntervalSeconds: 0.5 }, async () => void (worked = true));
    const poll = setInterval(() => {
      void boss.getJobById('strays', id!).then((job) => job?.state === 'failed' && failed.resolve());
    }, 50);
    await failed.promise;
    clearInterval(poll);
    expect(worked).toBe(false);
  });
});

describe('BullMQ', () => {
  // Its queues need a Redis; its jobs and what a worker calls do not.
  const jobOf = (data: unknown): Job<never> =>
    new Job(
      { toKey: () => '', keys: {}, opts: {}, qualifiedName: '' } as unknown as MinimalQueue,
      'notes',
      data as never,
      {},
      '1',
    );

  test('a processor works on a job as its tenant, after a way through JSON', async () => {
    const process = tenantProcessor(tenancy, async (_job, { id }: { id: number }) => ({
      id,
      body: await firstBody(),
    }));
    const results = await Promise.all(
      [a, b].map(async (tenant) => {
        const data = tenancy.run(tenant.id, () => wrapJob(tenancy, { id: 7 }));
        return process(jobOf(JSON.parse(JSON.stringify(data))));
      }),
    );
    expect(results).toEqual([
      { id: 7, body: a.canary },
      { id: 7, body: b.canary },
    ]);
  });

  test('ids of jobs and of deduplication are the tenant’s', async () => {
    const added: JobsOptions[] = [];
    const add = async (_name: string, _data: unknown, options: JobsOptions) => void added.push(options);
    const queue = { add } as unknown as Pick<Queue, 'add'>;
    for (const tenant of [a, b])
      await tenancy.run(tenant.id, () =>
        tenantAdd(tenancy, queue)(
          'notes',
          {},
          { jobId: '1', deduplication: { id: '1', ttl: 5 }, priority: 3 },
        ),
      );
    expect(added).toEqual(
      [a, b].map(({ id }) => ({
        jobId: `${id}-1`,
        deduplication: { id: `${id}-1`, ttl: 5 },
        priority: 3,
      })),
    );
  });

  test('a job without a tenant fails', async () => {
    const process = tenantProcessor(tenancy, async () => firstBody());
    for (const data of [
      null,
      undefined,
      'x',
      {},
      { tenantry: null },
      { tenantry: {} },
      { tenantry: { tenant: 'public' } },
      { tenant: a.id },
    ])
      await expect(process(jobOf(data)), JSON.stringify(data)).rejects.toMatchObject({
        code: 'TENANT_CONTEXT_MISSING',
      });
  });
});

test('a job of a tenant that is unknown or suspended by now reads nothing', async () => {
  const tenant = await cell.addTenant();
  directory.set(cell.placement(tenant));
  const job = tenancy.run(tenant.id, () => wrapJob(tenancy, {}));
  expect(await runJob(tenancy, job, firstBody)).toBe(tenant.canary);
  directory.remove(tenant.id);
  for (const stray of [job, { tenantry: { tenant: newTenantId() }, data: {} }])
    await expect(runJob(tenancy, stray, firstBody)).rejects.toMatchObject({ code: 'TENANT_NOT_FOUND' });
});
