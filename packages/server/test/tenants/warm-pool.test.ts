import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantOperation } from '@tenantry/contract';
import { send } from '../support/call.ts';
import { migrationFiles, smallMigrations, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, loginAs, provision, tracesOf } from '../support/tenant.ts';

const size = 10;
let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path, warmPool: String(size) });
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

interface Spare {
  readonly id: string;
  readonly migration_set: string;
}

/** Waits until the pool is full and returns what is in it. The pool says nothing when it is done, so this looks. */
async function filled(
  fits: (spares: readonly Spare[]) => boolean = (spares) => spares.length === size,
): Promise<Spare[]> {
  for (const deadline = Date.now() + 20_000; ;) {
    const { rows } = await server.superuser.query<Spare & { state: string }>(
      'SELECT * FROM tenantry.spares ORDER BY id',
    );
    if (rows.every(({ state }) => state === 'ready') && fits(rows)) return rows;
    if (Date.now() > deadline) throw new Error(`The pool holds ${JSON.stringify(rows)}`);
    await server.superuser.query('SELECT pg_sleep(0.02)');
  }
}

test('a tenant is active in the answer to its request, and the pool is filled again', async () => {
  const spares = await filled();
  const { status, body } = await send<TenantOperation>(server, '/v1/tenants', {
    method: 'POST',
    body: { slug: 'warm' },
    headers: { 'x-request-id': 'warm-1' },
  });
  expect(status).toBe(202);
  expect(body.operation).toMatchObject({
    state: 'succeeded',
    progress: { done: 1, total: 1 },
    steps: [{ name: 'claim', state: 'succeeded', detail: { warm: true } }],
  });
  const tenant = body.tenant!;
  expect(tenant).toMatchObject({ slug: 'warm', state: 'active', schemaVersion: '2' });
  expect(spares.map(({ id }) => id)).toContain(tenant.id);
  const client = await loginAs(server, tenant);
  await client.query(`INSERT INTO notes (text) VALUES ('mine')`);
  await client.end();
  expect(await auditOf(server, { tenant: tenant.id })).toMatchObject([
    { action: 'tenant.create', outcome: 'success', requestId: 'warm-1', after: { slug: 'warm' } },
    { action: 'tenant.activate', outcome: 'success', requestId: 'warm-1', after: { state: 'active' } },
  ]);
  expect((await filled()).map(({ id }) => id)).not.toContain(tenant.id);
});

test('a spare whose lease functions an earlier version has made is built anew', async () => {
  const [old] = await filled();
  await server.superuser.query(
    `CREATE OR REPLACE FUNCTION tenantry_lease.grant_${old!.id}(slot text) RETURNS void LANGUAGE plpgsql
     SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN END'`,
  );
  await server.restart();
  const spares = await filled((now) => now.length === size && now.every(({ id }) => id !== old!.id));
  expect(spares).toHaveLength(size);
  expect(await tracesOf(server, old!.id)).toEqual([]);
});

test(
  'fifty at once: no spare is given twice, everybody is active, the pool is full again',
  { timeout: 60_000 },
  async () => {
    await filled();
    const before = await census(server);
    const tenants = await Promise.all(Array.from({ length: 50 }, (_, i) => provision(server, `many-${i}`)));
    expect(new Set(tenants.map(({ schema }) => schema)).size).toBe(50);
    await filled();
    const after = await census(server);
    expect(after).toEqual({
      ...before,
      tenants: before.tenants + 50,
      operations: before.operations + 50,
      audit: before.audit + 100,
      roles: before.roles + 100,
      schemas: before.schemas + 50,
    });
  },
);

test('a spare whose claim is rolled back is a spare again', async () => {
  const spares = await filled();
  const answer = await send(server, '/v1/tenants', { method: 'POST', body: { slug: 'warm' } });
  if (answer.status === 202) await send(server, '/v1/tenants', { method: 'POST', body: { slug: 'warm' } });
  const taken = await send(server, '/v1/tenants', { method: 'POST', body: { slug: 'warm' } });
  expect(taken).toMatchObject({ status: 409, body: { code: 'SLUG_TAKEN' } });
  if (answer.status === 409) expect(await filled()).toEqual(spares);
});

test('a purge leaves the spares alone', async () => {
  const spares = await filled();
  const doomed = await provision(server, 'doomed');
  await server.admin.call('deleteTenant', { params: { tenant: 'doomed' } });
  const { operation } = await server.admin.call('purgeTenant', {
    params: { tenant: 'doomed' },
    body: { confirm: 'doomed', force: true },
  });
  await server.finished(operation.id);
  expect(await tracesOf(server, doomed.schema)).toEqual([]);
  const left = (await filled()).map(({ id }) => id);
  expect(left).toEqual(expect.arrayContaining(spares.map(({ id }) => id).filter((id) => id !== doomed.id)));
});

test(
  'spares of other migrations are not given, and are replaced; migrations that fail leave none',
  { timeout: 90_000 },
  async () => {
    const old = await filled();
    await files.replace({ ...smallMigrations, 'V3__more.sql': 'CREATE TABLE more (id int);\n' });
    const tenant = await provision(server, 'newer');
    expect(tenant).toMatchObject({ schemaVersion: '3' });
    expect(old.map(({ id }) => id)).not.toContain(tenant.id);
    await filled(
      (spares) =>
        spares.length === size && spares.every(({ migration_set: set }) => set !== old[0]!.migration_set),
    );
    for (const { id } of old) expect(await tracesOf(server, id)).toEqual([]);

    await files.replace({
      ...smallMigrations,
      'V3__more.sql': 'CREATE TABLE more (id int);\n',
      'V4__bad.sql': 'SELECT 1/0;\n',
    });
    const { operation } = await server.admin.call('createTenant', { body: { slug: 'never' } });
    expect(await server.finished(operation.id)).toMatchObject({
      state: 'failed',
      error: { sqlState: '22012' },
    });
    await filled((spares) => spares.length === 0);
    const { rows } = await server.superuser.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_namespace WHERE nspname ~ '^t_[a-z2-7]{12}$' AND nspname NOT IN (SELECT id FROM tenantry.tenants)`,
    );
    expect(rows[0]!.n).toBe(0);

    // Mended, the next tenant is built and the pool comes back.
    await files.replace(smallMigrations);
    await provision(server, 'mended');
    await filled();
  },
);
