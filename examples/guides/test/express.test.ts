import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import express from 'express';
import { expect } from 'vitest';
import { tenancyErrors, tenancyMiddleware } from '@tenantry/tenancy/express';
import { expectRefusals, expectTransactions } from './web.ts';

// #region test
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { flyway } from '@tenantry/migrate/testing';
import { expectIsolated, startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import { afterAll, beforeAll, test } from 'vitest';
import { buildApp } from '../express.ts';
import { openResolver } from '../resolver.ts';
import { startIssuer, type Issuer } from './issuer.ts';
import { migrations } from './migrations.ts';

let issuer: Issuer;
let tenants: TestTenants;
let server: Server;
let url: string;
beforeAll(async () => {
  issuer = await startIssuer();
  tenants = await startTestTenants({ schema: flyway(migrations) });
  server = buildApp(tenants.tenancy, openResolver(tenants.directory, issuer.url)).listen(0, '127.0.0.1');
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

test.each([
  ['a parser that calls on from an event of the request', false],
  ['express.json()', true],
])('%s behind the middleware keeps whose work it is', async (_, isExpress) => {
  const acme = await tenants.create();
  const { tenancy, directory } = tenants;
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const app = express();
  app.use(tenancyMiddleware({ tenancy, resolver: openResolver(directory, issuer.url) }));
  app.use((incoming, response, next) => {
    if (isExpress) express.json()(incoming, response, next);
    else incoming.on('end', () => next()).resume();
    resolve();
  });
  app.post('/', (_request, response) => {
    response.json({ tenant: tenancy.peek() ?? null });
  });
  app.use(tenancyErrors());
  const other = app.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const headers = { ...(await issuer.token(acme.slug)), 'content-type': 'application/json' };
  const { port } = other.address() as AddressInfo;
  const sent = request({ port, method: 'POST', headers });
  sent.write('{');
  await reached;
  sent.end('}');
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  expect(await json(answer)).toEqual({ tenant: acme.tenant });
  other.close();
});
