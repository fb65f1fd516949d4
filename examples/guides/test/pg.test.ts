import { withClient } from '@tenantry/tenancy/pg';

// #region test
import { flyway } from '@tenantry/migrate/testing';
import { startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countByCursor, importAccounts, listAccounts, openAccount, openDatabase } from '../pg.ts';
import { migrations } from './migrations.ts';

let tenants: TestTenants;
let db: Pool;
beforeAll(async () => {
  tenants = await startTestTenants({ schema: flyway(migrations) });
  db = openDatabase(tenants.tenancy);
});
afterAll(() => tenants?.stop());

test('an account is its tenant’s alone', async () => {
  const [acme, globex] = [await tenants.create(), await tenants.create()];
  await acme.run(() => openAccount(tenants.tenancy, 'Wayne Enterprises', 'WAYNE'));
  expect(await acme.run(() => listAccounts(db))).toEqual([{ id: '1', name: 'Wayne Enterprises' }]);
  expect(await globex.run(() => listAccounts(db))).toEqual([]);
});
// #endregion

test('a transaction that fails leaves nothing', async () => {
  const { tenancy } = tenants;
  const acme = await tenants.create();
  await acme.run(() => openAccount(tenancy, 'Wayne', 'WAYNE'));
  await expect(acme.run(() => openAccount(tenancy, 'Stark', 'WAYNE'))).rejects.toMatchObject({
    code: '23505',
  });
  expect(await acme.run(() => listAccounts(db))).toHaveLength(1);
});

test('a cursor, in one session', async () => {
  const acme = await tenants.create();
  await acme.run(() =>
    importAccounts(
      db,
      Array.from({ length: 1200 }, (_, i) => `account ${i}`),
    ),
  );
  expect(await acme.run(() => countByCursor(tenants.tenancy))).toBe(1200);
});

test('what stays in a session ends with the statement', async () => {
  const acme = await tenants.create();
  await acme.run(async () => {
    await db.query("SET statement_timeout = '123ms'");
    expect((await db.query('SHOW statement_timeout')).rows).not.toEqual([{ statement_timeout: '123ms' }]);
    await db.query('LISTEN news');
    expect((await db.query('SELECT pg_listening_channels() AS channel')).rows).toEqual([]);
  });
});

test('a BEGIN that is sent to the pool begins nothing', async () => {
  const acme = await tenants.create();
  await acme.run(async () => {
    // #region begin
    await db.query('BEGIN');
    await db.query("INSERT INTO accounts (name) VALUES ('Wayne')"); // committed by itself
    await db.query('ROLLBACK'); // of nothing
    // #endregion
    expect(await listAccounts(db)).toHaveLength(1);
  });
});

test('a session advisory lock stays with a connection that nobody has', async () => {
  const acme = await tenants.create();
  await acme.run(async () => {
    await db.query('SELECT pg_advisory_lock(7)');
    const locks = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7";
    expect((await db.query(locks)).rowCount).toBe(1);
    await tenants.tenancy.transaction(async (tx) => tx.query('SELECT pg_advisory_xact_lock(8)'));
    expect((await db.query(locks.replace('7', '8'))).rowCount).toBe(0);
  });
});

test('LISTEN and COPY', async () => {
  const [acme, globex] = [await tenants.create(), await tenants.create()];
  await acme.run(async () => {
    expect((await db.query('COPY accounts TO STDOUT')).rows).toEqual([]);
    const heard = await withClient(tenants.tenancy, async (client) => {
      const payloads: unknown[] = [];
      client.on('notification', ({ payload }) => payloads.push(payload));
      await client.query('LISTEN news');
      await globex.query("NOTIFY news, 'from another tenant'");
      // An answer comes after what was sent before it.
      while (payloads.length === 0) await client.query('SELECT');
      return payloads;
    });
    expect(heard).toEqual(['from another tenant']);
    await expect(db.query({ submit() {} } as never)).rejects.toMatchObject({ code: 'TENANCY_OPTION' });
    await expect(db.query('SELECT 1; SELECT 2')).rejects.toMatchObject({ code: '42601' });
  });
});

test('COPY FROM STDIN has nobody to read from', async () => {
  const impatient = await startTestTenants({
    schema: flyway(migrations),
    spares: 0,
    pool: { queryTimeout: 300 },
  });
  try {
    const acme = await impatient.create();
    await expect(acme.query('COPY accounts FROM STDIN')).rejects.toThrow();
    expect((await acme.query('SELECT')).rowCount).toBe(1);
  } finally {
    await impatient.stop();
  }
});

test('a named statement is made anew after a migration', async () => {
  const acme = await tenants.create();
  await acme.run(async () => {
    // #region named
    const named = {
      name: 'account-by-name',
      text: 'SELECT id FROM accounts WHERE name = $1',
      values: ['Wayne'],
    };
    await db.query(named);
    // #endregion
    expect((await db.query(named)).rows).toEqual([]);
  });
});
