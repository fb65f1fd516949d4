// Run by runners.test.ts with `node --test`: the kit imports no runner.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expectIsolated, startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';

let tenants: TestTenants;
before(async () => {
  tenants = await startTestTenants({
    schema: (client) => client.query('CREATE TABLE notes (id serial PRIMARY KEY, body text NOT NULL)'),
  });
});
after(() => tenants.stop());

const routes = ['GET /notes'];
const notesOf = (tenant: string) =>
  tenants.tenancy
    .for(tenant as never)
    .query('SELECT body FROM notes')
    .then(({ rows }) => Response.json(rows));

void test('an application that keeps its tenants apart passes', async () => {
  const report = await expectIsolated({
    tenants: await tenants.pair(),
    routes,
    send: async (request) => notesOf(await tenants.tenancy.resolve(request.headers.get('x-tenant')!)),
  });
  assert.equal(report.routes[0]!.sawOwn, true);
});

void test('one that does not fails', async () => {
  const two = await tenants.pair();
  await assert.rejects(expectIsolated({ tenants: two, routes, send: () => notesOf(two[0].tenant) }), {
    name: 'IsolationError',
    code: 'ISOLATION_BROKEN',
  });
});

void test('a failure is reported as one', { todo: 'shows what this runner makes of it' }, async () => {
  const two = await tenants.pair();
  await expectIsolated({ tenants: two, routes, send: () => notesOf(two[1].tenant) });
});
