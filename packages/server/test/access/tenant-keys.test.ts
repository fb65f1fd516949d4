import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client, Tenant } from '@tenantry/contract';
import { problemOf } from '../support/call.ts';
import { listen } from '../support/events.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let own: Tenant;
let other: Tenant;
let key: Client;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  own = await provision(server, 'own', { labels: { region: 'eu' } });
  other = await provision(server, 'other', { labels: { region: 'eu' } });
  key = await server.as('tenant', 'own');
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

test('its own tenant is there by id and by slug; every other is the same 404 as one that does not exist', async () => {
  for (const ref of [own.id, 'own']) {
    expect(await key.call('getTenant', { params: { tenant: ref } })).toMatchObject({
      id: own.id,
      slug: 'own',
    });
  }
  const answers = await Promise.all(
    [other.id, 'other', 't_aaaaaaaaaaaa', 'nobody'].map(async (ref) => {
      const { requestId: _, ...problem } = await problemOf(
        key.call('getTenant', { params: { tenant: ref } }),
      );
      return problem;
    }),
  );
  for (const answer of answers) {
    expect(answer).toEqual({
      type: 'urn:tenantry:problem:TENANT_NOT_FOUND',
      title: 'There is no such tenant',
      status: 404,
      code: 'TENANT_NOT_FOUND',
    });
  }
});

test('a list holds its own tenant only, whatever is asked for', async () => {
  for (const query of [{}, { q: 'o' }, { q: 'other' }, { label: 'region:eu' }, { sort: 'name' as const }]) {
    const page = await key.call('listTenants', { query });
    expect(page.items.filter(({ id }) => id !== own.id)).toEqual([]);
    expect(page.total).toBe(page.items.length);
  }
});

test('operations: its own, and a foreign one is the same 404 as an unknown one', async () => {
  const all = await server.admin.call('listOperations', {});
  const foreign = all.items.find(({ tenantId }) => tenantId === other.id)!;
  const mine = await key.call('listOperations', {});
  expect(mine.items.map(({ tenantId }) => tenantId)).toEqual([own.id]);
  expect(mine.total).toBe(1);
  expect(await key.call('getOperation', { params: { operation: mine.items[0]!.id } })).toEqual(mine.items[0]);
  for (const tenant of [other.id, 'other', 'nobody']) {
    expect((await key.call('listOperations', { query: { tenant } })).items).toEqual([]);
  }
  const bodies = await Promise.all(
    [foreign.id, 'op_aaaaaaaaaaaaaaaa'].map(async (operation) => {
      const { requestId: _, ...problem } = await problemOf(
        key.call('getOperation', { params: { operation } }),
      );
      return problem;
    }),
  );
  expect(bodies[0]).toEqual(bodies[1]);
  expect(bodies[0]).toMatchObject({ code: 'OPERATION_NOT_FOUND', status: 404 });
});

test('events: its own, also in the replay and where it names another tenant', async () => {
  const streams = await Promise.all(
    [{}, { topics: `tenant:${other.id},tenant:${own.id},tenants` }].map((query) =>
      listen(key, query, { 'last-event-id': '0' }),
    ),
  );
  await server.admin.call('updateTenant', { params: { tenant: other.id }, body: { name: 'Not to be seen' } });
  await server.admin.call('updateTenant', { params: { tenant: own.id }, body: { name: 'To be seen' } });
  for (const stream of streams) {
    await stream.until(({ data }) => JSON.stringify(data).includes('To be seen'));
    await stream.close();
    expect(stream.received.length).toBeGreaterThan(3);
    const text = JSON.stringify(stream.received);
    expect(text).not.toContain('Not to be seen');
    expect(text).not.toContain(other.id);
    expect(text).not.toContain('"other"');
  }
  for (const topics of ['audit', 'cells', 'keys']) {
    expect(await problemOf(key.open('listenEvents', { query: { topics } }))).toMatchObject({ status: 403 });
  }
});
