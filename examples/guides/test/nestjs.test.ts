import { expect } from 'vitest';
import { GuardedModule, order } from '../nestjs/guards.ts';
import { expectRefusals, expectTransactions } from './web.ts';

// #region test
import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { flyway } from '@tenantry/migrate/testing';
import { expectIsolated, startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import { afterAll, beforeAll, test } from 'vitest';
import { AppModule } from '../nestjs/app.ts';
import { openResolver } from '../resolver.ts';
import { startIssuer, type Issuer } from './issuer.ts';
import { migrations } from './migrations.ts';

let issuer: Issuer;
let tenants: TestTenants;
let app: INestApplication;
let url: string;
beforeAll(async () => {
  issuer = await startIssuer();
  tenants = await startTestTenants({ schema: flyway(migrations) });
  const resolver = openResolver(tenants.directory, issuer.url);
  app = await NestFactory.create(AppModule.of(tenants.tenancy, resolver), { logger: false });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterAll(async () => {
  await app?.close();
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
  const acme = await tenants.create();
  const answer = await fetch(`${url}/whoami`, { headers: await issuer.token(acme.slug) });
  expect(await answer.json()).toEqual({ tenant: acme.slug });
});

test('whose work it is, from guard to handler; guards in the order that the controller says', async () => {
  const acme = await tenants.create();
  const { tenancy, directory } = tenants;
  const resolver = openResolver(directory, issuer.url);
  const other = await NestFactory.create(GuardedModule.of(tenancy, resolver), { logger: false });
  await other.listen(0, '127.0.0.1');
  const address = `${await other.getUrl()}/guarded/7`;
  const headers = await issuer.token(acme.slug);
  expect((await fetch(address, { headers })).status).toBe(403);
  expect(order.splice(0)).toEqual([]);
  const answer = await fetch(address, { headers: { ...headers, 'x-user': 'bruce' } });
  expect(await answer.text()).toBe('7');
  await other.close();
  expect(order).toEqual([
    ['guard', undefined],
    ['interceptor', acme.tenant],
    ['pipe', acme.tenant],
    ['handler', acme.tenant],
  ]);
});
