// #region test
import { flyway } from '@tenantry/migrate/testing';
import { startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachAccount, listAccounts, openAccount, openDatabase, type Database } from '../kysely.ts';
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
  await acme.run(() => openAccount(db, 'Wayne Enterprises', 'WAYNE'));
  expect(await acme.run(() => listAccounts(db))).toEqual([{ id: '1', name: 'Wayne Enterprises' }]);
  expect(await globex.run(() => listAccounts(db))).toEqual([]);
});
// #endregion

test('a transaction that fails leaves nothing', async () => {
  const acme = await tenants.create();
  await acme.run(() => openAccount(db, 'Wayne', 'WAYNE'));
  await expect(acme.run(() => openAccount(db, 'Stark', 'WAYNE'))).rejects.toMatchObject({ code: '23505' });
  expect(await acme.run(() => listAccounts(db))).toHaveLength(1);
});

test('it runs as whoever executes it; a transaction stays with who began it', async () => {
  const [acme, globex] = [await tenants.create(), await tenants.create()];
  await acme.run(() => openAccount(db, 'Wayne', 'WAYNE'));
  // #region executes
  const query = acme.run(() => db.selectFrom('accounts').select('name'));
  await globex.run(() => query.execute()); // the rows of globex
  // #endregion
  expect(await globex.run(() => query.execute())).toEqual([]);
  await expect(query.execute()).rejects.toMatchObject({ code: 'TENANT_CONTEXT_MISSING' });
  const tx = await acme.run(() => db.startTransaction().execute());
  const rows = await globex.run(() => tx.selectFrom('accounts').select('name').execute());
  await tx.commit().execute();
  expect(rows).toEqual([{ name: 'Wayne' }]);
});

test('pages instead of a stream', async () => {
  const acme = await tenants.create();
  await acme.query("INSERT INTO accounts (name) SELECT 'n' FROM generate_series(1, 2300)");
  await acme.run(async () => {
    let count = 0;
    for await (const account of eachAccount(db)) count += Number(account.name === 'n');
    expect(count).toBe(2300);
    const stream = db.selectFrom('accounts').selectAll().stream();
    await expect(stream.next()).rejects.toThrow('`cursor` is not present');
  });
});

test('a schema in a name goes past the search path, and PostgreSQL refuses it', async () => {
  const [acme, globex] = [await tenants.create(), await tenants.create()];
  const foreign = acme.run(() => db.withSchema(globex.tenant).selectFrom('accounts').selectAll().execute());
  await expect(foreign).rejects.toMatchObject({ code: '42501' });
});
