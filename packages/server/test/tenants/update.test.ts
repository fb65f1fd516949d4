import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { problemOf, send, statusesOf } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, provision } from '../support/tenant.ts';

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

const update = (tenant: string, body: unknown, headers: Record<string, string> = {}) =>
  send<Tenant & { code?: string }>(server, `/v1/tenants/${tenant}`, { method: 'PATCH', body, headers });

test('slug, name, plan and labels change; the id, the schema and the roles stay', async () => {
  const tenant = await provision(server, 'before', { labels: { a: '1' } });
  const { status, headers, body } = await update(
    tenant.id,
    { slug: 'after', name: 'After', plan: 'gold', labels: { b: '2' } },
    { 'x-request-id': 'update-1' },
  );
  expect(status).toBe(200);
  expect(headers.get('etag')).toBe(`"${tenant.version + 1}"`);
  expect(body).toMatchObject({
    id: tenant.id,
    schema: tenant.schema,
    slug: 'after',
    name: 'After',
    plan: 'gold',
    labels: { b: '2' },
    version: tenant.version + 1,
  });
  expect(new Date(body.updatedAt).getTime()).toBeGreaterThan(new Date(tenant.updatedAt).getTime());
  expect((await send(server, '/v1/tenants/before')).status).toBe(404);
  const me = await server.admin.call('getMe', {});
  expect((await auditOf(server, { tenant: tenant.id })).at(-1)).toMatchObject({
    action: 'tenant.update',
    outcome: 'success',
    actor: me.actor,
    target: { kind: 'tenant', id: tenant.id },
    before: { slug: 'before', labels: { a: '1' }, version: tenant.version },
    after: { slug: 'after', name: 'After', plan: 'gold', labels: { b: '2' } },
    requestId: 'update-1',
  });
});

test('what is not sent stays as it is', async () => {
  const tenant = await provision(server, 'partial', { name: 'Kept', plan: 'gold', labels: { a: '1' } });
  const { body } = await update('partial', { labels: {} });
  expect(body).toMatchObject({ name: 'Kept', plan: 'gold', labels: {}, slug: tenant.slug });
});

test('a freed slug can be given to another tenant at once', async () => {
  await provision(server, 'freed');
  await update('freed', { slug: 'moved-on' });
  expect(await provision(server, 'freed')).toMatchObject({ slug: 'freed' });
});

test('two tenants that want one slug at the same time: one gets it', async () => {
  const both = [await provision(server, 'rival-1'), await provision(server, 'rival-2')];
  const answers = await Promise.all(both.map(({ id }) => update(id, { slug: 'prize' })));
  expect(statusesOf(answers)).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.body.code).toBe('SLUG_TAKEN');
});

describe('If-Match', () => {
  test('the current version goes through, an old one does not', async () => {
    const tenant = await provision(server, 'versioned');
    const good = await update('versioned', { name: 'Second' }, { 'if-match': `"${tenant.version}"` });
    expect(good.status).toBe(200);
    const before = await census(server);
    const stale = await update('versioned', { name: 'Third' }, { 'if-match': `"${tenant.version}"` });
    expect(stale).toMatchObject({ status: 412, body: { code: 'VERSION_CONFLICT' } });
    expect(await census(server)).toEqual(before);
    expect((await update('versioned', { name: 'Any' }, { 'if-match': '*' })).status).toBe(200);
  });

  test('one that is no ETag of ours is refused, not ignored', async () => {
    await provision(server, 'etags');
    const answer = await update('etags', { name: 'Unprotected' }, { 'if-match': '"not-a-version"' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect((await send<Tenant>(server, '/v1/tenants/etags')).body.name).toBe('etags');
  });

  test('of ten writers that read the same version one wins', async () => {
    const { version } = await provision(server, 'contended');
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        update('contended', { name: `Writer ${i}` }, { 'if-match': `"${version}"` }),
      ),
    );
    expect(statusesOf(answers)).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
  });
});

describe('refused, and nothing changes', () => {
  const bad: readonly [name: string, body: unknown, code: string][] = [
    ['nothing to change', {}, 'VALIDATION'],
    ['no body', undefined, 'VALIDATION'],
    ['an unknown field', { id: 't_aaaaaaaaaaaa' }, 'VALIDATION'],
    ['a state', { state: 'active' }, 'VALIDATION'],
    ['a cell', { cell: 'default' }, 'VALIDATION'],
    ['a name with NUL', { name: '\0' }, 'VALIDATION'],
    ['a name with half of a surrogate pair', { name: '\ud83d' }, 'VALIDATION'],
    ['a slug that is null', { slug: null }, 'VALIDATION'],
    ['an invalid slug', { slug: 'No Good' }, 'SLUG_INVALID'],
    ['a slug with NUL', { slug: 'a\0' }, 'SLUG_INVALID'],
    ['a reserved slug', { slug: 'public' }, 'SLUG_RESERVED'],
    ['a taken slug', { slug: 'other' }, 'SLUG_TAKEN'],
  ];
  beforeAll(async () => {
    await provision(server, 'target');
    await provision(server, 'other');
  });
  test.each(bad)('%s', async (_, body, code) => {
    const before = [await census(server), (await send(server, '/v1/tenants/target')).body];
    expect((await update('target', body)).body.code).toBe(code);
    expect([await census(server), (await send(server, '/v1/tenants/target')).body]).toEqual(before);
  });

  test('an unknown tenant', async () => {
    const call = server.admin.call('updateTenant', { params: { tenant: 'nobody' }, body: { name: 'x' } });
    expect(await problemOf(call)).toMatchObject({ code: 'TENANT_NOT_FOUND', status: 404 });
  });
});
