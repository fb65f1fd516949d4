import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import type { ServerProcess } from '../support/process.ts';
import { installFaults, revisions } from './support/faults.ts';
import { openSite, type Site } from './support/site.ts';
import { expectTruth, quiet, storyOf, tryLogin } from './support/truth.ts';

/** The functions that lease a tenant are made beside the probe: what comes in between must leave both or neither. */
let site: Site;
let server: ServerProcess;
beforeAll(async () => {
  site = await openSite();
  server = site.spawn();
  await server.serving;
  // The migrations of a site ask whether they are to fail.
  await installFaults(site.superuser);
});
afterAll(() => site.stop());

const create = async (slug: string) => (await server.serving).admin.call('createTenant', { body: { slug } });

/** Runs `work` while nobody can make functions, once somebody is trying to. */
async function whileStandingStill(slug: string, work: () => Promise<unknown>): Promise<void> {
  const holder = await site.superuser.connect();
  // PostgreSQL may end it.
  holder.on('error', () => {});
  try {
    await holder.query('BEGIN; LOCK TABLE tenantry_lease.slots IN ACCESS EXCLUSIVE MODE');
    await create(slug);
    await until('the functions are being made', async () => {
      const { rowCount } = await site.superuser.query(
        `SELECT FROM pg_locks WHERE relation = 'tenantry_lease.slots'::regclass AND NOT granted`,
      );
      return rowCount === 1;
    });
    await work();
  } finally {
    holder.release(true);
  }
}

test('the process is killed while they are made: the next one makes them', async () => {
  await whileStandingStill('killed', () => server.kill());
  server = site.spawn();
  await server.serving;
  await quiet(site);
  expect(await expectTruth(site, { revisions })).toContain('killed');
  expect(await storyOf(site, 'killed')).toMatchObject({ operation: 'succeeded', unfinished: [] });
  expect(await tryLogin(site, 'killed')).toBe('open');
});

test('they cannot be made: the operation fails, nothing is left, and a retry goes through', async () => {
  await site.superuser.query('ALTER TABLE tenantry_lease.slots RENAME TO gone');
  const { operation } = await create('refused');
  await quiet(site);
  await site.superuser.query('ALTER TABLE tenantry_lease.gone RENAME TO slots');
  expect(await expectTruth(site, { revisions })).not.toContain('refused');
  expect((await storyOf(site, 'refused'))?.operation).toMatch(/^failed /);
  await (await server.serving).admin.call('retryOperation', { params: { operation: operation.id } });
  await quiet(site);
  expect(await expectTruth(site, { revisions })).toContain('refused');
});

test('PostgreSQL crashes while they are made: they are made when it is back', async () => {
  await whileStandingStill('crashed', () => site.postgres.kill());
  await site.postgres.restart();
  await quiet(site);
  expect(await expectTruth(site, { revisions })).toContain('crashed');
});

test('twenty tenants at once all get theirs', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => create(`at-once-${i}`)));
  await quiet(site);
  const standing = await expectTruth(site, { revisions });
  expect(standing.filter((slug) => slug.startsWith('at-once-'))).toHaveLength(20);
});
