import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import type { ServerProcess } from '../support/process.ts';
import { outcomeOf } from './support/begin.ts';
import { installFaults, revisions, type Faults } from './support/faults.ts';
import { openSite, type Site } from './support/site.ts';
import { expectTruth, quiet, tryLogin } from './support/truth.ts';

const size = 2;
const pool = { TENANTRY_WARM_POOL: String(size) };
let site: Site;
let server: ServerProcess;
let faults: Faults;
beforeAll(async () => {
  site = await openSite();
  const first = site.spawn();
  await first.serving;
  faults = await installFaults(site.superuser);
  await first.kill();
  server = site.spawn(pool);
  await server.serving;
  await full();
});
afterEach(() => faults.clear());
afterAll(async () => {
  await faults.clear();
  await site.stop();
});

/** Waits until the pool holds what it should and nothing else. */
async function full(withinMs?: number): Promise<void> {
  await until(
    'the warm pool is full',
    async () => {
      const { rows } = await site.superuser.query<{ ready: string; others: string }>(
        `SELECT count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state <> 'ready') AS others
           FROM tenantry.spares`,
      );
      return rows[0]!.ready === String(size) && rows[0]!.others === '0';
    },
    withinMs,
  );
}

async function create(slug: string): Promise<void> {
  const { admin } = await server.serving;
  const { tenant } = await admin.call('createTenant', { body: { slug } });
  expect(tenant).toMatchObject({ state: 'active' });
}

/** The points of making a spare. The first is the row itself, the last the one that gives it away. */
describe.each(['spare:building', 'spare:ready'])('the making of a spare, at %s', (point) => {
  const name = point.replace(':', '-');

  test('fails, and the next attempt leaves nothing of it', async () => {
    await faults.raise(point, 'spare');
    await create(`fails-${name}`);
    // Whoever takes the next spare asks for the pool to be filled again.
    await until('the fault was met', async () => {
      const { rows } = await site.superuser.query<{ is_called: boolean }>(
        'SELECT is_called FROM fault.raised',
      );
      return rows[0]!.is_called;
    });
    await faults.clear();
    await create(`asks-${name}`);
    await full();
    await expectTruth(site, { revisions });
  });

  test('is killed with its server, and nothing of it is left after the restart', async () => {
    const gate = await faults.block(point, 'spare');
    await create(`killed-${name}`);
    await gate.reached();
    await server.kill();
    await faults.clear();
    server = site.spawn(pool);
    await server.serving;
    await full(10_000);
    await quiet(site);
    await expectTruth(site, { revisions });
  });

  test('loses its backend', async () => {
    const gate = await faults.block(point, 'spare');
    await create(`ended-${name}`);
    await site.superuser.query('SELECT pg_terminate_backend($1, 5000)', [await gate.reached()]);
    await faults.clear();
    await create(`asks-after-${name}`);
    await full();
    await expectTruth(site, { revisions });
  });
});

test('a spare whose claim is rolled back stays in the pool', async () => {
  const { admin } = await server.serving;
  await faults.raise('tenant:active', 'not-claimed');
  expect(await outcomeOf(admin.call('createTenant', { body: { slug: 'not-claimed' } }))).toBe('INTERNAL');
  await full();
  await create('claimed');
  expect(await tryLogin(site, 'claimed')).toBe('open');
  await full();
  await expectTruth(site, { revisions });
});
