import { connect } from 'node:net';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runningPostmaster } from '@tenantry/tenancy/embedded';
import { spawnServer, type ServerProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { makeTenants } from './support/begin.ts';
import { installFaults, revisions, type Faults } from './support/faults.ts';
import { openSite, type Site } from './support/site.ts';
import { expectTruth, quiet, tryLogin } from './support/truth.ts';

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
afterAll(async () => {
  await faults.clear();
  await site.stop();
});

const cleanly = { code: 0, signal: null };

async function closed(server: ServerProcess): Promise<void> {
  const { url } = await server.serving;
  await until('it takes no more requests', () =>
    fetch(url).then(
      () => false,
      () => true,
    ),
  );
}

describe('SIGTERM', () => {
  test('lets a provisioning end, closes event streams, is not held up by half a request, and again changes nothing', async () => {
    const server = site.spawn();
    const { admin, url } = await server.serving;
    const gate = await faults.block('migration:middle', 'in-time');
    await admin.call('createTenant', { body: { slug: 'in-time' } });
    await gate.reached();
    const stream = await admin.open('listenEvents', {});
    const slow = connect(Number(new URL(url).port), '127.0.0.1');
    slow.on('error', () => {});
    await new Promise((resolve) => slow.write('POST /v1/tenants HTTP/1.1\r\nhost: x\r\n', resolve));

    server.child.kill('SIGTERM');
    // The stream ends, without an error and without a partial message.
    expect(await stream.text()).toMatch(/\n\n$/);
    await closed(server);
    server.child.kill('SIGTERM');
    await gate.open();
    expect(await server.ended).toEqual(cleanly);
    slow.destroy();
    await quiet(site, 1_000);
    expect(await expectTruth(site, { revisions })).toContain('in-time');
    expect(await tryLogin(site, 'in-time')).toBe('open');
    expect(server.output()).not.toMatch(/Error|"level":50/);
  });

  test('leaves what does not end in time to the next start', async () => {
    const server = site.spawn();
    const { admin } = await server.serving;
    const gate = await faults.block('migration:first', 'too-long');
    await admin.call('createTenant', { body: { slug: 'too-long' } });
    await gate.reached();
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual(cleanly);
    await faults.clear();
    const next = site.spawn();
    await next.serving;
    await quiet(site, 5_000);
    expect(await expectTruth(site, { revisions })).toContain('too-long');
    next.child.kill('SIGTERM');
    expect(await next.ended).toEqual(cleanly);
  }, 60_000);

  test('while it starts ends it cleanly', async () => {
    const holder = new pg.Client(site.superuser.options.connectionString);
    await holder.connect();
    await holder.query(`SELECT pg_advisory_lock(hashtextextended('tenantry.install', 0))`);
    const server = site.spawn();
    await until('it is starting', async () => {
      const { rowCount } = await site.superuser.query(
        `SELECT FROM pg_stat_activity WHERE application_name = 'tenantry install' AND wait_event_type = 'Lock'`,
      );
      return rowCount === 1;
    });
    server.child.kill('SIGTERM');
    await holder.end();
    expect(await server.ended).toEqual(cleanly);
    const { rowCount } = await site.superuser.query(
      `SELECT FROM pg_stat_activity WHERE application_name LIKE 'tenantry%'`,
    );
    expect(rowCount).toBe(0);
  });
});

describe('with the embedded PostgreSQL', () => {
  let parent: string;
  let server: ServerProcess;
  const start = () => spawnServer({ TENANTRY_HOME: join(parent, 'home') });
  const postmaster = () => runningPostmaster(join(parent, 'home', 'postgres', 'data')).catch(() => undefined);
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'tenantry-embedded-'));
    await chmod(parent, 0o711);
  });
  afterAll(async () => {
    await server.kill();
    await rm(parent, { recursive: true, force: true });
  });

  test('SIGKILL in the middle of ten provisionings, then a start: all are active, within seconds', async () => {
    server = start();
    const { admin } = await server.serving;
    const slugs = Array.from({ length: 10 }, (_, i) => `embedded-${i}`);
    await Promise.all(slugs.map((slug) => admin.call('createTenant', { body: { slug } })));
    await server.kill();
    server = start();
    const next = (await server.serving).admin;
    const started = performance.now();
    await until('all are active', async () => {
      const { items } = await next.call('listTenants', { query: { limit: 50 } });
      return items.length === slugs.length && items.every(({ state }) => state === 'active');
    });
    // Nobody waits for the minute after which a job counts as lost; a busy machine takes its time for ten tenants.
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('SIGTERM stops PostgreSQL too', async () => {
    expect(await postmaster()).toBeDefined();
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual(cleanly);
    expect(await postmaster()).toBeUndefined();
  });

  test('SIGTERM while PostgreSQL is just starting stops it too', async () => {
    server = start();
    await until('PostgreSQL is there', async () => (await postmaster()) !== undefined);
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual(cleanly);
    expect(await postmaster()).toBeUndefined();
  });
});

test('what is used before is there after: a stop and a start change nothing', async () => {
  const first = site.spawn();
  await makeTenants((await first.serving).admin, site, ['kept']);
  first.child.kill('SIGINT');
  expect(await first.ended).toEqual(cleanly);
  const second = site.spawn();
  const { admin } = await second.serving;
  expect(await admin.call('getTenant', { params: { tenant: 'kept' } })).toMatchObject({ state: 'active' });
  second.child.kill('SIGTERM');
  expect(await second.ended).toEqual(cleanly);
});
