import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Tenancy } from '../support/tenancy.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { open } from '../support/open.ts';

/**
 * Behind a lease there is the slot's own login, and any login may store settings for its sessions to come. Those would be of
 * every tenant that the slot is leased to later.
 */
let cell: TestCell;
let a: TestTenant;
let b: TestTenant;
beforeAll(async () => {
  cell = await startTestCell({ tenants: 2, slots: 1 });
  [a, b] = [cell.tenants[0]!, cell.tenants[1]!];
});
afterAll(() => cell.stop());
afterEach(() => cell.superuser.query('ALTER ROLE tenantry_slot_1 RESET ALL'));

async function withTenancy<T>(work: (tenancy: Tenancy) => Promise<T>): Promise<T> {
  const { tenancy } = open(cell, 'leased', { maximumPoolSize: 1 });
  try {
    return await work(tenancy);
  } finally {
    await tenancy.close({ deadlineMs: 1_000 });
  }
}

/** But for the two that what a session starts with overrides. */
const stored = async (): Promise<number> =>
  (
    await cell.superuser.query(
      `SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) setting
        WHERE r.rolname = 'tenantry_slot_1' AND setting !~ '^(role|session_authorization)='`,
    )
  ).rowCount!;

test.each([
  ['SET transform_null_equals = on', 'transform_null_equals', 'off'],
  ['IN DATABASE {database} SET array_nulls = off', 'array_nulls', 'on'],
  ["SET default_transaction_isolation = 'serializable'", 'default_transaction_isolation', 'read committed'],
  ["SET lock_timeout = '1ms'", 'lock_timeout', '0'],
  ["SET session_authorization = 'postgres'", 'is_superuser', 'off'],
  ["SET role = '{a}'", 'role', '{b}'],
  ["SET some.setting = 'kept'", 'array_nulls', 'on'],
  // These end or refuse every session of the login.
  ["SET local_preload_libraries = 'evil'", 'local_preload_libraries', ''],
  ["SET transaction_timeout = '1ms'", 'transaction_timeout', '0'],
  ["SET idle_session_timeout = '1ms'", 'idle_session_timeout', '0'],
  ["SET idle_in_transaction_session_timeout = '1ms'", 'idle_in_transaction_session_timeout', '0'],
])('what a tenant has stored on its slot is not the next one’s: %s', async (setting, name, expected) => {
  const fill = (text: string): string =>
    text.replaceAll('{a}', a.id).replaceAll('{b}', b.id).replaceAll('{database}', 'current');
  await withTenancy(async (tenancy) => {
    const client = await tenancy.for(a.id).pool.connect();
    await client.query('RESET ROLE');
    const { rows } = await client.query('SELECT current_database() AS database');
    const sql = setting.replace('{database}', (rows[0] as { readonly database: string }).database);
    // What PostgreSQL does not even store is no harm.
    await client.query(`ALTER ROLE CURRENT_USER ${fill(sql)}`).catch(() => {});
    client.release();
  });
  await withTenancy(async (tenancy) => {
    const { rows } = await tenancy
      .for(b.id)
      .query('SELECT current_setting($1) AS setting, current_user::text AS me', [name]);
    expect(rows).toEqual([{ setting: fill(expected), me: b.id }]);
  });
  expect(await stored()).toBe(0);
});
