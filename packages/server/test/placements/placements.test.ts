import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Placement, Problem, Tenant } from '@tenantry/contract';
import { send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let tenant: Tenant;
let token: string;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  tenant = await provision(server, 'acme');
  for (const domain of ['app.acme.example', 'Straße.example.'])
    await server.admin.call('addTenantDomain', { params: { tenant: 'acme', domain } });
  const body = { name: 'application', role: 'runtime' } as const;
  token = (await server.admin.call('createKey', { body })).token;
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

const place = <T = Placement>(ref: string, headers: Record<string, string> = {}) =>
  send<T>(server, `/v1/placements/${encodeURIComponent(ref)}`, { token, headers });

test.each([
  ['its id', () => tenant.id],
  ['its slug', () => 'acme'],
  ['a custom domain', () => 'domain:app.acme.example'],
  ['a custom domain as browsers send it', () => 'domain:APP.Acme.example.'],
  ['an international domain in Unicode', () => 'domain:straße.example'],
  ['an international domain in ASCII', () => 'domain:xn--strae-oqa.example'],
])('a placement is found by %s', async (_, ref) => {
  const { status, body } = await place(ref());
  expect(status).toBe(200);
  const { items } = await server.admin.call('listCells', {});
  expect(body).toEqual({
    tenant: tenant.id,
    slug: 'acme',
    state: 'active',
    schema: tenant.schema,
    credentialVersion: 1,
    level: 'sealed',
    cell: {
      id: items[0]!.id,
      hosts: [{ host: '127.0.0.1', port: server.postgres.port }],
      database: 'tenantry',
      lanes: ['sealed', 'leased'],
      slots: 16,
    },
  });
});

describe('one and the same 404', () => {
  const states: readonly [
    name: string,
    verbs: readonly ('suspendTenant' | 'archiveTenant' | 'deleteTenant')[],
  ][] = [
    ['suspended', ['suspendTenant']],
    ['archived', ['archiveTenant']],
    ['deleting', ['deleteTenant']],
  ];
  const bodyOf = async (ref: string) => {
    const { status, headers, body } = await place<Problem>(ref);
    expect(headers.get('etag')).toBeNull();
    expect(body.status).toBe(status);
    return { ...body, requestId: undefined };
  };

  test.each(states)('for a tenant that is %s, by every name it has', async (name, verbs) => {
    const made = await provision(server, `is-${name}`);
    const domain = `${name}.example.com`;
    await server.admin.call('addTenantDomain', { params: { tenant: made.id, domain } });
    for (const ref of [made.id, `is-${name}`, `domain:${domain}`])
      expect((await place(ref)).status).toBe(200);
    for (const verb of verbs) await server.admin.call(verb, { params: { tenant: made.id } });
    const unknown = await bodyOf('nobody');
    expect(unknown).toMatchObject({ status: 404, code: 'TENANT_NOT_FOUND' });
    for (const ref of [made.id, `is-${name}`, `domain:${domain}`]) expect(await bodyOf(ref)).toEqual(unknown);
    await server.admin.call('resumeTenant', { params: { tenant: made.id } });
    expect((await place(`domain:${domain}`)).status).toBe(200);
  });

  test('for a tenant that was purged, whose domain is free', async () => {
    const made = await provision(server, 'purged');
    const params = { tenant: made.id, domain: 'free.example.com' };
    await server.admin.call('addTenantDomain', { params });
    await server.admin.call('deleteTenant', { params });
    const body = { confirm: 'purged', force: true };
    const { operation } = await server.admin.call('purgeTenant', { params, body });
    await server.finished(operation.id);
    for (const ref of [made.id, 'purged', 'domain:free.example.com'])
      expect(await bodyOf(ref)).toEqual(await bodyOf('nobody'));
    const next = { tenant: 'acme', domain: 'free.example.com' };
    expect(await server.admin.call('addTenantDomain', { params: next })).toMatchObject({
      domain: next.domain,
    });
    expect((await place('domain:free.example.com')).body).toMatchObject({ slug: 'acme' });
  });

  test.each([
    't_aaaaaaaaaaaa',
    'ACME',
    'domain:',
    'domain:acme',
    'domain:127.0.0.1',
    'domain:nobody.example.com',
    "acme' OR '1'='1",
    'app.acme.example',
    'acme/../acme',
  ])('for %s', async (ref) => {
    expect(await bodyOf(ref)).toEqual(await bodyOf('nobody'));
  });
});

test('who has a placement is told that it is still so, and gets another one when it is not', async () => {
  const made = await provision(server, 'tagged');
  const first = await place(made.id);
  const tag = first.headers.get('etag')!;
  const again = await place<string>('tagged', { 'if-none-match': tag });
  expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, '', tag]);
  const tags = new Set([tag]);
  const changes = [
    () => server.admin.call('rotateTenantCredential', { params: { tenant: made.id } }),
    () => server.admin.call('updateTenant', { params: { tenant: made.id }, body: { slug: 'retagged' } }),
    () => server.admin.call('updateCell', { params: { cell: 'default' }, body: { slots: 17 } }),
  ];
  for (const change of changes) {
    await change();
    const { status, headers } = await place(made.id, { 'if-none-match': tag });
    expect(status).toBe(200);
    tags.add(headers.get('etag')!);
  }
  expect(tags.size).toBe(4);
  await server.admin.call('updateCell', { params: { cell: 'default' }, body: { slots: 16 } });
  // What is no part of a placement does not change it.
  const { headers } = await place('retagged');
  await server.admin.call('updateTenant', { params: { tenant: made.id }, body: { plan: 'pro' } });
  expect((await place('retagged')).headers.get('etag')).toBe(headers.get('etag'));
});

test('a key of an application reads placements, reports what was refused, and does nothing else', async () => {
  expect((await send(server, '/v1/me', { token })).body).toMatchObject({
    role: 'runtime',
    permissions: ['placements:read', 'security:report'],
  });
  for (const path of [
    '/v1/tenants',
    `/v1/tenants/${tenant.id}`,
    '/v1/cells',
    '/v1/operations',
    '/v1/audit',
    '/v1/security-events',
  ])
    expect((await send(server, path, { token })).status, path).toBe(403);
});

test('what the control role needs for TLS is not in a placement', async () => {
  const { rows } = await server.superuser.query<{ id: string }>('SELECT id FROM tenantry.cells');
  expect(rows).toHaveLength(1);
  const { body } = await place('acme');
  expect(JSON.stringify(body)).not.toMatch(/password|tenantry_control|control-password|"key"|"cert"/);
});
