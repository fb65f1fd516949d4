import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemOf, statusesOf, send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  for (const slug of ['acme', 'globex']) await provision(server, slug);
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

const add = (tenant: string, domain: string) =>
  server.admin.call('addTenantDomain', { params: { tenant, domain } });
const remove = (tenant: string, domain: string) =>
  server.admin.call('removeTenantDomain', { params: { tenant, domain } });
const list = async (tenant: string) =>
  (await server.admin.call('listTenantDomains', { params: { tenant } })).items.map(({ domain }) => domain);

test('a domain is added once, listed, removed, and each is audited', async () => {
  expect(await add('acme', 'App.Acme.Example.')).toMatchObject({ domain: 'app.acme.example' });
  expect(await add('acme', 'app.acme.example')).toMatchObject({ domain: 'app.acme.example' });
  expect(await list('acme')).toEqual(['app.acme.example']);
  expect(await list('globex')).toEqual([]);
  expect(await remove('acme', 'APP.acme.example')).toMatchObject({ domain: 'app.acme.example' });
  expect(await list('acme')).toEqual([]);
  const trail = (await auditOf(server, { tenant: 'acme' })).filter(({ action }) => action.includes('domain'));
  expect(trail.map(({ action }) => action)).toEqual(['tenant.add-domain', 'tenant.remove-domain']);
  expect(trail[0]).toMatchObject({ before: null, after: { domain: 'app.acme.example' } });
  expect(trail[1]).toMatchObject({ before: { domain: 'app.acme.example' }, after: null });
});

test("another tenant's domain is not given, nor taken", async () => {
  await add('acme', 'taken.example');
  expect(await problemOf(add('globex', 'taken.example'))).toMatchObject({
    code: 'DOMAIN_TAKEN',
    status: 409,
  });
  expect(await problemOf(remove('globex', 'taken.example'))).toMatchObject({ code: 'DOMAIN_NOT_FOUND' });
  expect(await list('acme')).toContain('taken.example');
});

test('of two tenants that want one domain at the same moment one gets it', async () => {
  const wanted = ['acme', 'globex', 'acme', 'globex'].map((tenant) =>
    send(server, `/v1/tenants/${tenant}/domains/race.example`, { method: 'PUT' }),
  );
  expect(statusesOf(await Promise.all(wanted))).toEqual([200, 200, 409, 409]);
  expect(
    [...(await list('acme')), ...(await list('globex'))].filter((d) => d === 'race.example'),
  ).toHaveLength(1);
});

test.each([
  'localhost',
  '127.0.0.1',
  '[::1]',
  'a.b:443',
  'https://a.b',
  'a..b',
  '-a.example',
  'a_b.c d',
  '*.example.com',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(130)}example`,
  'a%2fb.example',
])('%s is no domain', async (domain) => {
  expect(await problemOf(add('acme', domain))).toMatchObject({ code: 'DOMAIN_INVALID', status: 422 });
});

test('an unknown tenant has no domains, and a key of another tenant sees none', async () => {
  const calls = [() => list('nobody'), () => add('nobody', 'a.example'), () => remove('nobody', 'a.example')];
  for (const call of calls) expect(await problemOf(call())).toMatchObject({ code: 'TENANT_NOT_FOUND' });
  const globex = await server.as('tenant', 'globex');
  const params = { tenant: 'acme' };
  expect(await problemOf(globex.call('listTenantDomains', { params }))).toMatchObject({
    code: 'TENANT_NOT_FOUND',
  });
});

test('a tenant has at most a hundred', async () => {
  const tenant = await provision(server, 'many');
  await server.superuser.query(
    `INSERT INTO tenantry.tenant_domains (domain, tenant_id) SELECT n || '.many.example', $1 FROM generate_series(1, 100) n`,
    [tenant.id],
  );
  expect(await problemOf(add('many', '101.many.example'))).toMatchObject({ code: 'DOMAIN_INVALID' });
  expect(await list('many')).toHaveLength(100);
});
