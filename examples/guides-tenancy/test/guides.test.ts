import { createServer } from 'node:http';
import { tenantId, type Tenancy } from '@tenantry/tenancy';
import { fetchRequest } from '@tenantry/tenancy/resolve';
import { startTestTenants, type TestTenant, type TestTenants } from '@tenantry/tenancy/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as context from '../context.ts';
import { isWorthRetrying } from '../errors.ts';
import * as lanes from '../lanes.ts';
import * as operations from '../operations.ts';
import * as patterns from '../patterns.ts';
import { leakyNames, names, pitfalls, timeouts } from '../pitfalls.ts';
import * as pool from '../pool.ts';
import * as resolving from '../resolving.ts';
import { alertOn } from '../security.ts';
import * as transactions from '../transactions.ts';
import { schema } from './tenants.ts';

let tenants: TestTenants;
let tenancy: Tenancy;
let acme: TestTenant;
let globex: TestTenant;
beforeAll(async () => {
  tenants = await startTestTenants({ schema });
  ({ tenancy } = tenants);
  [acme, globex] = await Promise.all([tenants.create('acme'), tenants.create('globex')]);
});
afterAll(() => tenants?.stop());

const accountsOf = async (tenant: TestTenant): Promise<readonly string[]> => {
  const { rows } = await tenant.query<{ name: string }>('SELECT name FROM accounts ORDER BY id');
  return rows.map(({ name }) => name);
};
const fresh = async (...accounts: readonly string[]): Promise<TestTenant> => {
  const tenant = await tenants.create();
  for (const name of accounts) await tenant.query('INSERT INTO accounts (name) VALUES ($1)', [name]);
  return tenant;
};

describe('context', () => {
  test('of several tenants side by side, and of one without a context', async () => {
    const [one, two] = await Promise.all([fresh('a'), fresh('b', 'c')]);
    expect(await context.nightlyReport(tenancy, [one.tenant, two.tenant])).toBe(3);
    expect(await context.latestAccount(tenancy, two.tenant)).toBe('c');
  });

  test('in a listener that others call', async () => {
    const { tenant } = await fresh('a', 'b');
    expect(await context.listen(tenancy, tenant)).toBe(2);
  });

  test('in a message', async () => {
    const tenant = await fresh('a');
    const message = tenant.run(() => context.toMessage(tenancy, 7));
    expect(await context.fromMessage(tenancy, message)).toBe(1);
    expect(await globex.run(() => context.fromMessage(tenancy, message))).toBe(1);
    await expect(context.fromMessage(tenancy, '{"order":7}')).rejects.toMatchObject({
      code: 'TENANT_CONTEXT_MISSING',
    });
  });
});

describe('transactions', () => {
  test('commit whole, or not at all; a savepoint undoes its part', async () => {
    const tenant = await fresh();
    await tenant.run(() => transactions.openAccount(tenancy, 'Initech'));
    await expect(tenant.run(() => transactions.openAccount(tenancy, ''))).rejects.toMatchObject({
      code: '23514',
    });
    expect(await tenant.run(() => transactions.importAccounts(tenancy, ['Umbrella', '', 'Hooli']))).toEqual([
      '',
    ]);
    expect(await accountsOf(tenant)).toEqual(['Initech', 'Umbrella', 'Hooli']);
  });

  test('that cannot both be right are run again', async () => {
    const tenant = await fresh();
    const add = (): Promise<void> => tenant.run(() => transactions.addMissing(tenancy, 'Initech'));
    await Promise.all([add(), add(), add()]);
    expect(await accountsOf(tenant)).toEqual(['Initech']);
  });

  test('with a key take effect once', async () => {
    const tenant = await fresh();
    const open = (): Promise<unknown> =>
      tenant.run(() => transactions.openOnce(tenancy, 'request-1', 'Initech'));
    const [first, second] = await Promise.all([open(), open()]);
    expect(first).toEqual(second);
    expect(await open()).toEqual(first);
    expect(await accountsOf(tenant)).toEqual(['Initech']);
  });
});

describe('the pool', () => {
  test('takes the options, and tells what it does', async () => {
    const counters = new pool.PoolCounters();
    const own = pool.openTenancy(tenants.directory, tenants.credentialKey, counters.hear);
    await own.for(acme.tenant).query('SELECT 1');
    expect(pool.gauges(own)).toEqual([expect.stringMatching(/: 0 of 1 in use, 0 callers wait$/)]);
    expect(operations.isReady(own)).toBe(true);
    expect(counters.counts.get('opened')).toBe(1);
    await own.close();
    expect(counters.counts.get('closed, closed')).toBe(1);
  });
});

describe('lanes', () => {
  test('a sealed connection has logged in as its tenant', async () => {
    const own = lanes.openTenancy(tenants.directory, tenants.credentialKey);
    const who = 'SELECT current_user AS current, session_user AS session';
    expect((await own.for(acme.tenant).query(who)).rows).toEqual([
      { current: acme.tenant, session: acme.tenant },
    ]);
    await own.close();
    expect(
      isWorthRetrying(
        await own
          .for(acme.tenant)
          .query(who)
          .catch((error: unknown) => error),
      ),
    ).toBe(false);
  });
});

describe('resolving', () => {
  const memberships: resolving.Memberships = {
    has: async (user, tenant) => user === 'ann' && tenant === acme.tenant,
    ownerOf: async () => ({ tenant: globex.tenant }),
  };
  const resolve = async (url: string, headers: Record<string, string>, user?: string): Promise<string> => {
    const request = fetchRequest(new Request(url, { headers }), { user });
    return (await resolving.openResolver(tenants.directory, memberships).resolve(request)).tenant;
  };

  test('asks for membership, or takes the word of a key', async () => {
    expect(await resolve('http://acme.app.example.com/', {}, 'ann')).toBe(acme.tenant);
    expect(await resolve('http://app.example.com/', { 'x-api-key': 'k' })).toBe(globex.tenant);
    for (const [url, user] of [
      ['http://acme.app.example.com/', 'bob'],
      ['http://acme.app.example.com/', undefined],
      ['http://globex.app.example.com/', 'ann'],
      ['http://nobody.app.example.com/', 'ann'],
    ] as const)
      await expect(resolve(url, {}, user), url).rejects.toMatchObject({ code: 'TENANT_NOT_FOUND' });
  });

  test('refuses sources that disagree, and a request that names nobody', async () => {
    await expect(resolve('http://acme.app.example.com/', { 'x-api-key': 'k' }, 'ann')).rejects.toMatchObject({
      code: 'TENANT_SOURCE_CONFLICT',
    });
    await expect(resolve('http://app.example.com/', {}, 'ann')).rejects.toMatchObject({
      code: 'TENANT_SOURCE_INVALID',
      status: 400,
    });
  });

  test('from a source of the application’s own', async () => {
    const read = (native: unknown): unknown =>
      resolving.session.read(fetchRequest(new Request('http://x'), native));
    expect(read({ session: { tenant: acme.tenant } })).toEqual({ kind: 'found', ref: acme.tenant });
    expect(read({ session: { tenant: 'public' } })).toMatchObject({ kind: 'invalid' });
    expect(read({})).toEqual({ kind: 'absent' });
  });
});

describe('operations', () => {
  test('what cannot be reached, and what is refused, is told; and an end', async () => {
    const told: string[] = [];
    const log = { warn: (_fields: object, message: string) => void told.push(message) };
    const nobodyThere = { url: 'http://127.0.0.1:9', token: 't', credentialKey: tenants.credentialKey };
    const own = operations.openTenancy(nobodyThere, log);
    await expect(own.resolve('acme')).rejects.toMatchObject({ code: 'TENANCY_CONTROL_PLANE' });
    await expect(own.query('SELECT 1')).rejects.toMatchObject({ code: 'TENANT_CONTEXT_MISSING' });
    expect(told).toEqual(['tenant directory', 'refused']);
    await operations.stop(createServer().listen(0, '127.0.0.1'), own);
    await expect(own.for(acme.tenant).query('SELECT 1')).rejects.toMatchObject({ code: 'TENANCY_CLOSED' });
  });
});

describe('security events', () => {
  test('are heard, without those that bots make', async () => {
    const kinds: string[] = [];
    const off = alertOn(tenancy, ({ kind, tenant }) => kinds.push(`${kind} ${tenant}`));
    await expect(tenancy.for(acme.tenant).query(`SELECT * FROM ${globex.tenant}.accounts`)).rejects.toThrow(
      'permission denied',
    );
    await expect(tenancy.for(tenantId('t_zzzzzzzzzzzz')).query('SELECT 1')).rejects.toThrow('no such tenant');
    off();
    expect(kinds).toEqual([`denied ${acme.tenant}`]);
  });
});

describe('patterns', () => {
  test('a service works in its own tenant, all or nothing', async () => {
    const tenant = await fresh();
    expect(await tenant.run(() => patterns.onboard(tenancy, ['a', 'b']))).toEqual(['a', 'b']);
    await expect(tenant.run(() => patterns.onboard(tenancy, ['c', '']))).rejects.toMatchObject({
      code: '23514',
    });
    expect(await accountsOf(tenant)).toEqual(['a', 'b']);
  });

  test('and not outside of it', async () => {
    expect(() => patterns.keep(tenancy)).toThrow(expect.objectContaining({ code: 'TENANT_CONTEXT_MISSING' }));
    const kept = acme.run(() => patterns.keep(tenancy));
    await expect(kept.accounts.names()).rejects.toMatchObject({ code: 'TENANT_CONTEXT_MISSING' });
    await expect(globex.run(() => kept.accounts.names())).rejects.toMatchObject({
      code: 'TENANT_CONTEXT_CONFLICT',
    });
    await expect(globex.run(() => kept.open(['x']))).rejects.toMatchObject({
      code: 'TENANT_CONTEXT_CONFLICT',
    });
  });
});

describe('pitfalls', () => {
  const refused = async (what: () => Promise<unknown>): Promise<unknown> =>
    acme.run(what).then(
      () => undefined,
      (error: { readonly code?: unknown }) => error.code,
    );

  test('are refused with the errors that the page names', async () => {
    await expect(tenancy.query('SELECT 1')).rejects.toMatchObject({ code: 'TENANT_CONTEXT_MISSING' });
    expect(await refused(() => pitfalls.slug(tenancy))).toBe('TENANT_NOT_FOUND');
    expect(await refused(() => pitfalls.stacked(tenancy, 'x'))).toBe('42601');
    expect(await refused(() => pitfalls.commit(tenancy))).toBe('TENANCY_OPTION');
    expect(await refused(() => pitfalls.swallowed(tenancy))).toBe('TENANCY_OPTION');
    expect(await refused(() => pitfalls.late(tenancy))).toBe('TENANCY_CLOSED');
    expect(await refused(() => pitfalls.released(tenancy))).toBe('TENANCY_CLOSED');
    expect(await refused(() => pitfalls.cursor(tenancy, new pg.Query('SELECT 1')))).toBe('TENANCY_OPTION');
    expect(await refused(() => pitfalls.ddl(tenancy))).toBe('42501');
    expect(await refused(() => pitfalls.qualified(tenancy))).toBe('42501');
    expect(await refused(() => pitfalls.nested(tenancy, globex.tenant))).toBe('TENANT_CONTEXT_CONFLICT');
  });

  test('another connection is not part of the transaction', async () => {
    const tenant = await fresh();
    expect(await tenant.run(() => pitfalls.inside(tenancy).then(() => accountsOf(tenant)))).toEqual([
      'Initech',
    ]);
  });

  test('a setting of a session does not stay', async () => {
    const [outside, inside] = await acme.run(() => timeouts(tenancy));
    expect(inside).toEqual({ statement_timeout: '1min' });
    expect(outside).not.toEqual(inside);
  });

  test('a cache without the tenant in its key is a leak that nobody refuses', async () => {
    const [one, two] = await Promise.all([fresh('one'), fresh('two')]);
    const [leaky, right] = [leakyNames(tenancy), names(tenancy)];
    expect([await one.run(leaky), await two.run(leaky)]).toEqual([[{ name: 'one' }], [{ name: 'one' }]]);
    expect([await one.run(right), await two.run(right)]).toEqual([[{ name: 'one' }], [{ name: 'two' }]]);
  });
});
