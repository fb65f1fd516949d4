import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  controlPlaneDirectory,
  type ControlPlaneOptions,
  type Directory,
} from '../../src/directory/index.ts';
import { newTenantId, placementChannel, type TenantId } from '../../src/index.ts';
import { startTestCell, type TestCell } from '../support/cell.ts';
import { PlacementServer } from './placement-server.ts';

let cell: TestCell;
let plane: PlacementServer;
const open: Directory[] = [];

beforeAll(async () => {
  cell = await startTestCell();
});
afterAll(() => cell.stop());
beforeEach(async () => {
  plane = new PlacementServer();
  await plane.listen();
  for (const placement of cell.placements()) plane.add(placement);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((directory) => directory.close()));
  await plane.close();
});

function directoryOf(options: Partial<ControlPlaneOptions> = {}): Directory {
  const { url, token } = plane;
  const directory = controlPlaneDirectory({ url, token, credentialKey: cell.credentialKey, ...options });
  open.push(directory);
  return directory;
}

/** Asks until a condition holds; what it waits for is PostgreSQL, which has no signal for it. */
async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('It did not come to be.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const listeners = async (): Promise<number> => {
  const { rows } = await cell.superuser.query<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity
      WHERE application_name = 'tenantry directory' AND query <> '' AND state = 'idle' AND query !~ 'recovery'`,
  );
  return Number(rows[0]!.n);
};

async function listening(directory: Directory, ref: string): Promise<void> {
  await directory.find(ref);
  await until(async () => (await listeners()) > 0);
}

const notify = (tenant: TenantId): Promise<void> => cell.inControl(`NOTIFY ${placementChannel}, '${tenant}'`);

test('finds by id, slug and domain, and asks once', async () => {
  const [a] = cell.placements();
  plane.set('domain:app.customer.example', a);
  const directory = directoryOf({ unwatchedTtl: 60_000 });
  const refs = [a!.tenant, a!.slug, 'domain:app.customer.example'];
  for (const ref of [...refs, ...refs]) expect(await directory.find(ref)).toEqual(a);
  expect(plane.asked).toEqual(refs);
});

test('callers of one moment share one question', async () => {
  const [a] = cell.placements();
  const directory = directoryOf();
  const found = await Promise.all(Array.from({ length: 50 }, () => directory.find(a!.slug)));
  expect(new Set(found)).toEqual(new Set([a]));
  expect(plane.asked).toHaveLength(1);
});

test('what could be no reference is unknown without a question', async () => {
  const directory = directoryOf();
  for (const ref of [
    '',
    'Acme',
    'a b',
    '../tenants',
    'domain:',
    'domain:localhost',
    'a'.repeat(64),
    't_ABC',
    'x"; --',
  ])
    expect(await directory.find(ref)).toBeUndefined();
  expect(plane.asked).toEqual([]);
});

test('who is unknown stays so for a short while, and is found then', async () => {
  const [patient, hasty] = [directoryOf({ unknownTtl: 60_000 }), directoryOf({ unknownTtl: 50 })];
  expect(await patient.find('new-one')).toBeUndefined();
  expect(await hasty.find('new-one')).toBeUndefined();
  plane.set('new-one', { ...cell.placements()[0]!, slug: 'new-one' });
  expect(await patient.find('new-one')).toBeUndefined();
  expect(plane.asked).toEqual(['new-one', 'new-one']);
  await until(async () => (await hasty.find('new-one')) !== undefined);
});

test('an id never finds a tenant that is called like it', async () => {
  const [a] = cell.placements();
  const other = newTenantId();
  plane.set(other, { ...a!, slug: other });
  plane.set('other-slug', a);
  const directory = directoryOf();
  await expect(directory.find(other)).rejects.toMatchObject({ code: 'TENANCY_CONTROL_PLANE' });
  await expect(directory.find('other-slug')).rejects.toMatchObject({ code: 'TENANCY_CONTROL_PLANE' });
});

test('a notification makes a change known within a second, to listeners too', async () => {
  const [a, b] = cell.placements();
  const directory = directoryOf({ ttl: 3_600_000 });
  await directory.find(b!.tenant);
  await listening(directory, a!.tenant);
  // The answer that came before the cell was listened to is asked for once more.
  await until(
    async () => (await directory.find(a!.tenant)) !== undefined && plane.asked.includes(`=${a!.tenant}`),
  );
  const heard: TenantId[] = [];
  directory.onChange((tenant) => heard.push(tenant));

  plane.set(a!.tenant, undefined);
  expect(await directory.find(a!.tenant)).toEqual(a);
  const start = performance.now();
  await notify(a!.tenant);
  await until(async () => (await directory.find(a!.tenant)) === undefined);
  expect(performance.now() - start).toBeLessThan(1_000);
  expect(heard[0]).toBe(a!.tenant);
  expect(heard).not.toContain(b!.tenant);
});

test('an answer that is overtaken by a notification is asked for again', async () => {
  const [a, b] = cell.placements();
  const directory = directoryOf({ ttl: 3_600_000 });
  await listening(directory, b!.tenant);
  const heard = Promise.withResolvers<void>();
  directory.onChange((tenant) => void (tenant === a!.tenant && heard.resolve()));
  const renewed = { ...a!, credentialVersion: 2 };
  plane.before = async (ref) => {
    if (ref !== a!.tenant) return;
    plane.before = () => {};
    plane.set(a!.tenant, renewed);
    await notify(a!.tenant);
    await heard.promise;
  };
  // The server has read the old placement by the time of the change.
  expect(await directory.find(a!.tenant)).toEqual(renewed);
});

test('without notifications an answer is used for a second, and confirmed by its ETag', async () => {
  const [a] = cell.placements({ lanes: ['sealed'], hosts: [{ host: '127.0.0.1', port: 1 }] });
  plane.set(a!.slug, a);
  const errors: unknown[] = [];
  const directory = directoryOf({ unwatchedTtl: 100, onError: (error) => errors.push(error) });
  await directory.find(a!.slug);
  await until(async () => (await directory.find(a!.slug)) === undefined || plane.asked.length > 1);
  expect(plane.asked).toEqual([a!.slug, `=${a!.slug}`]);
  await until(() => errors.length > 0);
  plane.set(a!.slug, undefined);
  await until(async () => (await directory.find(a!.slug)) === undefined);
});

test('while the control plane is down cached tenants go on, others are refused with a reason', async () => {
  const [a, b] = cell.placements();
  const directory = directoryOf({ unwatchedTtl: 1, ttl: 1, retryAfter: 50 });
  await directory.find(a!.slug);
  for (const broken of [500, 503, 429, 404, 401, 200]) {
    plane.broken = broken;
    for (let i = 0; i < 3; i++) expect(await directory.find(a!.slug)).toEqual(a);
    await expect(directory.find(b!.slug)).rejects.toMatchObject({ code: 'TENANCY_CONTROL_PLANE' });
  }
  await plane.close();
  expect(await directory.find(a!.slug)).toEqual(a);
  await expect(directory.find(b!.slug)).rejects.toMatchObject({
    code: 'TENANCY_CONTROL_PLANE',
    message: expect.not.stringContaining(plane.token) as string,
  });
});

test('a tenant that is known to have changed is not served from the cache, even then', async () => {
  const [a] = cell.placements();
  const directory = directoryOf();
  await listening(directory, a!.tenant);
  plane.broken = 503;
  expect(await directory.find(a!.tenant)).toEqual(a);
  await notify(a!.tenant);
  await until(() =>
    directory.find(a!.tenant).then(
      () => false,
      (error: { code?: string }) => error.code === 'TENANCY_CONTROL_PLANE',
    ),
  );
});

test('a control plane that is frozen does not hold up cached tenants for longer than once', async () => {
  const [a] = cell.placements();
  const directory = directoryOf({ unwatchedTtl: 1, ttl: 1, requestTimeout: 300, retryAfter: 60_000 });
  await directory.find(a!.slug);
  const thawed = Promise.withResolvers<void>();
  plane.before = () => thawed.promise;
  expect(await directory.find(a!.slug)).toEqual(a);
  const start = performance.now();
  for (let i = 0; i < 100; i++) expect(await directory.find(a!.slug)).toEqual(a);
  expect(performance.now() - start).toBeLessThan(200);
  thawed.resolve();
});

test('what was cached before the listening connection was lost is asked for again', async () => {
  const [a] = cell.placements();
  const directory = directoryOf({ ttl: 3_600_000, unwatchedTtl: 1 });
  await listening(directory, a!.tenant);
  await until(async () => {
    const asked = plane.asked.length;
    await directory.find(a!.tenant);
    return plane.asked.length === asked;
  });
  plane.set(a!.tenant, undefined);
  expect(await directory.find(a!.tenant)).toEqual(a);
  await cell.superuser.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tenantry directory'`,
  );
  await until(async () => (await directory.find(a!.tenant)) === undefined);
});

test('a fresh answer is asked for, whatever is cached', async () => {
  const [a] = cell.placements();
  const directory = directoryOf();
  await directory.find(a!.tenant);
  plane.set(a!.tenant, { ...a!, credentialVersion: 7 });
  expect(await directory.find(a!.tenant, { fresh: true })).toMatchObject({ credentialVersion: 7 });
  expect(await directory.find(a!.tenant)).toMatchObject({ credentialVersion: 7 });
});

test('thousands of unknown references drive no tenant out', async () => {
  const [a] = cell.placements();
  const directory = directoryOf({ capacity: 20 });
  await directory.find(a!.slug);
  for (let i = 0; i < 60; i++) await directory.find(`guess-${i}`);
  plane.broken = 500;
  expect(await directory.find(a!.slug)).toEqual(a);
});

test('the key is sent to no other server', async () => {
  const reached: string[] = [];
  const thief = createServer((socket) => {
    reached.push('reached');
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(thief, 'listening');
  const { port } = thief.address() as { port: number };
  const redirecting = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(`HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:${port}/\r\ncontent-length: 0\r\n\r\n`);
  }).listen(0, '127.0.0.1');
  await once(redirecting, 'listening');
  const { port: own } = redirecting.address() as { port: number };
  const directory = directoryOf({ url: `http://127.0.0.1:${own}` });
  await expect(directory.find('acme')).rejects.toMatchObject({ code: 'TENANCY_CONTROL_PLANE' });
  expect(reached).toEqual([]);
  thief.close();
  redirecting.close();
});

test('closed, it answers nothing, and closes again', async () => {
  const directory = directoryOf();
  await listening(directory, cell.placements()[0]!.slug);
  await Promise.all([directory.close(), directory.close()]);
  await expect(directory.find('acme')).rejects.toMatchObject({ code: 'TENANCY_CLOSED' });
  await until(async () => (await listeners()) === 0);
});

test.each([
  [{ url: 'ftp://x' }, 'url'],
  [{ token: '' }, 'token'],
  [{ token: 'a\nb' }, 'token'],
  [{ credentialKey: 'short' }, 'credentialKey'],
  [{ ttl: 0 }, 'ttl'],
  [{ capacity: 1.5 }, 'capacity'],
])('%j is refused', (options, name) => {
  expect(() => directoryOf(options)).toThrow(
    expect.objectContaining({
      code: 'TENANCY_OPTION',
      message: expect.stringContaining(name) as string,
    }) as Error,
  );
});
