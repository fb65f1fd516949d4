import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operation } from '@tenantry/contract';
import { problemOf, send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  // Many share a moment, so that the id has to decide.
  await server.superuser.query(`
    INSERT INTO tenantry.operations (id, kind, state, tenant_id, tenant_slug, actor, created_at, queued_at, finished_at)
    SELECT 'op_' || lpad(i::text, 16, 'a'), CASE i % 2 WHEN 0 THEN 'tenant.provision' ELSE 'tenant.purge' END,
           (ARRAY['succeeded', 'failed', 'cancelled'])[i % 3 + 1], 't_' || lpad((i % 7 + 2)::text, 12, 'a'), 'old-' || i % 7,
           '{"kind": "apiKey", "id": "k", "name": "somebody"}', '2026-01-01'::timestamptz + (i / 5) * interval '1 microsecond',
           '2026-01-01', '2026-01-02'
      FROM generate_series(1, 130) i`);
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

test('an operation can be read with its steps while and after it runs', async () => {
  const tenant = await provision(server, 'acme');
  const { items } = await server.admin.call('listOperations', { query: { tenant: 'acme' } });
  expect(items).toHaveLength(1);
  const operation = await server.admin.call('getOperation', { params: { operation: items[0]!.id } });
  expect(operation).toEqual(items[0]);
  expect(operation).toMatchObject({
    kind: 'tenant.provision',
    state: 'succeeded',
    tenantId: tenant.id,
    tenantSlug: 'acme',
    progress: { done: 3, total: 3 },
    actor: { kind: 'apiKey', name: 'local administrator' },
  });
  expect(operation.ms).toBeGreaterThan(0);
  for (const step of operation.steps.slice(0, 2)) expect(step.ms).toBeGreaterThanOrEqual(0);
});

test('pages: each operation once, newest first', async () => {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await server.admin.call('listOperations', {
      query: { limit: 7, ...(cursor ? { cursor } : {}) },
    });
    ids.push(...page.items.map(({ id }) => id));
    expect(page.total).toBeGreaterThanOrEqual(130);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  const { rows } = await server.superuser.query<{ id: string }>(
    'SELECT id FROM tenantry.operations ORDER BY created_at DESC, id DESC',
  );
  expect(ids).toEqual(rows.map(({ id }) => id));
});

test('filters: state, kind, tenant by id and by slug', async () => {
  const count = async (query: object) => (await server.admin.call('listOperations', { query })).total;
  expect(await count({ state: 'failed' })).toBe(44);
  expect(await count({ state: 'failed,cancelled' })).toBe(87);
  expect(await count({ kind: 'tenant.purge' })).toBe(65);
  expect(await count({ tenant: 't_aaaaaaaaaaa3' })).toBe(19);
  expect(await count({ tenant: 'nobody' })).toBe(0);
  expect(await count({ state: 'running' })).toBe(0);
});

test.each(['state=asleep', 'kind=tenant.paint', 'limit=0', 'tenant=%00', 'cursor=x&cursor=y', 'colour=red'])(
  '%s is refused',
  async (query) => {
    const answer = await send(server, `/v1/operations?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION' } });
  },
);

test('a cursor of another list, or made up, is refused', async () => {
  const tenants = await server.admin.call('listTenants', { query: { limit: 1 } });
  const madeUp = Buffer.from(JSON.stringify(['operations', 'long ago', 'op_x'])).toString('base64url');
  for (const cursor of [tenants.nextCursor ?? 'x', madeUp, 'garbage']) {
    const problem = await problemOf(server.admin.call('listOperations', { query: { cursor } }));
    expect(problem).toMatchObject({ code: 'CURSOR_INVALID', status: 400 });
  }
});

test.each(['op_aaaaaaaaaaaaaaaa', 'nothing', encodeURIComponent("' OR true")])('%s is a 404', async (id) => {
  expect(await send<Operation>(server, `/v1/operations/${id}`)).toMatchObject({
    status: 404,
    body: { code: 'OPERATION_NOT_FOUND' },
  });
});
