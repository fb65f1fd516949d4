import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestTenant } from '@tenantry/tenancy/testing';
import type { Account, AccountPage } from '../src/accounts/account.ts';
import { answerOf, startTestApi, type Answer, type TestApi } from './support.ts';

let api: TestApi;
/** Anybody, for requests that come to nothing. Those that leave something have a tenant of their own. */
let someone: TestTenant;
beforeAll(async () => {
  api = await startTestApi({
    sql: 'CREATE TABLE test_notes (account_id bigint NOT NULL REFERENCES accounts)',
  });
  someone = await api.tenants.create();
});
afterAll(() => api?.stop());

async function make(tenant: TestTenant, name: string): Promise<Account> {
  const answer = await api.call(tenant, 'POST', '/accounts', { name });
  expect(answer.status).toBe(201);
  return answer.body as Account;
}

function expectProblem({ status, headers, body }: Answer, expected: number): void {
  expect(body).toMatchObject({ status: expected });
  expect(status).toBe(expected);
  expect(headers.get('content-type')).toContain('application/problem+json');
}

test('an account is made, read, renamed and removed', async () => {
  const acme = await api.tenants.create();
  const made = await api.call(acme, 'POST', '/accounts', { name: 'Ærø & Søn' });
  const account = made.body as Account;
  const address = `/accounts/${account.id}`;
  expect(made.headers.get('location')).toBe(address);
  expect(account).toEqual({
    id: expect.stringMatching(/^\d+$/),
    name: 'Ærø & Søn',
    createdAt: expect.any(String),
  });
  expect(new Date(account.createdAt).toISOString()).toBe(account.createdAt);
  expect((await api.call(acme, 'GET', address)).body).toEqual(account);
  const renamed = await api.call(acme, 'PATCH', address, { name: 'Søn' });
  expect(renamed.body).toEqual({ ...account, name: 'Søn' });
  expect(await api.call(acme, 'DELETE', address)).toMatchObject({ status: 204, body: null });
  expectProblem(await api.call(acme, 'GET', address), 404);
  expectProblem(await api.call(acme, 'PATCH', address, { name: 'Søn' }), 404);
  expectProblem(await api.call(acme, 'DELETE', address), 404);
});

test('a list comes in pages', async () => {
  const acme = await api.tenants.create();
  const ids: string[] = [];
  for (const name of ['one', 'two', 'three']) ids.push((await make(acme, name)).id);
  const page = async (query: string): Promise<AccountPage> =>
    (await api.call(acme, 'GET', `/accounts${query}`)).body as AccountPage;
  const first = await page('?limit=2');
  expect(first.items.map(({ name }) => name)).toEqual(['one', 'two']);
  expect(first.next).toBe(ids[1]);
  expect(await page(`?limit=2&after=${first.next}`)).toMatchObject({
    items: [{ name: 'three' }],
    next: null,
  });
  expect((await page('')).items).toHaveLength(3);
});

test.each(['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'after=x', 'after=9223372036854775808'])(
  'no list is given for ?%s',
  async (query) => expectProblem(await api.call(someone, 'GET', `/accounts?${query}`), 400),
);

test.each([{}, { name: '' }, { name: 'x'.repeat(201) }, { name: 7 }, { name: 'a\0b' }, [], null, '{'])(
  'no account is made of %j, and none renamed',
  async (body) => {
    expectProblem(await api.call(someone, 'POST', '/accounts', body), 400);
    expectProblem(await api.call(someone, 'PATCH', '/accounts/1', body), 400);
  },
);

test('a name may have 200 characters, as PostgreSQL counts them', async () => {
  const name = '🦊'.repeat(200);
  expect((await make(await api.tenants.create(), name)).name).toBe(name);
});

test.each(['x', '0', '-1', '1.0', '01', '9223372036854775807', '9223372036854775808', "1'--", '%00'])(
  'there is no account %s',
  async (id) => {
    const address = `/accounts/${id}`;
    expectProblem(await api.call(someone, 'GET', address), 404);
    expectProblem(await api.call(someone, 'PATCH', address, { name: 'x' }), 404);
    expectProblem(await api.call(someone, 'DELETE', address), 404);
  },
);

test('an account that is in use stays', async () => {
  const acme = await api.tenants.create();
  const { id } = await make(acme, 'in use');
  await acme.query('INSERT INTO test_notes VALUES ($1)', [id]);
  expectProblem(await api.call(acme, 'DELETE', `/accounts/${id}`), 409);
  expect((await api.call(acme, 'GET', `/accounts/${id}`)).status).toBe(200);
});

test('tenants have the same addresses and not the same accounts', async () => {
  const [acme, globex] = [await api.tenants.create(), await api.tenants.create()];
  const [mine, theirs] = [await make(acme, 'of acme'), await make(globex, 'of globex')];
  expect(mine.id).toBe(theirs.id);
  const only = await make(acme, 'only of acme');
  expectProblem(await api.call(globex, 'GET', `/accounts/${only.id}`), 404);
  expectProblem(await api.call(globex, 'DELETE', `/accounts/${only.id}`), 404);
  expect((await api.call(globex, 'GET', '/accounts')).body).toEqual({ items: [theirs], next: null });
  expect((await api.call(acme, 'GET', '/accounts')).body).toEqual({ items: [mine, only], next: null });
  expect((await api.call(globex, 'GET', '/tenant')).body).toEqual({ id: globex.tenant, slug: globex.slug });
});

test('a request is a tenant’s by its token alone, and by one that is valid', async () => {
  const [acme, globex] = [await api.tenants.create(), await api.tenants.create()];
  const get = async (headers: Record<string, string>): Promise<Answer> =>
    answerOf(await fetch(`${api.url}/accounts`, { headers }));
  expectProblem(await get({}), 401);
  expectProblem(await get({ 'x-tenant': acme.slug }), 401);
  const { authorization = '' } = await api.as(acme);
  expectProblem(await get({ authorization: authorization.replace('Bearer', 'Basic') }), 401);
  expectProblem(await get({ authorization: authorization.replace(/\.[^.]*$/, '.') }), 401);
  expect((await get({ authorization, 'x-tenant': acme.slug })).status).toBe(200);
  expectProblem(await get({ authorization, 'x-tenant': globex.slug }), 400);
  await api.tenants.suspend(acme);
  expectProblem(await get({ authorization }), 404);
});

test('health needs no tenant, and what is not there is a problem, too', async () => {
  expect((await answerOf(await fetch(`${api.url}/health`))).body).toEqual({ status: 'ok' });
  expectProblem(await api.call(someone, 'GET', '/nothing'), 404);
});
