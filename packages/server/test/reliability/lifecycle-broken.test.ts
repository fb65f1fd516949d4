import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '@tenantry/contract';
import type { ServerProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { makeTenants, outcomeOf } from './support/begin.ts';
import { installFaults, revisions, type Faults } from './support/faults.ts';
import { openSite, type Site } from './support/site.ts';
import { expectTruth, quiet, tryLogin } from './support/truth.ts';

let site: Site;
let server: ServerProcess;
let admin: Client;
let faults: Faults;
beforeAll(async () => {
  site = await openSite();
  server = site.spawn();
  ({ admin } = await server.serving);
  faults = await installFaults(site.superuser);
});
afterEach(() => faults.clear());
afterAll(async () => {
  await faults.clear();
  await site.stop();
});

/** A change of a tenant's login: how it is asked for, and the point between the cell's change and the commit. */
interface Change {
  readonly name: string;
  readonly point: string;
  readonly before: (slug: string) => Promise<unknown>;
  readonly act: (slug: string) => Promise<unknown>;
}

const nothing = () => Promise.resolve();
const suspend = (tenant: string) => admin.call('suspendTenant', { params: { tenant }, body: {} });
const changes: readonly Change[] = [
  { name: 'suspend', point: 'tenant:suspended', before: nothing, act: suspend },
  {
    name: 'archive',
    point: 'tenant:archived',
    before: nothing,
    act: (tenant) => admin.call('archiveTenant', { params: { tenant }, body: {} }),
  },
  {
    name: 'resume',
    point: 'tenant:active',
    before: suspend,
    act: (tenant) => admin.call('resumeTenant', { params: { tenant }, body: {} }),
  },
  {
    name: 'rotate',
    point: 'tenant:rotated',
    before: nothing,
    act: (tenant) => admin.call('rotateTenantCredential', { params: { tenant }, body: {} }),
  },
];

/** The promise about logins: open when the tenant is shown as active, refused when it is not. */
async function expectAgreement(slug: string): Promise<string> {
  const { state } = await admin.call('getTenant', { params: { tenant: slug } });
  const login = await tryLogin(site, slug);
  expect(login === 'open', `${slug} is ${state} and its login ${login}`).toBe(state === 'active');
  return state;
}

describe.each(changes)('$name', ({ name, point, before, act }) => {
  test('whose commit fails leaves row and login in agreement', async () => {
    const slug = `${name}-fails`;
    await makeTenants(admin, site, [slug]);
    await before(slug);
    const first = await expectAgreement(slug);
    await faults.raise(point, slug);
    expect(await outcomeOf(act(slug))).toBe('INTERNAL');
    expect(await expectAgreement(slug)).toBe(first);
    expect(await outcomeOf(act(slug))).toBe('done');
    await expectAgreement(slug);
  });

  test('whose backend is ended leaves row and login in agreement', async () => {
    const slug = `${name}-ended`;
    await makeTenants(admin, site, [slug]);
    await before(slug);
    const gate = await faults.block(point, slug);
    const answer = outcomeOf(act(slug));
    await site.superuser.query('SELECT pg_terminate_backend($1, 5000)', [await gate.reached()]);
    await gate.open();
    expect(await answer).toBe('DATABASE_UNAVAILABLE');
    await expectAgreement(slug);
    expect(await outcomeOf(act(slug))).toBe('done');
    await expectAgreement(slug);
  });
});

describe('purge', () => {
  const points = [
    'operation:taken',
    'drop:running',
    'drop:succeeded',
    'tenant:deleted',
    'operation:succeeded',
  ];

  async function makeDeleted(slug: string): Promise<void> {
    await makeTenants(admin, site, [slug]);
    await admin.call('deleteTenant', { params: { tenant: slug }, body: {} });
  }

  async function askForPurge(slug: string): Promise<string> {
    const body = { confirm: slug, force: true };
    const { operation } = await admin.call('purgeTenant', { params: { tenant: slug }, body });
    return operation.id;
  }

  test.each(points)('that fails at %s keeps the tenant shut out, and a retry finishes it', async (point) => {
    const slug = `purge-fails-${points.indexOf(point)}`;
    await makeDeleted(slug);
    await faults.raise(point, slug);
    const params = { operation: await askForPurge(slug) };
    const ended = await until('the purge has ended', async () => {
      const operation = await admin.call('getOperation', { params });
      return operation.finishedAt === null ? undefined : operation;
    });
    if (ended.state === 'failed') {
      expect(await admin.call('getTenant', { params: { tenant: slug } })).toMatchObject({
        state: 'deleting',
      });
      await faults.clear();
      // At once, while the queue may not have noted the end of the attempt before.
      await admin.call('retryOperation', { params });
    }
    await quiet(site, 5_000);
    expect(await admin.call('getOperation', { params })).toMatchObject({ state: 'succeeded' });
    expect(await admin.call('getTenant', { params: { tenant: slug } })).toMatchObject({ state: 'deleted' });
    await expectTruth(site, { revisions });
  });

  test('whose backend is ended in the middle of the drop goes on', async () => {
    const slug = 'purge-ended';
    await makeDeleted(slug);
    const { id: schema } = await admin.call('getTenant', { params: { tenant: slug } });
    const drop = await faults.blockDrop(schema);
    const id = await askForPurge(slug);
    await site.superuser.query('SELECT pg_terminate_backend($1, 5000)', [await drop.reached()]);
    await drop.open();
    await quiet(site);
    expect(await admin.call('getOperation', { params: { operation: id } })).toMatchObject({
      state: 'succeeded',
    });
    await expectTruth(site, { revisions });
  });
});

test('a server that is killed between cell and commit, of every change at once, agrees with itself after its restart', async () => {
  const slugs = changes.map(({ name }) => `${name}-killed`);
  const purge = 'purge-killed';
  await makeTenants(admin, site, [...slugs, purge]);
  await admin.call('deleteTenant', { params: { tenant: purge }, body: {} });
  for (const [i, { point, before, act }] of changes.entries()) {
    const slug = slugs[i]!;
    await before(slug);
    const gate = await faults.block(point, slug);
    act(slug).catch(() => {});
    await gate.reached();
  }
  const dropped = await faults.block('tenant:deleted', purge);
  await admin.call('purgeTenant', { params: { tenant: purge }, body: { confirm: purge, force: true } });
  await dropped.reached();

  await server.kill();
  await faults.clear();
  server = site.spawn();
  ({ admin } = await server.serving);
  await quiet(site);
  expect(await admin.call('getTenant', { params: { tenant: purge } })).toMatchObject({ state: 'deleted' });
  const states: string[] = [];
  for (const slug of slugs) states.push(await until(`${slug} agrees`, () => expectAgreement(slug), 5_000));
  // Nobody was told that it was done, so it is not.
  expect(states).toEqual(['active', 'active', 'suspended', 'active']);
  for (const [i, { act }] of changes.entries()) expect(await outcomeOf(act(slugs[i]!))).toBe('done');
  for (const slug of slugs) await expectAgreement(slug);
  await expectTruth(site, { revisions });
});
