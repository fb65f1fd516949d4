import type { Job, Queue } from 'bullmq';
import { PgBoss } from 'pg-boss';
import { startTestTenants, type TestTenant, type TestTenants } from '@tenantry/tenancy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addShout, shoutLater, shoutProcessor, startWorker } from '../jobs.ts';
import { schema } from './tenants.ts';

let tenants: TestTenants;
let acme: TestTenant;
let globex: TestTenant;
beforeAll(async () => {
  tenants = await startTestTenants({ schema });
  [acme, globex] = await Promise.all([tenants.create('acme'), tenants.create('globex')]);
  // The same id in both.
  for (const tenant of [acme, globex]) await tenant.query("INSERT INTO accounts (name) VALUES ('initech')");
});
afterAll(() => tenants?.stop());

const nameIn = async (tenant: TestTenant): Promise<unknown> =>
  (await tenant.query<{ name: string }>('SELECT name FROM accounts WHERE id = 1')).rows[0]?.name;

test('a job of pg-boss is worked on as the tenant that has sent it', async () => {
  const boss = new PgBoss({ connectionString: tenants.superuserUrl!, max: 3 });
  boss.on('error', () => {});
  await boss.start();
  try {
    await boss.createQueue('shout');
    // A worker that was started within the work of somebody is nobody's all the same.
    await globex.run(() => startWorker(tenants.tenancy, boss));
    await shoutLater(tenants.tenancy, boss, acme.tenant, '1');
    await expect.poll(() => nameIn(acme), { timeout: 10_000 }).toBe('INITECH');
    expect(await nameIn(globex)).toBe('initech');
  } finally {
    await boss.stop({ graceful: false });
  }
});

test('a job of BullMQ carries its tenant through its queue', async () => {
  // Its queues need a Redis; what is put into them and what a worker calls do not.
  const queued: unknown[] = [];
  const queue = { add: async (_name: string, data: unknown) => void queued.push(data) } as unknown as Queue;
  await globex.run(() => addShout(tenants.tenancy, queue, '1'));
  const data: unknown = JSON.parse(JSON.stringify(queued[0]));
  expect(data).toEqual({ tenantry: { tenant: globex.tenant }, data: { account: '1' } });
  const process = shoutProcessor(tenants.tenancy);
  await process({ data } as Job<never>, undefined);
  expect(await nameIn(globex)).toBe('INITECH');
});
