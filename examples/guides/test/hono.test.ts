import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { expect } from 'vitest';
import { tenancyMiddleware, type TenancyEnv } from '@tenantry/tenancy/hono';
import { expectRefusals, expectTransactions } from './web.ts';

// #region test
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import { flyway } from '@tenantry/migrate/testing';
import { expectIsolated, startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import { afterAll, beforeAll, test } from 'vitest';
import { buildApp } from '../hono.ts';
import { openResolver } from '../resolver.ts';
import { startIssuer, type Issuer } from './issuer.ts';
import { migrations } from './migrations.ts';

let issuer: Issuer;
let tenants: TestTenants;
let server: ServerType;
let url: string;
beforeAll(async () => {
  issuer = await startIssuer();
  tenants = await startTestTenants({ schema: flyway(migrations) });
  const { fetch } = buildApp(tenants.tenancy, openResolver(tenants.directory, issuer.url));
  server = serve({ fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.close();
  await tenants?.stop();
  await issuer?.close();
});

test('no tenant sees another', async () => {
  await expectIsolated({
    tenants: await tenants.pair(),
    url,
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
  await expectRefusals({ url, tenants, issuer });
  await expectTransactions({ url, tenants, issuer });
});

test('what a stream asks for is the tenant’s, too; in order of registration, not of nesting', async () => {
  const acme = await tenants.create();
  await acme.query("INSERT INTO accounts (name) VALUES ('Wayne')");
  const { tenancy, directory } = tenants;
  const app = new Hono<TenancyEnv>();
  app.get('/before', (context) => context.json({ tenant: tenancy.peek() ?? null }));
  app.use(tenancyMiddleware({ tenancy, resolver: openResolver(directory, issuer.url) }));
  app.get('/names', (context) =>
    stream(context, async (output) => {
      await output.sleep(1);
      const { rows } = await tenancy.query<{ name: string }>('SELECT name FROM accounts');
      for (const { name } of rows) await output.writeln(name);
    }),
  );
  app.get('/whoami', (context) => context.json(context.get('tenant').placement.slug));
  const headers = await issuer.token(acme.slug);
  const ask = async (path: string) => (await app.request(path, { headers })).text();
  expect(await ask('/names')).toBe('Wayne\n');
  expect(await ask('/before')).toBe('{"tenant":null}');
  const twice = new Headers([...Object.entries(headers), ['x-tenant', acme.slug], ['x-tenant', acme.slug]]);
  expect((await app.request('/whoami', { headers: twice })).status).toBe(400);
  expect(await ask('/whoami')).toBe(JSON.stringify(acme.slug));
});
