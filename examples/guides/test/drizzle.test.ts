// #region test
import { flyway } from '@tenantry/migrate/testing';
import { startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accounts,
  listAccounts,
  openAccount,
  openDatabase,
  postgresError,
  type Database,
} from '../drizzle.ts';
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

test('a transaction that fails leaves nothing, and its error tells parameters', async () => {
  const acme = await tenants.create();
  await acme.run(() => openAccount(db, 'Wayne', 'WAYNE'));
  const error: unknown = await acme
    .run(() => openAccount(db, 'Stark', 'WAYNE'))
    .catch((caught: unknown) => caught);
  expect(String(error)).toContain('params: 2,WAYNE,Stark');
  expect(postgresError(error)).toMatchObject({ code: '23505' });
  expect(await acme.run(() => listAccounts(db))).toHaveLength(1);
});

test('it runs as whoever awaits it, and not at all where nobody does', async () => {
  const [acme, globex] = [await tenants.create(), await tenants.create()];
  for (const each of [acme, globex]) await each.query("INSERT INTO accounts (name) VALUES ('Wayne')");
  // #region lazy
  const everything = acme.run(() => db.delete(accounts)); // deletes nothing yet
  await globex.run(async () => everything); // deletes the accounts of globex
  // #endregion
  expect((await acme.query('SELECT FROM accounts')).rowCount).toBe(1);
  expect((await globex.query('SELECT FROM accounts')).rowCount).toBe(0);
});

test('without a tenant the reason is in the cause', async () => {
  await expect(listAccounts(db)).rejects.toMatchObject({ cause: { code: 'TENANT_CONTEXT_MISSING' } });
});
