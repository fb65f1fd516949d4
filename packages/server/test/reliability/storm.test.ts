import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiError } from '@tenantry/contract';
import { installFaults, revisions } from './support/faults.ts';
import { openSite, type Site } from './support/site.ts';
import { expectTruth, quiet, tryLogin } from './support/truth.ts';
import { until } from '../support/until.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.stop());

test('a hundred creates while one backend after the other is ended: every one ends, and all counts agree', async () => {
  const server = site.spawn({ TENANTRY_CONCURRENCY: '4' });
  const { admin } = await server.serving;
  await installFaults(site.superuser);
  const slugs = Array.from({ length: 100 }, (_, i) => `storm-${String(i).padStart(3, '0')}`);
  let killed = 0;
  const storm = setInterval(() => {
    void site.superuser
      .query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name LIKE 'tenantry%' AND state IS NOT NULL ORDER BY random() LIMIT 1`,
      )
      .then(({ rowCount }) => (killed += rowCount ?? 0));
  }, 200);
  try {
    await Promise.all(
      slugs.map((slug) =>
        // As a client does it: the same request with the same key, until somebody answers.
        until(
          `${slug} is accepted`,
          () =>
            admin
              .call('createTenant', { body: { slug }, headers: { 'idempotency-key': slug } })
              .catch((error: unknown) => {
                if (error instanceof ApiError && error.problem.status < 500) throw error;
                return undefined;
              }),
          60_000,
        ),
      ),
    );
    await quiet(site, 60_000);
  } finally {
    clearInterval(storm);
  }
  await quiet(site, 60_000);
  expect(killed).toBeGreaterThan(10);
  const { rows } = await site.superuser.query<{ state: string; n: string }>(
    'SELECT state, count(*) AS n FROM tenantry.operations GROUP BY state',
  );
  const counts = new Map(rows.map(({ state, n }) => [state, Number(n)]));
  const succeeded = counts.get('succeeded') ?? 0;
  expect(succeeded + (counts.get('failed') ?? 0)).toBe(100);
  // Ending a backend is no reason for a tenant to fail; the same one would have to be hit four times in a row.
  expect(succeeded).toBeGreaterThan(90);
  const standing = await expectTruth(site, { revisions });
  expect(standing).toHaveLength(succeeded);
  expect(await tryLogin(site, standing[0]!)).toBe('open');
  const active = await admin.call('listTenants', { query: { state: 'active', limit: 1 } });
  expect(active.total).toBe(succeeded);
}, 150_000);
