import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation, Tenant, TenantPage } from '@tenantry/contract';
import { startTestServer, type TestServer } from '../support/server.ts';
import { commandLine, endConnections, migrationDirectory, type Run } from './support.ts';

let server: TestServer;
let run: Run;
let migrations: string;

beforeAll(async () => {
  migrations = await migrationDirectory({
    'V1__notes.sql': 'CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text);\n',
    'V2__tags.sql': 'CREATE TABLE tags (name text PRIMARY KEY);\n',
  });
  server = await startTestServer({ migrations });
  run = commandLine(server);
});

afterAll(async () => {
  await endConnections();
  await server.stop();
  await rm(migrations, { recursive: true });
});

describe('tenant create', () => {
  test('waits until the tenant is active and prints what programs rely on', async () => {
    const ran = await run([
      'tenant',
      'create',
      'waits',
      '--name',
      'Waits Ltd',
      '--plan',
      'pro',
      '--label',
      'tier=1',
      '--json',
    ]);
    expect(ran.stderr).toBe('');
    expect(ran.code).toBe(0);
    const tenant = ran.json<Tenant & { operation: { id: string; state: string; ms: number } }>();
    expect(tenant).toMatchObject({
      slug: 'waits',
      name: 'Waits Ltd',
      state: 'active',
      plan: 'pro',
      labels: { tier: '1' },
      schemaVersion: '2',
      cell: 'default',
      operation: { state: 'succeeded' },
    });
    expect(tenant.schema).toBe(tenant.id);
    expect(tenant.operation.id).toMatch(/^op_/);
    expect(tenant.operation.ms).toBeGreaterThan(0);
  });

  test('prints fields for people', async () => {
    const ran = await run(['tenant', 'create', 'people']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^slug +people$/m);
    expect(ran.stdout).toMatch(/^state +active$/m);
    expect(ran.stdout).toMatch(/^schemaVersion +2$/m);
    expect(ran.stdout).toMatch(/^operation +op_\w+ succeeded [\d.]+ m?s$/m);
  });

  test('shows progress on a terminal, and leaves nothing of it behind', async () => {
    const ran = await run(['tenant', 'create', 'terminal'], { columns: 80 });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('terminal 0/3');
    expect(ran.stderr.endsWith('\r\u001b[2K')).toBe(true);
    expect(ran.stdout).toContain('● active');
  });

  test('does not wait with --no-wait, and an Idempotency-Key repeats the answer', async () => {
    const argv = ['tenant', 'create', 'later', '--no-wait', '--idempotency-key', 'once', '--json'];
    const first = (await run(argv)).json<{ id: string; operation: Operation }>();
    const again = (await run(argv)).json<{ id: string; operation: Operation }>();
    expect(again.id).toBe(first.id);
    expect(again.operation.id).toBe(first.operation.id);
    await server.finished(first.operation.id);
  });

  test.each([
    [['tenant', 'create', 'people-2', '--label', 'broken'], 2, 'USAGE'],
    [['tenant', 'create', 'Upper'], 2, 'SLUG_INVALID'],
    [['tenant', 'create', ''], 2, 'SLUG_INVALID'],
    [['tenant', 'create', 'x,tenant_b'], 2, 'SLUG_INVALID'],
    [['tenant', 'create', 'ok-slug', '--cell', 'nowhere'], 5, 'CELL_NOT_FOUND'],
    [['tenant', 'get', 'nobody'], 5, 'TENANT_NOT_FOUND'],
    [['tenant', 'get', '..'], 2, 'USAGE'],
    [['tenant', 'update', 'nobody'], 2, 'USAGE'],
    [['tenant', 'list', '--cursor', 'x'], 2, 'CURSOR_INVALID'],
  ])('%j exits with %i: %s', async (argv, code, problem) => {
    const ran = await run([...argv, '--json']);
    expect(ran.stdout).toBe('');
    expect(ran.error()).toMatchObject({ code: problem, exitCode: code });
    expect(ran.code).toBe(code);
  });

  test('a slug that is taken is a conflict, told with the id of the request', async () => {
    await run(['tenant', 'create', 'taken']);
    const ran = await run(['tenant', 'create', 'taken']);
    expect(ran.code).toBe(6);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toMatch(/^error SLUG_TAKEN: .*\n(.*\n)* {2}request req_/);
    expect(ran.stderr).not.toMatch(/\.ts:\d+/);
  });
});

test('update changes what it names and keeps the other labels', async () => {
  await run(['tenant', 'create', 'labelled', '--label', 'a=1', '--label', 'b=2']);
  const argv = [
    'tenant',
    'update',
    'labelled',
    '--slug',
    'relabelled',
    '--label',
    'c=x=y',
    '--remove-label',
    'a',
    '--json',
  ];
  const ran = await run(argv);
  expect(ran.json()).toMatchObject({ slug: 'relabelled', labels: { b: '2', c: 'x=y' } });
});

test('update does not lose the label that somebody else sets at the same moment', async () => {
  await run(['tenant', 'create', 'contended']);
  let meddled = false;
  const ran = await run(['tenant', 'update', 'contended', '--label', 'mine=1', '--json'], {
    fetch: async (url, init) => {
      if (init?.method === 'PATCH' && !meddled) {
        meddled = true;
        await run(['tenant', 'update', 'contended', '--label', 'theirs=1']);
      }
      return fetch(url, init);
    },
  });
  expect(ran.code).toBe(0);
  expect(ran.json()).toMatchObject({ labels: { mine: '1', theirs: '1' } });
});

test('a tenant is led through its life, and the audit trail has every step', async () => {
  const { id } = (await run(['tenant', 'create', 'life', '--json'])).json<Tenant>();
  const state = async (...argv: string[]) => (await run(['tenant', ...argv, '--json'])).json<Tenant>().state;
  expect(await state('suspend', 'life', '--reason', 'unpaid')).toBe('suspended');
  expect(await state('resume', 'life')).toBe('active');
  expect(await state('archive', 'life')).toBe('archived');
  expect(await state('resume', id)).toBe('active');
  expect((await run(['tenant', 'rotate-credential', 'life', '--json'])).json()).toMatchObject({
    credentialVersion: 2,
  });
  expect(await state('delete', 'life')).toBe('deleting');
  expect((await run(['tenant', 'purge', 'life'])).code).toBe(2);
  expect((await run(['tenant', 'purge', 'life', '--confirm', 'other', '--force'])).code).toBe(2);
  const early = await run(['tenant', 'purge', 'life', '--confirm', 'life']);
  expect([early.code, early.stderr]).toEqual([6, expect.stringContaining('GRACE_PERIOD')]);
  const purged = await run([
    'tenant',
    'purge',
    'life',
    '--confirm',
    'life',
    '--force',
    '--release-slug',
    '--json',
  ]);
  expect(purged.json()).toMatchObject({
    id,
    slug: null,
    state: 'deleted',
    operation: { state: 'succeeded' },
  });

  const trail = await run(['audit', 'list', '--tenant', id, '--limit', '100', '--json']);
  const actions = trail.json<{ items: { action: string; reason: string | null }[] }>().items;
  expect(actions.map(({ action }) => action).toReversed()).toEqual([
    'tenant.create',
    'tenant.activate',
    'tenant.suspend',
    'tenant.resume',
    'tenant.archive',
    'tenant.resume',
    'tenant.rotate-credential',
    'tenant.delete',
    'tenant.purge-requested',
    'tenant.purge',
  ]);
  expect(actions.find(({ action }) => action === 'tenant.suspend')?.reason).toBe('unpaid');
});

test('list filters, and --all reads every page', async () => {
  for (const slug of ['page-1', 'page-2', 'page-3']) {
    await run(['tenant', 'create', slug, '--label', 'page=yes', '--no-wait']);
  }
  const argv = ['tenant', 'list', '--label', 'page=yes', '--sort', 'slug', '--limit', '2'];
  const first = (await run([...argv, '--json'])).json<TenantPage>();
  expect(first.items.map(({ slug }) => slug)).toEqual(['page-1', 'page-2']);
  const rest = (await run([...argv, '--cursor', first.nextCursor!, '--json'])).json<TenantPage>();
  expect(rest.items.map(({ slug }) => slug)).toEqual(['page-3']);
  const all = (await run([...argv, '--all', '--json'])).json<TenantPage>();
  expect(all).toMatchObject({ nextCursor: null, total: 3 });
  expect(all.items).toHaveLength(3);
  const people = await run(argv);
  expect(people.stdout).toMatch(/^SLUG +STATE/);
  expect(people.stderr).toMatch(/^2 of 3 tenants\. More with --all/);
  const both = await run([...argv, '--all', '--cursor', 'x']);
  expect(both.code).toBe(2);
});
