import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemOf } from '../support/call.ts';
import { listen } from '../support/events.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

const newest = async () => {
  const { rows } = await server.superuser.query<{ id: string }>(
    'SELECT coalesce(max(id), 0)::text AS id FROM tenantry.events',
  );
  return rows[0]!.id;
};

test('what happens is told at once, with the headers that a stream needs', async () => {
  const stream = await listen(server.admin);
  expect(Object.fromEntries(stream.response.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  const tenant = await provision(server, 'live');
  const activated = await stream.until(({ event }) => event === 'tenant.active');
  expect(activated.data).toMatchObject({
    id: activated.id,
    type: 'tenant.active',
    topics: ['tenants', `tenant:${tenant.id}`],
    data: { tenant: { id: tenant.id, slug: 'live', state: 'active' } },
  });
  await stream.until(({ event }) => event === 'operation.succeeded');
  const types = new Set(stream.received.map(({ event }) => event));
  for (const type of [
    'tenant.provisioning',
    'operation.queued',
    'operation.running',
    'operation.step',
    'audit.recorded',
  ]) {
    expect(types).toContain(type);
  }
  await stream.close();
});

test(
  'a reader that comes back misses nothing and gets nothing twice, while twenty tenants are made',
  { timeout: 60_000 },
  async () => {
    const from = await newest();
    const creates = Array.from({ length: 20 }, (_, i) => provision(server, `many-${i}`));
    const seen: string[] = [];
    let last = from;
    let over = false;
    const all = Promise.all(creates).finally(() => (over = true));
    // Cut off and resumed again and again, at whatever moment that happens to be.
    while (!over) {
      const stream = await listen(server.admin, {}, { 'last-event-id': last });
      const after = BigInt(last);
      await Promise.race([all, stream.until(({ id }) => BigInt(id) > after).catch(() => {})]);
      await stream.close();
      seen.push(...stream.received.map(({ id }) => id));
      last = seen.at(-1) ?? last;
    }
    await all;
    const end = await newest();
    if (BigInt(last) < BigInt(end)) {
      const stream = await listen(server.admin, {}, { 'last-event-id': last });
      await stream.until(({ id }) => id === end);
      await stream.close();
      seen.push(...stream.received.map(({ id }) => id));
    }
    const { rows } = await server.superuser.query<{ id: string }>(
      'SELECT id::text FROM tenantry.events WHERE id > $1 AND id <= $2 ORDER BY tenantry.events.id',
      [from, end],
    );
    expect(seen.filter((id) => BigInt(id) <= BigInt(end))).toEqual(rows.map(({ id }) => id));
  },
);

test('twelve readers at once see the same', async () => {
  const from = await newest();
  const streams = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      listen(server.admin, {}, i % 2 === 0 ? { 'last-event-id': from } : {}),
    ),
  );
  await provision(server, 'watched');
  const end = await newest();
  await Promise.all(streams.map((stream) => stream.until(({ id }) => BigInt(id) >= BigInt(end))));
  const ids = streams.map(({ received }) => received.map(({ id }) => id).join());
  expect(new Set(ids).size).toBe(1);
  await Promise.all(streams.map((stream) => stream.close()));
});

test('topics choose; an unknown one is refused', async () => {
  const one = await provision(server, 'one');
  const two = await provision(server, 'two');
  const stream = await listen(server.admin, { topics: `tenant:${one.id},keys` }, { 'last-event-id': '0' });
  await server.admin.call('updateTenant', { params: { tenant: two.id }, body: { name: 'Two' } });
  await server.admin.call('updateTenant', { params: { tenant: one.id }, body: { name: 'One' } });
  await stream.until(({ data }) => JSON.stringify(data).includes('"name":"One"'));
  await stream.close();
  for (const { data } of stream.received) {
    expect(data.topics?.some((topic) => topic === `tenant:${one.id}` || topic === 'keys')).toBe(true);
  }
  for (const topics of ['colours', 'tenants,colours', ',', 'a\0', 'constructor', '__proto__', 'toString:x']) {
    const problem = await problemOf(server.admin.open('listenEvents', { query: { topics } }));
    expect(problem).toMatchObject({ code: 'VALIDATION', status: 400 });
  }
});

test('Last-Event-ID may come in the address; one that is no id is told to read everything again', async () => {
  const from = await newest();
  await provision(server, 'address');
  const stream = await listen(server.admin, { lastEventId: from });
  await stream.until(({ event }) => event === 'tenant.active');
  await stream.close();
  expect(await problemOf(server.admin.open('listenEvents', { query: { lastEventId: 'x' } }))).toMatchObject({
    status: 400,
  });
  for (const odd of ['x', '-1', '1'.repeat(19), '1, 2']) {
    const lost = await listen(server.admin, {}, { 'last-event-id': odd });
    const resync = await lost.until(({ event }) => event === 'resync');
    expect([odd, resync.id]).toEqual([odd, await newest()]);
    await lost.close();
  }
  const none = await listen(server.admin, {}, { 'last-event-id': '' });
  await server.admin.call('updateTenant', { params: { tenant: 'address' }, body: { name: 'Live' } });
  await none.until(({ event }) => event === 'tenant.active');
  expect(none.received.some(({ event }) => event === 'resync')).toBe(false);
  await none.close();
});

test('there is no HEAD of a stream, which would have no end', async () => {
  const head = (path: string) =>
    fetch(server.url + path, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${server.token}` },
      signal: AbortSignal.timeout(5_000),
    });
  expect((await head('/v1/events')).status).toBe(404);
  expect((await head('/v1/tenants')).status).toBe(200);
});

test('when events in between are gone, the reader is told to read everything again', async () => {
  await provision(server, 'pruned');
  const end = await newest();
  await server.superuser.query('DELETE FROM tenantry.events WHERE id < $1', [end]);
  const stream = await listen(server.admin, {}, { 'last-event-id': '1' });
  const resync = await stream.until(({ event }) => event === 'resync');
  expect(resync.id).toBe(end);
  await server.admin.call('updateTenant', { params: { tenant: 'pruned' }, body: { name: 'After' } });
  await stream.until(({ event }) => event === 'tenant.active');
  await stream.close();
  // Neither one who was up to date, nor one from the future of another database, is left in the dark.
  const upToDate = await listen(server.admin, {}, { 'last-event-id': end });
  await upToDate.until(({ event }) => event === 'tenant.active');
  expect(upToDate.received.some(({ event }) => event === 'resync')).toBe(false);
  await upToDate.close();
  const future = await listen(server.admin, {}, { 'last-event-id': '999999999' });
  await future.until(({ event }) => event === 'resync');
  await future.close();
});
