import { createHash } from 'node:crypto';
import { Hono } from 'hono';

// #region setup
import { flyway } from '@tenantry/migrate/testing';
import {
  expectIsolated,
  startTestTenants,
  type TestTenant,
  type TestTenants,
} from '@tenantry/tenancy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from '../app.ts';

let tenants: TestTenants;
beforeAll(async () => {
  tenants = await startTestTenants({ schema: flyway('examples/sample-saas/migrations') });
});
afterAll(() => tenants?.stop());
// #endregion

const keyOf = ({ tenant }: TestTenant): string => `key-of-${tenant}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const appFor = (...known: readonly TestTenant[]) => {
  const owners = new Map(known.map((each) => [sha256(keyOf(each)), each]));
  return buildApp({ ...tenants, ownerOf: (hash) => owners.get(hash) });
};

// #region tenant
test('an account is created', async () => {
  const acme = await tenants.create();
  const app = appFor(acme);
  const answer = await app.request('/accounts', {
    method: 'POST',
    headers: { 'x-api-key': keyOf(acme) },
    body: JSON.stringify({ name: 'Initech' }),
  });
  expect(answer.status).toBe(201);
  expect((await acme.query('SELECT name FROM accounts')).rows).toEqual([{ name: 'Initech' }]);
});
// #endregion

// #region isolated
test('no tenant sees or changes what is another’s', async () => {
  const pair = await tenants.pair();
  const app = appFor(...pair);
  const report = await expectIsolated({
    tenants: pair,
    send: (request) => app.fetch(request),
    as: (tenant) => ({ 'x-api-key': keyOf(tenant) }),
    routes: ['GET /accounts', 'GET /accounts/{id}', 'POST /accounts'],
  });
  expect(report.routes.map(({ sawOwn }) => sawOwn)).toEqual([true, true, false]);
});
// #endregion

test('the check finds an application that leaks', async () => {
  const pair = await tenants.pair();
  const good = appFor(...pair);
  // #region leaky
  // An answer that is kept for whoever asks next.
  const cache = new Map<string, string>();
  const leaky = new Hono().get('/accounts', async (context) => {
    const kept = cache.get(context.req.path) ?? (await (await good.fetch(context.req.raw)).text());
    cache.set(context.req.path, kept);
    return context.body(kept);
  });
  // #endregion
  const check = expectIsolated({
    tenants: pair,
    send: (request) => leaky.fetch(request),
    as: (tenant) => ({ 'x-api-key': keyOf(tenant) }),
    routes: ['GET /accounts'],
  });
  await expect(check).rejects.toMatchObject({ code: 'ISOLATION_BROKEN' });
  if (process.env['SHOW']) console.log(await check.catch((error: Error) => error.message));
});

test('a suspended tenant is let in no more, and a dropped one is gone', async () => {
  // #region suspend
  const acme = await tenants.create();
  await acme.query('SELECT 1');
  await tenants.suspend(acme);
  await expect(acme.query('SELECT 1')).rejects.toMatchObject({ code: 'TENANT_NOT_FOUND' });
  await tenants.drop(acme);
  // #endregion
});
