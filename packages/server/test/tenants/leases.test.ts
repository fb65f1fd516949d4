import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { grantFunction, ownerOf, revokeFunction, slotRole, tenantId } from '@tenantry/tenancy';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { hold, leaseTo, loginAsBroker } from '../support/lease.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision, tracesOf } from '../support/tenant.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let files: MigrationFiles;
let broker: pg.Client;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  broker = await loginAsBroker(server);
});
afterAll(async () => {
  await broker.end();
  await server.stop();
  await files.clean();
});

/** The functions of a tenant in the schema of leases. */
async function functionsOf(schema: string): Promise<string[]> {
  const { rows } = await server.superuser.query<{ name: string }>(
    `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'tenantry_lease'::regnamespace AND proname LIKE '%' || $1 ORDER BY 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

const grantTo = async (tenant: Tenant, slot: number) => {
  await hold(broker, slot);
  return broker.query(`SELECT ${grantFunction(tenantId(tenant.schema))}($1)`, [slotRole(slot)]);
};
/** A lease that the broker was refused. */
const lendTo = (tenant: Tenant, slot: number) =>
  server.superuser.query(
    `BEGIN; SET LOCAL ROLE ${ownerOf(tenantId(tenant.schema))}; GRANT ${tenant.schema} TO ${slotRole(slot)} WITH INHERIT FALSE; COMMIT`,
  );
const codeOf = (query: Promise<unknown>) =>
  query.then(
    () => '00000',
    (error: { readonly code?: string }) => error.code ?? 'ended',
  );
const verb = (
  name: 'suspendTenant' | 'resumeTenant' | 'deleteTenant' | 'rotateTenantCredential',
  tenant: Tenant,
) => server.admin.call(name, { params: { tenant: tenant.id } });

test('a new tenant can be leased to a slot, and taken back', async () => {
  const tenant = await provision(server, 'leased');
  expect(await functionsOf(tenant.schema)).toEqual([`grant_${tenant.schema}`, `revoke_${tenant.schema}`]);
  const slot = await leaseTo(server, broker, tenant, 1);
  await slot.query(`INSERT INTO notes (text) VALUES ('mine')`);
  expect((await slot.query('SELECT text, current_user AS me FROM notes')).rows).toEqual([
    { text: 'mine', me: tenant.schema },
  ]);
  await broker.query(`SELECT ${revokeFunction(tenantId(tenant.schema))}($1)`, [slotRole(1)]);
  await slot.query('DISCARD ALL');
  expect(await codeOf(slot.query(`SET ROLE ${tenant.schema}`))).toBe('42501');
  await slot.end();
});

test('one that comes from the warm pool can be leased too', async () => {
  await server.restart({ warmPool: '1' });
  try {
    await until(
      'there is a spare',
      async () => (await server.admin.call('listCells', {})).items[0]!.spares > 0,
    );
    const tenant = await provision(server, 'warm');
    const slot = await leaseTo(server, broker, tenant, 2);
    expect((await slot.query('SELECT count(*)::int AS n FROM notes')).rows).toEqual([{ n: 0 }]);
    await slot.end();
    await broker.query(`SELECT ${revokeFunction(tenantId(tenant.schema))}($1)`, [slotRole(2)]);
  } finally {
    await server.restart();
  }
});

describe('leased connections end within a second, and their slots hold the tenant no more', () => {
  const verbs = [
    ['a suspension', 'suspendTenant', 3],
    ['a deletion', 'deleteTenant', 4],
    ['a rotation', 'rotateTenantCredential', 5],
  ] as const;
  test.each(verbs)('by %s', async (_, name, first) => {
    const tenant = await provision(server, `ends-${first}`);
    const neighbour = await provision(server, `stays-${first}`);
    const idle = await leaseTo(server, broker, tenant, first);
    const busy = await leaseTo(server, broker, tenant, first + 3);
    const other = await leaseTo(server, broker, neighbour, first + 6);
    const running = codeOf(busy.query('SELECT pg_sleep(60) FROM notes RIGHT JOIN (SELECT 1) x ON true'));
    const startedAt = Date.now();
    await verb(name, tenant);
    expect([await running, await codeOf(idle.query('SELECT 1'))]).toEqual(['57P01', expect.any(String)]);
    expect(Date.now() - startedAt).toBeLessThan(1000);
    const { rows } = await server.superuser.query(
      `SELECT FROM pg_auth_members WHERE roleid = $1::regrole AND member::regrole::text LIKE 'tenantry_slot_%'`,
      [tenant.schema],
    );
    expect(rows).toEqual([]);
    expect((await other.query('SELECT count(*)::int AS n FROM notes')).rows).toEqual([{ n: 0 }]);
    if (name !== 'rotateTenantCredential') {
      expect(await codeOf(grantTo(tenant, first))).toBe('42501');
      await verb('resumeTenant', tenant);
    }
    expect(await codeOf(grantTo(tenant, first))).toBe('00000');
    await Promise.all([idle, busy, other].map((client) => client.end().catch(() => {})));
  });

  test('also one whose lease was taken back, and who was not told to be somebody else', async () => {
    const tenant = await provision(server, 'lingers');
    const slot = await leaseTo(server, broker, tenant, 12);
    await broker.query(`SELECT ${revokeFunction(tenantId(tenant.schema))}($1)`, [slotRole(12)]);
    // A SET ROLE that was allowed outlives what allowed it: a lane discards it, and here nobody did.
    expect(await codeOf(slot.query('SELECT FROM notes'))).toBe('00000');
    await verb('suspendTenant', tenant);
    expect(await codeOf(slot.query('SELECT 1'))).not.toBe('00000');
    await slot.end().catch(() => {});
  });
});

test('nothing is left of a purged tenant that was leased', async () => {
  const tenant = await provision(server, 'leaves');
  const slot = await leaseTo(server, broker, tenant, 13);
  await slot.query(`SELECT lo_from_bytea(0, 'x')`);
  await verb('deleteTenant', tenant);
  // As if the deletion had been cut off: a slot that holds it again must not stand in the way.
  await lendTo(tenant, 14);
  const body = { confirm: 'leaves', force: true };
  const { operation } = await server.admin.call('purgeTenant', { params: { tenant: tenant.id }, body });
  expect(await server.finished(operation.id)).toMatchObject({ state: 'succeeded' });
  expect(await tracesOf(server, tenant.schema)).toEqual([]);
  expect(await functionsOf(tenant.schema)).toEqual([]);
  await slot.end().catch(() => {});
});

describe('what was cut off, or changed by hand, is mended at the next look', () => {
  const damages: readonly [name: string, damage: (t: Tenant) => string, mended: string][] = [
    ['functions that were never made', (t) => `DROP FUNCTION ${grantFunction(tenantId(t.schema))}`, 'lessor'],
    [
      'a function without its path',
      (t) => `ALTER FUNCTION ${grantFunction(tenantId(t.schema))} RESET ALL`,
      'lessor',
    ],
    [
      'a function as an earlier version made it',
      (t) =>
        `CREATE OR REPLACE FUNCTION ${grantFunction(tenantId(t.schema))}(slot text) RETURNS void LANGUAGE plpgsql
         SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN END'`,
      'lessor',
    ],
    [
      'a function that the tenant may call',
      (t) => `GRANT EXECUTE ON FUNCTION ${revokeFunction(tenantId(t.schema))} TO ${t.schema}`,
      'lessor',
    ],
    [
      'an owner without ADMIN',
      (t) =>
        `REVOKE ADMIN OPTION FOR ${t.schema} FROM ${ownerOf(tenantId(t.schema))} GRANTED BY tenantry_control`,
      'lessor',
    ],
  ];
  test.each(damages.map(([name, damage, mended], i) => ({ name, damage, mended, i })))(
    '$name',
    async ({ damage, mended, i }) => {
      const tenant = await provision(server, `mend-${i}`);
      await server.superuser.query(damage(tenant));
      await server.restart();
      expect(await codeOf(grantTo(tenant, 15))).toBe('00000');
      await broker.query(`SELECT ${revokeFunction(tenantId(tenant.schema))}($1)`, [slotRole(15)]);
      const [event] = (await auditOf(server, { tenant: tenant.id })).slice(-1);
      expect(event).toMatchObject({ action: 'tenant.settle-login', after: { mended: [mended] } });
      // And it stays so.
      await server.restart();
      const again = (await auditOf(server, { tenant: tenant.id })).filter((e) => e.action === event!.action);
      expect(again).toHaveLength(1);
    },
  );

  test('a lease of a tenant that is suspended', async () => {
    const tenant = await provision(server, 'mend-lease');
    await verb('suspendTenant', tenant);
    await lendTo(tenant, 15);
    await server.restart();
    expect((await auditOf(server, { tenant: tenant.id })).at(-1)).toMatchObject({
      after: { mended: ['close'] },
    });
  });
});

test('a cell that allows no leases: no functions until it does', async () => {
  const cell = 'default';
  await server.admin.call('updateCell', { params: { cell }, body: { lanes: ['sealed'] } });
  const tenant = await provision(server, 'sealed-only');
  expect(await functionsOf(tenant.schema)).toEqual([]);
  await server.admin.call('updateCell', { params: { cell }, body: { lanes: ['sealed', 'leased'] } });
  await server.restart();
  const slot = await leaseTo(server, broker, tenant, 1);
  expect((await slot.query('SELECT count(*)::int AS n FROM notes')).rows).toEqual([{ n: 0 }]);
  await slot.end();
});
