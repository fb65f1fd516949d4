import type { TestTenants } from '@tenantry/tenancy/testing';
import { expect } from 'vitest';
import type { Issuer } from './issuer.ts';

export interface Web {
  readonly url: string;
  readonly tenants: TestTenants;
  readonly issuer: Issuer;
}

/** What every guide's application does with requests that are refused, and with those that are nobody's. */
export async function expectRefusals({ url, tenants, issuer }: Web): Promise<void> {
  const acme = await tenants.create();
  const headers = await issuer.token(acme.slug);
  const status = async (path: string, sent: Record<string, string> = {}) =>
    (await fetch(url + path, { headers: sent })).status;
  expect(await status('/health')).toBe(200);
  expect(await status('/accounts')).toBe(400);
  expect(await status('/accounts', { authorization: 'Bearer x' })).toBe(401);
  expect(await status('/accounts', { 'x-tenant': acme.slug })).toBe(404);
  expect(await status('/accounts', await issuer.token('nobody'))).toBe(404);
  expect(await status('/accounts', { ...headers, 'x-tenant': 'nobody' })).toBe(400);
  expect(await status('/accounts', { ...headers, 'x-tenant': acme.tenant })).toBe(200);
  expect(await status('/accounts/999', headers)).toBe(404);
  expect(await status('/accounts/one', headers)).toBe(404);
  expect(await status('/nowhere', headers)).toBe(404);
  await tenants.suspend(acme);
  expect(await status('/accounts', headers)).toBe(404);
}

/** An account and its first project: both, or neither. */
export async function expectTransactions({ url, tenants, issuer }: Web): Promise<void> {
  const acme = await tenants.create();
  const headers = { ...(await issuer.token(acme.slug)), 'content-type': 'application/json' };
  const post = async (name: string, key: string) =>
    (await fetch(`${url}/accounts`, { method: 'POST', headers, body: JSON.stringify({ name, key }) })).status;
  expect(await post('Wayne', 'WAYNE')).toBe(201);
  // The key is taken, so the account is not made either.
  expect(await post('Stark', 'WAYNE')).toBe(500);
  const answer = await fetch(`${url}/accounts`, { headers });
  expect(await answer.json()).toEqual([{ id: '1', name: 'Wayne' }]);
}
