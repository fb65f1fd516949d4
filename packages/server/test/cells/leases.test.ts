import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CellCheckItem } from '@tenantry/contract';
import { slotRole } from '@tenantry/tenancy';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { problemOf, send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { leaseTo, loginAsBroker, loginAsRole } from '../support/lease.ts';
import { createControlRole, startTestServer, withDatabase, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let second: TestPostgres;
let superuser: pg.Client;
let added: Slots;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  second = await startTestPostgres();
  const url = await createControlRole(second.superuserUrl, 'tenants');
  await server.admin.call('addCell', { body: { name: 'eu', url, slots: 3 } });
  superuser = new pg.Client(withDatabase(second.superuserUrl, 'tenants'));
  await superuser.connect();
  added = await slotsOf(superuser);
  // Test servers are copies of one, and have its identifier; real ones differ.
  await server.superuser.query(`UPDATE tenantry.cells SET system_identifier = 'another' WHERE name = 'eu'`);
});
beforeEach(() => update('eu', { lanes: ['sealed', 'leased'], slots: 3 }));
afterAll(async () => {
  await superuser.end();
  await server.stop();
  await second.stop();
  await files.clean();
});

const place = () => ({ port: second.port, database: 'tenants' });
const update = (cell: string, body: { lanes?: ('sealed' | 'leased')[]; slots?: number }) =>
  server.admin.call('updateCell', { params: { cell }, body });
const failed = async (cell: string): Promise<CellCheckItem[]> =>
  (await server.admin.call('checkCell', { params: { cell } })).items.filter(
    ({ ok, severity }) => !ok && severity === 'error',
  );

/** The numbers of the slots that can log in, and that can be leased to. */
interface Slots {
  readonly roles: number[];
  readonly rows: number[];
}

async function slotsOf(client: pg.Client | pg.Pool): Promise<Slots> {
  const { rows } = await client.query<Slots>(`
    SELECT ARRAY(SELECT substring(rolname from 15)::int FROM pg_roles WHERE rolname ~ '^tenantry_slot_\\d+$' ORDER BY 1) AS roles,
           ARRAY(SELECT substring(slot from 15)::int FROM tenantry_lease.slots ORDER BY 1) AS rows`);
  return rows[0]!;
}
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

test('the default cell has sixteen slots, and its broker and slots can log in', async () => {
  const { items } = await server.admin.call('listCells', {});
  expect(items.find(({ isDefault }) => isDefault)).toMatchObject({ lanes: ['sealed', 'leased'], slots: 16 });
  expect(await slotsOf(server.superuser)).toEqual({ roles: upTo(16), rows: upTo(16) });
  for (const login of [() => loginAsBroker(server), () => loginAsRole(server, slotRole(16))]) {
    const client = await login();
    await client.end();
  }
  expect(await failed('default')).toEqual([]);
});

test('a cell gets the slots that it was added with, and keeps them over a restart', async () => {
  expect(added).toEqual({ roles: upTo(3), rows: upTo(3) });
  const broker = await loginAsBroker(server, place());
  await broker.end();
  await server.restart();
  expect(await slotsOf(superuser)).toEqual({ roles: upTo(3), rows: upTo(3) });
  expect(await failed('eu')).toEqual([]);
});

test('slots are added and taken away; those that go end with their leases, and it is audited', async () => {
  expect(await update('eu', { slots: 5 })).toMatchObject({ name: 'eu', slots: 5 });
  expect(await slotsOf(superuser)).toEqual({ roles: upTo(5), rows: upTo(5) });
  const tenant = await provision(server, 'abroad', { cell: 'eu' });
  const broker = await loginAsBroker(server, place());
  const slot = await leaseTo(server, broker, tenant, 5, place());
  await slot.query('SELECT FROM notes');
  const kept = await leaseTo(server, broker, tenant, 1, place());

  expect(await update('eu', { slots: 2 })).toMatchObject({ slots: 2 });
  await expect(slot.query('SELECT FROM notes')).rejects.toThrow();
  expect((await kept.query('SELECT FROM notes')).rows).toEqual([]);
  expect(await slotsOf(superuser)).toEqual({ roles: upTo(2), rows: upTo(2) });
  await Promise.all([slot, kept, broker].map((client) => client.end().catch(() => {})));

  const trail = (await auditOf(server, { action: 'cell.update' })).slice(-2);
  expect(trail.map(({ before, after }) => [before, after])).toMatchObject([
    [{ slots: 3 }, { slots: 5 }],
    [{ slots: 5 }, { slots: 2 }],
  ]);
});

test('a cell that allows no leases has a broker, who tells of placements, and no slots', async () => {
  await update('eu', { lanes: ['sealed'] });
  expect(await slotsOf(superuser)).toEqual({ roles: [], rows: [] });
  expect(await failed('eu')).toEqual([]);
  const broker = await loginAsBroker(server, place());
  await broker.query('LISTEN tenantry_placements');
  await broker.end();
  await update('eu', { lanes: ['leased', 'sealed'] });
  expect(await slotsOf(superuser)).toEqual({ roles: upTo(3), rows: upTo(3) });
});

test('what another cell of the same server needs stays', async () => {
  const other = new URL(withDatabase(second.superuserUrl, 'more'));
  await superuser.query('CREATE DATABASE more OWNER tenantry_control');
  other.username = 'tenantry_control';
  other.password = 'control-password';
  await server.admin.call('addCell', { body: { name: 'more', url: other.href, slots: 4 } });
  await server.superuser.query(`UPDATE tenantry.cells SET system_identifier = 'another' WHERE name = 'more'`);
  const tenant = await provision(server, 'shares', { cell: 'eu' });
  const broker = await loginAsBroker(server, place());
  const here = await leaseTo(server, broker, tenant, 3, place());
  const there = await loginAsRole(server, slotRole(4), { ...place(), database: 'more' });
  await update('eu', { slots: 1 });
  expect(await slotsOf(superuser)).toEqual({ roles: upTo(4), rows: upTo(1) });
  // What the other cell uses goes on; what this one did ends, and its lease with it.
  await there.query('SELECT 1');
  await expect(here.query('SELECT 1')).rejects.toThrow();
  const held = `SELECT FROM pg_auth_members WHERE roleid = '${tenant.schema}'::regrole AND member = 'tenantry_slot_3'::regrole`;
  expect((await superuser.query(held)).rows).toEqual([]);
  await Promise.all([here, there, broker].map((client) => client.end().catch(() => {})));
  await update('more', { lanes: ['sealed'] });
  await update('eu', { slots: 3 });
  expect(await slotsOf(superuser)).toEqual({ roles: upTo(3), rows: upTo(3) });
});

describe('the check says what is missing, and what mends it does', () => {
  test('a slot that is gone: the update makes it again', async () => {
    await superuser.query('DROP ROLE tenantry_slot_2');
    const [item, ...more] = await failed('eu');
    expect(more).toEqual([]);
    expect(item).toMatchObject({ name: 'leases', sql: null });
    expect(item!.message).toContain('tenantry_slot_2');
    expect(item!.message).toContain('tenantry cell update eu --slots 3');
    await update('eu', { slots: 3 });
    expect(await failed('eu')).toEqual([]);
    const slot = await loginAsRole(server, slotRole(2), place());
    await slot.end();
  });

  test.each([
    ['lease-logins', 'ALTER ROLE tenantry_slot_1 CONNECTION LIMIT 9 INHERIT'],
    ['lease-logins', 'ALTER ROLE tenantry_broker CREATEROLE'],
    ['lease-members', 'GRANT tenantry_tenants TO tenantry_slot_1'],
    ['lease-members', 'GRANT pg_read_all_data TO tenantry_broker'],
  ])('%s: %s', async (name, damage) => {
    await superuser.query(damage);
    const [item, ...more] = await failed('eu');
    expect([item?.name, more]).toEqual([name, []]);
    await superuser.query(item!.sql!);
    expect(await failed('eu')).toEqual([]);
  });

  test('leases that another role owns: an added cell is refused with the SQL', async () => {
    await superuser.query('CREATE DATABASE foreign_leases OWNER tenantry_control');
    const there = new pg.Client(withDatabase(second.superuserUrl, 'foreign_leases'));
    await there.connect();
    await there.query('CREATE SCHEMA tenantry_lease');
    const url = new URL(withDatabase(second.superuserUrl, 'foreign_leases'));
    url.username = 'tenantry_control';
    url.password = 'control-password';
    const add = () => server.admin.call('addCell', { body: { name: 'foreign', url: url.href } });
    const problem = await problemOf(add());
    expect(problem).toMatchObject({ code: 'CELL_UNFIT', errors: [{ path: 'lease-schema' }] });
    await there.query(/ALTER SCHEMA .*;$/.exec(problem.errors![0]!.message)![0]);
    await there.end();
    expect(await add()).toMatchObject({ name: 'foreign' });
  });
});

test.each([
  ['no lanes', { lanes: [] }],
  ['an unknown lane', { lanes: ['guarded'] }],
  ['a lane twice', { lanes: ['sealed', 'sealed'] }],
  ['no slots', { slots: 0 }],
  ['too many slots', { slots: 501 }],
  ['nothing', {}],
])('%s is refused', async (_, body) => {
  const answer = await send(server, '/v1/cells/eu', { method: 'PATCH', body });
  expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION' } });
  expect(await problemOf(update('nowhere', { slots: 2 }))).toMatchObject({ code: 'CELL_NOT_FOUND' });
});
