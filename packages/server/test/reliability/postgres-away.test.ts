import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '@tenantry/contract';
import type { ServerProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { outcomeOf } from './support/begin.ts';
import { installFaults, revisions, type Faults } from './support/faults.ts';
import { openSite, type Site } from './support/site.ts';
import { expectTruth, quiet, storyOf, tryLogin } from './support/truth.ts';

let site: Site;
let server: ServerProcess;
let url: string;
let token: string;
let admin: Client;
let faults: Faults;
beforeAll(async () => {
  site = await openSite();
  server = site.spawn();
  ({ url, token, admin } = await server.serving);
  faults = await installFaults(site.superuser);
});
afterEach(() => faults.clear());
afterAll(async () => {
  await faults.clear();
  await site.stop();
});

async function status(path: string): Promise<number> {
  return (await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } })).status;
}

describe('at start', () => {
  function startWith(change: (url: URL) => void): ServerProcess {
    const address = new URL(site.controlUrl);
    change(address);
    return site.spawn({ DATABASE_URL: address.href });
  }

  test('nobody listens', async () => {
    const started = startWith((address) => (address.port = '1'));
    expect(await started.ended).toEqual({ code: 1, signal: null });
    expect(started.output()).toMatch(/tenantry could not start: CELL_UNREACHABLE: .*cannot be reached/);
    expect(started.output()).not.toMatch(/\n\s+at |control-password/);
  });

  test('the password is wrong', async () => {
    const started = startWith((address) => (address.password = 'not-the-secret'));
    expect(await started.ended).toEqual({ code: 1, signal: null });
    expect(started.output()).toMatch(/tenantry could not start: CELL_LOGIN_REFUSED: /);
    expect(started.output()).not.toMatch(/\n\s+at |not-the-secret/);
  });
});

describe('while serving', () => {
  test('PostgreSQL crashes: callers are told, and all goes on by itself when it is back, the event stream too', async () => {
    const stream = await admin.open('listenEvents', { query: { topics: 'tenants' } });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    await site.postgres.kill();
    expect(await outcomeOf(admin.call('listTenants', {}))).toBe('DATABASE_UNAVAILABLE');
    expect(await outcomeOf(admin.call('createTenant', { body: { slug: 'while-away' } }))).toBe(
      'DATABASE_UNAVAILABLE',
    );
    expect(await status('/readyz')).toBe(503);
    expect(await status('/healthz')).toBe(200);

    await site.postgres.restart();
    await until('it is ready again', async () => (await status('/readyz')) === 200, 5_000);
    await admin.call('createTenant', { body: { slug: 'back-again' } });
    let told = '';
    while (!/event: tenant\.active\n/.test(told)) {
      const { value, done } = await reader.read();
      expect(done, 'the stream goes on').toBe(false);
      told += value ?? '';
    }
    await reader.cancel();
    expect(told).toContain('back-again');
    expect(await tryLogin(site, 'back-again')).toBe('open');
    await quiet(site);
    expect(await expectTruth(site, { revisions })).not.toContain('while-away');
  });

  test('PostgreSQL has no connection left: callers are told, and what was accepted is done later', async () => {
    const gate = await faults.block('build:running', 'patient');
    await admin.call('createTenant', { body: { slug: 'patient' } });
    await gate.reached();
    await site.superuser.query('ALTER ROLE tenantry_control CONNECTION LIMIT 0');
    await site.superuser.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'tenantry_control'`,
    );
    await faults.disarm();
    expect(['CELL_FULL', 'DATABASE_UNAVAILABLE']).toContain(await outcomeOf(admin.call('listTenants', {})));
    expect(await status('/readyz')).toBe(503);
    await site.superuser.query('ALTER ROLE tenantry_control CONNECTION LIMIT -1');
    await until('it is ready again', async () => (await status('/readyz')) === 200, 5_000);
    await quiet(site);
    expect(await expectTruth(site, { revisions })).toContain('patient');
  });

  test('the disk of the control schema is full: the caller is told, and nothing was created', async () => {
    await faults.raise('tenant:provisioning', 'no-space', '53100');
    expect(await outcomeOf(admin.call('createTenant', { body: { slug: 'no-space' } }))).toBe('CELL_FULL');
    expect(await expectTruth(site, { revisions })).not.toContain('no-space');
    expect(await storyOf(site, 'no-space')).toBeUndefined();
  });
});
