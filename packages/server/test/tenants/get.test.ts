import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { census, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let tenant: Tenant;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  tenant = await provision(server, 'acme');
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

test('a tenant is found by its id and by its slug, with its version as ETag', async () => {
  const byId = await send<Tenant>(server, `/v1/tenants/${tenant.id}`);
  const bySlug = await send<Tenant>(server, '/v1/tenants/acme');
  expect(byId.body).toEqual(tenant);
  expect(bySlug.body).toEqual(tenant);
  expect(bySlug.headers.get('etag')).toBe(`"${tenant.version}"`);
});

test('reading leaves no trace in the audit', async () => {
  const before = await census(server);
  await server.admin.call('getTenant', { params: { tenant: 'acme' } });
  expect(await census(server)).toEqual(before);
});

const unknown = [
  ['an unknown slug', 'nobody'],
  ['an unknown id', 't_aaaaaaaaaaaa'],
  ['a slug in upper case', 'ACME'],
  ['a wildcard', '%25'],
  ['SQL', encodeURIComponent(`' OR 1=1 --`)],
  ['an emoji', encodeURIComponent('😀')],
  ['300 characters', 'a'.repeat(300)],
] as const;
test.each(unknown)('%s is a 404', async (_, ref) => {
  const { status, body } = await send(server, `/v1/tenants/${ref}`);
  expect(status).toBe(404);
  expect(body).toMatchObject({ code: 'TENANT_NOT_FOUND', title: 'There is no such tenant' });
});

test.each([
  ['301 characters', 'a'.repeat(301)],
  ['NUL', 'ac%00me'],
  ['a broken escape', '%E0%A4'],
])('%s is a 400', async (_, ref) => {
  const { status, body } = await send(server, `/v1/tenants/${ref}`);
  expect(status).toBe(400);
  expect(body.code).toBe('VALIDATION');
});
