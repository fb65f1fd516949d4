import Fastify from 'fastify';
import { expect } from 'vitest';
import { tenancyPlugin } from '@tenantry/tenancy/fastify';
import { expectRefusals, expectTransactions } from './web.ts';

// #region test
import { flyway } from '@tenantry/migrate/testing';
import { expectIsolated, startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, test } from 'vitest';
import { buildApp } from '../fastify.ts';
import { openResolver } from '../resolver.ts';
import { startIssuer, type Issuer } from './issuer.ts';
import { migrations } from './migrations.ts';

let issuer: Issuer;
let tenants: TestTenants;
let app: FastifyInstance;
beforeAll(async () => {
  issuer = await startIssuer();
  tenants = await startTestTenants({ schema: flyway(migrations) });
  app = await buildApp(tenants.tenancy, openResolver(tenants.directory, issuer.url));
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app?.close();
  await tenants?.stop();
  await issuer?.close();
});

test('no tenant sees another', async () => {
  await expectIsolated({
    tenants: await tenants.pair(),
    url: app.listeningOrigin,
    as: ({ slug }) => issuer.token(slug),
    routes: [
      'GET /accounts',
      'GET /accounts/{id}',
      { route: 'POST /accounts', body: { name: 'Stark', key: 'STARK' }, control: false },
    ],
  });
});
// #endregion

test('requests that are refused, and transactions', async () => {
  const web = { url: app.listeningOrigin, tenants, issuer };
  await expectRefusals(web);
  await expectTransactions(web);
});

test('a path that is not there is no exception from saying whose request it is', async () => {
  expect((await app.inject('/nowhere')).statusCode).toBe(400);
});

test('whose work it is, hook by hook', async () => {
  const acme = await tenants.create();
  const { tenancy, directory } = tenants;
  const seen: Record<string, string | undefined> = {};
  const other = Fastify();
  other.addHook('onRequest', async () => void (seen['onRequest, before the plugin'] = tenancy.peek()));
  await other.register(tenancyPlugin, { tenancy, resolver: openResolver(directory, issuer.url) });
  for (const hook of ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'onSend'] as const)
    other.addHook(hook, async () => void (seen[hook] = tenancy.peek()));
  const { promise: responded, resolve } = Promise.withResolvers<void>();
  other.addHook('onResponse', async () => {
    seen['onResponse'] = tenancy.peek();
    resolve();
  });
  other.post('/', async () => ({}));
  const url = await other.listen({ host: '127.0.0.1', port: 0 });
  const headers = { ...(await issuer.token(acme.slug)), 'content-type': 'application/json' };
  await fetch(url, { method: 'POST', headers, body: '{}' });
  await responded;
  await other.close();
  const { 'onRequest, before the plugin': before, ...after } = seen;
  expect(before).toBeUndefined();
  expect(new Set(Object.values(after))).toEqual(new Set([acme.tenant]));
  expect(Object.keys(after)).toHaveLength(6);
});
