import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { installFaults, revisions, type Faults } from './support/faults.ts';
import { openSite, type Site } from './support/site.ts';
import { expectTruth, quiet, storyOf, tryLogin } from './support/truth.ts';
import { until } from '../support/until.ts';

let site: Site;
let faults: Faults;
beforeAll(async () => {
  site = await openSite();
  const first = site.spawn();
  await first.serving;
  faults = await installFaults(site.superuser);
  await first.kill();
});
afterEach(() => faults.clear());
afterAll(() => site.stop());

async function gone(pid: number): Promise<void> {
  await until('the backend of the frozen worker was ended', async () => {
    const { rowCount } = await site.superuser.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid]);
    return rowCount === 0;
  });
}

test('a worker that was frozen while another took over commits nothing and leaves nothing', async () => {
  const frozen = site.spawn();
  const { admin } = await frozen.serving;
  const tenants = new Map<string, string>();
  const create = async (slug: string) => {
    const { tenant } = await admin.call('createTenant', { body: { slug } });
    tenants.set(slug, tenant!.id);
  };

  // One that is being removed again, one in the middle of its build.
  await faults.fail('tenant:active', 'back');
  const rollback = await faults.block('rollback:running', 'back');
  await create('back');
  await rollback.reached();
  const drop = await faults.blockDrop(tenants.get('back')!);
  await rollback.open();
  await drop.reached();
  const build = await faults.block('migration:middle', 'forward');
  await create('forward');
  const builder = await build.reached();

  frozen.child.kill('SIGSTOP');
  await faults.disarm();
  await drop.open();
  const other = site.spawn();
  await other.serving;
  // The queue notices by missed heartbeats; the frozen process still shows its presence.
  await quiet(site, 40_000);
  await gone(builder);
  const before = await outcome();

  frozen.child.kill('SIGCONT');
  await build.open();
  // It still serves, and what it does next is not disturbed by what it missed.
  await create('next');
  await quiet(site);
  expect(await outcome()).toEqual(before);
  expect(before).toEqual({
    forward: {
      operation: 'succeeded',
      unfinished: [],
      audit: ['tenant.create success', 'tenant.activate success'],
    },
    back: {
      operation: 'failed INTERNAL',
      unfinished: ['activate failed'],
      audit: ['tenant.create success', 'tenant.provision failure'],
    },
  });
  expect(await expectTruth(site, { revisions })).toEqual(['forward', 'next']);
  expect(await tryLogin(site, 'forward')).toBe('open');
  await frozen.kill();
  await other.kill();
}, 90_000);

test('a spare that a frozen process was making is made by another one, and not twice', async () => {
  const pool = { TENANTRY_WARM_POOL: '1' };
  const build = await faults.block('migration:middle', 'spare');
  const frozen = site.spawn(pool);
  await frozen.serving;
  const builder = await build.reached();
  frozen.child.kill('SIGSTOP');
  await faults.disarm();
  const other = site.spawn(pool);
  await other.serving;
  await gone(builder);
  frozen.child.kill('SIGCONT');
  await build.open();
  await until('there is one spare', async () => {
    const { rows } = await site.superuser.query<{ state: string }>('SELECT state FROM tenantry.spares');
    return rows.length === 1 && rows[0]!.state === 'ready';
  });
  await quiet(site);
  await expectTruth(site, { revisions });
  await frozen.kill();
  await other.kill();
}, 90_000);

async function outcome() {
  return { forward: await storyOf(site, 'forward'), back: await storyOf(site, 'back') };
}
