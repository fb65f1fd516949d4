import './prisma-client.ts';

// #region test
import { flyway } from '@tenantry/migrate/testing';
import { startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listAccounts, openAccount, openDatabase, openExtended, type Database } from '../prisma/accounts.ts';
import { migrations } from './migrations.ts';

let tenants: TestTenants;
let db: Database;
beforeAll(async () => {
  tenants = await startTestTenants({ schema: flyway(migrations) });
  db = openDatabase(tenants.tenancy);
});
afterAll(() => tenants?.stop());

test('an account is its tenant’s alone', async () => {
  const [acme, globex] = [await tenants.create(), await tenants.create()];
  const id = await acme.run(() => openAccount(db, 'Wayne Enterprises', 'WAYNE'));
  const [account] = await acme.run(() => listAccounts(db));
  expect(account).toMatchObject({ id, name: 'Wayne Enterprises', projects: [{ key: 'WAYNE' }] });
  expect(await globex.run(() => listAccounts(db))).toEqual([]);
});
// #endregion

test('a transaction that fails leaves nothing', async () => {
  const acme = await tenants.create();
  await acme.run(() => openAccount(db, 'Wayne', 'WAYNE'));
  await expect(acme.run(() => openAccount(db, 'Stark', 'WAYNE'))).rejects.toMatchObject({ code: 'P2002' });
  expect(await acme.run(() => listAccounts(db))).toHaveLength(1);
});

test('a query belongs to who has built it, and does not run where nobody awaits it', async () => {
  const [acme, globex] = [await tenants.create(), await tenants.create()];
  for (const each of [acme, globex]) await each.query("INSERT INTO accounts (name) VALUES ('Wayne')");
  // #region lazy
  const everything = acme.run(() => db.account.deleteMany()); // deletes nothing yet
  await globex.run(async () => everything); // deletes the accounts of acme
  // #endregion
  expect((await acme.query('SELECT FROM accounts')).rowCount).toBe(0);
  expect((await globex.query('SELECT FROM accounts')).rowCount).toBe(1);
});

test('extensions are made with the client; one that is made of the common object needs a tenant', async () => {
  const acme = await tenants.create();
  await acme.query("INSERT INTO accounts (name) VALUES ('Wayne')");
  const extended = openExtended(tenants.tenancy);
  expect(await acme.run(() => extended.account.findMany())).toMatchObject([{ label: 'Account Wayne' }]);
  expect(() => db.$extends({})).toThrow(expect.objectContaining({ code: 'TENANT_CONTEXT_MISSING' }) as Error);
});

test('bigints are no JSON, and PostgreSQL’s refusals have numbers of Prisma', async () => {
  const acme = await tenants.create();
  await acme.run(async () => {
    const id = await openAccount(db, 'Wayne', 'WAYNE');
    expect(() => JSON.stringify({ id })).toThrow(TypeError);
    await expect(db.account.delete({ where: { id } })).rejects.toMatchObject({
      code: 'P2003',
      // RESTRICT; for other foreign keys it is 23503.
      meta: { driverAdapterError: { cause: { originalCode: '23001' } } },
    });
  });
});

test('disconnected, it leaves the connections to others', async () => {
  const acme = await tenants.create();
  await acme.run(async () => {
    await listAccounts(db);
    await db.$disconnect();
    expect((await acme.query('SELECT')).rowCount).toBe(1);
    expect(await listAccounts(db)).toEqual([]);
  });
});

test('an interactive transaction has five seconds', async () => {
  const acme = await tenants.create();
  const late = acme.run(() =>
    db.$transaction(async (tx) => tx.$queryRaw`SELECT pg_sleep(0.3)::text`, { timeout: 100 }),
  );
  await expect(late).rejects.toMatchObject({ code: 'P2028' });
  expect(await acme.run(() => listAccounts(db))).toEqual([]);
});
