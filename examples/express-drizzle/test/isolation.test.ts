import { afterAll, beforeAll, test } from 'vitest';
import { expectIsolated } from '@tenantry/tenancy/testing';
import { startTestApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

test('no route gives one tenant anything of another', async () => {
  await expectIsolated({
    tenants: await api.tenants.pair(),
    url: api.url,
    as: api.as,
    routes: [
      { route: 'GET /tenant', control: false },
      'GET /accounts',
      'POST /accounts',
      'GET /accounts/{id}',
      'PATCH /accounts/{id}',
      'DELETE /accounts/{id}',
    ],
  });
});
