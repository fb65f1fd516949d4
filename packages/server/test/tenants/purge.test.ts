import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem, PurgeTenant, Tenant, TenantOperation } from '@tenantry/contract';
import { problemOf, send, statusesOf } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, loginAs, provision, tracesOf } from '../support/tenant.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

const remove = (tenant: string) => server.admin.call('deleteTenant', { params: { tenant } });
const purge = (tenant: string, body: PurgeTenant, headers: Record<string, string> = {}) =>
  server.admin.call('purgeTenant', { params: { tenant }, body, headers });

/** Locks a table of the control plane until what this gives is called. */
async function lockTable(table: string, mode: string): Promise<() => Promise<void>> {
  const holder = await server.superuser.connect();
  await holder.query(`BEGIN; LOCK TABLE tenantry.${table} IN ${mode} MODE`);
  return async () => {
    await holder.query('COMMIT');
    holder.release();
  };
}

/** Backends that wait for a lock on a table. */
async function waitersOf(table: string): Promise<number> {
  const { rows } = await server.superuser.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = $1::regclass',
    [`tenantry.${table}`],
  );
  return rows[0]!.n;
}

const waiting = (table: string, n: number) =>
  until(`${n} wait for ${table}`, async () => (await waitersOf(table)) >= n);

test('nothing of the tenant is left in PostgreSQL, its neighbour is whole, and the audit stays', async () => {
  const tenant = await provision(server, 'leaving');
  const neighbour = await provision(server, 'staying');
  const client = await loginAs(server, tenant);
  await client.query(`INSERT INTO notes (text) VALUES ('x'); SELECT lo_from_bytea(0, 'large')`);
  const other = await loginAs(server, neighbour);
  await other.query(`SELECT lo_from_bytea(0, 'theirs')`);
  const key = await server.as('tenant', tenant.id);
  expect(await tracesOf(server, tenant.schema)).toContain(`schema ${tenant.schema}`);
  expect((await tracesOf(server, tenant.schema)).some((what) => what.startsWith('large object'))).toBe(true);

  await remove('leaving');
  const { operation } = await purge(
    'leaving',
    { confirm: 'leaving', force: true, reason: 'GDPR, article 17' },
    { 'x-request-id': 'purge-leaving' },
  );
  const finished = await server.finished(operation.id);
  expect(finished).toMatchObject({ kind: 'tenant.purge', state: 'succeeded', error: null });
  expect(finished.steps.map(({ name, state }) => [name, state])).toEqual([
    ['drop', 'succeeded'],
    ['forget', 'succeeded'],
  ]);

  expect(await tracesOf(server, tenant.schema)).toEqual([]);
  await expect(client.query('SELECT 1')).rejects.toThrow();
  await client.end().catch(() => {});
  expect((await other.query('SELECT count(*)::int AS n FROM notes')).rows).toEqual([{ n: 0 }]);
  await other.end();
  expect((await tracesOf(server, neighbour.schema)).some((what) => what.startsWith('large object'))).toBe(
    true,
  );

  const gone = await server.admin.call('getTenant', { params: { tenant: tenant.id } });
  expect(gone).toMatchObject({ state: 'deleted', slug: 'leaving', purgeAfter: null });
  const listed = await server.admin.call('listTenants', { query: { q: 'leaving' } });
  expect(listed.items).toEqual([]);
  expect(await problemOf(key.call('getMe', {}))).toMatchObject({ code: 'UNAUTHENTICATED' });

  const events = await auditOf(server, { tenant: tenant.id });
  expect(events.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['tenant.create', 'success'],
    ['tenant.activate', 'success'],
    ['key.create', 'success'],
    ['tenant.delete', 'success'],
    ['tenant.purge-requested', 'success'],
    ['tenant.purge', 'success'],
  ]);
  const common = {
    actor: { kind: 'apiKey', name: 'local administrator' },
    target: { kind: 'tenant', id: tenant.id },
    reason: 'GDPR, article 17',
    requestId: 'purge-leaving',
  };
  expect(events.slice(-2)).toMatchObject([
    { ...common, before: { state: 'deleting' } },
    { ...common, before: { state: 'deleting' }, after: { state: 'deleted' } },
  ]);
});

test('the slug of a purged tenant is not given again, unless it was released', async () => {
  await provision(server, 'retired');
  await remove('retired');
  await server.finished((await purge('retired', { confirm: 'retired', force: true })).operation.id);
  const before = await census(server);
  const refused = await problemOf(server.admin.call('createTenant', { body: { slug: 'retired' } }));
  expect(refused).toMatchObject({ code: 'SLUG_RETIRED', status: 409 });
  expect(await census(server)).toEqual(before);

  const released = await provision(server, 'released');
  await remove('released');
  const { operation } = await purge('released', { confirm: released.id, force: true, releaseSlug: true });
  await server.finished(operation.id);
  expect((await server.admin.call('getTenant', { params: { tenant: released.id } })).slug).toBeNull();
  expect((await provision(server, 'released')).id).not.toBe(released.id);
});

test('a change of the tenant while it is being purged comes before or after it, never both at once', async () => {
  const tenant = await provision(server, 'raced');
  await remove('raced');
  const release = await lockTable('tenant_domains', 'ACCESS EXCLUSIVE');
  const { operation } = await purge('raced', { confirm: 'raced', force: true });
  await waiting('tenant_domains', 1);
  let answered = false;
  const change = send(server, `/v1/tenants/${tenant.id}`, { method: 'PATCH', body: { name: 'Raced' } });
  void change.then(() => (answered = true));
  await until('the change has been made, or waits for the purge', async () => {
    const { rowCount } = await server.superuser.query(
      `SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')`,
    );
    return answered || rowCount! > 0;
  });
  await release();
  expect(await change).toMatchObject({ status: 409, body: { code: 'TENANT_STATE_CONFLICT' } });
  await server.finished(operation.id);
  const versions = (await auditOf(server, { tenant: tenant.id })).flatMap(({ after }) =>
    typeof (after as Partial<Tenant> | null)?.version === 'number' ? [(after as Tenant).version] : [],
  );
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
  const gone = await server.admin.call('getTenant', { params: { tenant: tenant.id } });
  expect(gone).toMatchObject({ state: 'deleted', version: versions.at(-1) });
});

describe('refused, and nothing changes', () => {
  beforeAll(async () => {
    await provision(server, 'in-use');
    await provision(server, 'in-grace');
    await remove('in-grace');
  });
  const cases: readonly [name: string, tenant: string, body: unknown, code: string, status: number][] = [
    ['a tenant in use', 'in-use', { confirm: 'in-use', force: true }, 'TENANT_STATE_CONFLICT', 409],
    ['without confirmation', 'in-grace', {}, 'VALIDATION', 400],
    ['a wrong confirmation', 'in-grace', { confirm: 'in-use', force: true }, 'CONFIRMATION_REQUIRED', 422],
    ['a confirmation with NUL', 'in-grace', { confirm: 'in-grace\0' }, 'VALIDATION', 400],
    ['within the grace period', 'in-grace', { confirm: 'in-grace' }, 'GRACE_PERIOD', 409],
    ['force that is a text', 'in-grace', { confirm: 'in-grace', force: 'true' }, 'VALIDATION', 400],
    ['an unknown tenant', 'nobody', { confirm: 'nobody', force: true }, 'TENANT_NOT_FOUND', 404],
  ];
  test.each(cases)('%s', async (_, tenant, body, code, status) => {
    const before = await census(server);
    const answer = await send(server, `/v1/tenants/${tenant}/purge`, { method: 'POST', body });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await census(server)).toEqual(before);
  });
});

describe('Idempotency-Key', () => {
  test('eight purges with one key at once are one, and a later one replays it', async () => {
    const tenant = await provision(server, 'once');
    await remove('once');
    const request = () =>
      send<TenantOperation>(server, `/v1/tenants/${tenant.id}/purge`, {
        method: 'POST',
        body: { confirm: 'once', force: true },
        headers: { 'idempotency-key': 'purge-once' },
      });
    const answers = await Promise.all(Array.from({ length: 8 }, request));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 202));
    expect(new Set(answers.map(({ body }) => body.operation.id)).size).toBe(1);
    await server.finished(answers[0]!.body.operation.id);
    const later = await request();
    expect(later.headers.get('idempotent-replayed')).toBe('true');
    expect(later.body).toMatchObject({ operation: { state: 'succeeded' }, tenant: { state: 'deleted' } });
  });

  test('one key for two tenants at once: one purge goes, the other is told', async () => {
    for (const slug of ['twin-a', 'twin-b']) {
      await provision(server, slug);
      await remove(slug);
    }
    // Both have asked for the key, and found nothing, before either can write.
    const release = await lockTable('operations', 'SHARE');
    const asked = ['twin-a', 'twin-b'].map((slug) =>
      send<Partial<TenantOperation & Problem>>(server, `/v1/tenants/${slug}/purge`, {
        method: 'POST',
        body: { confirm: slug, force: true },
        headers: { 'idempotency-key': 'purge-twins' },
      }),
    );
    await waiting('operations', 2);
    await release();
    const answers = await Promise.all(asked);
    expect(statusesOf(answers)).toEqual([202, 422]);
    expect(answers.find(({ status }) => status === 422)?.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    const { operation } = answers.find(({ status }) => status === 202)!.body;
    await server.finished(operation!.id);
  });

  test('eight purges without one: one goes, the others are told', async () => {
    await provision(server, 'many');
    await remove('many');
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        send<TenantOperation>(server, '/v1/tenants/many/purge', {
          method: 'POST',
          body: { confirm: 'many', force: true },
        }),
      ),
    );
    expect(statusesOf(answers)).toEqual([202, ...Array.from({ length: 7 }, () => 409)]);
    await server.finished(answers.find(({ status }) => status === 202)!.body.operation.id);
  });
});

test('a failed purge leaves the tenant shut out; brought back, a retry of that purge must not drop it', async () => {
  const tenant = await provision(server, 'second-thoughts');
  await remove('second-thoughts');
  // The tenant's login owns something elsewhere: PostgreSQL refuses to drop it.
  await server.superuser.query(`CREATE DATABASE elsewhere OWNER ${tenant.schema}`);
  const { operation } = await purge('second-thoughts', { confirm: 'second-thoughts', force: true });
  const failed = await server.finished(operation.id);
  expect(failed).toMatchObject({ state: 'failed', error: { sqlState: '2BP01' } });
  expect((await auditOf(server, { tenant: tenant.id })).at(-1)).toMatchObject({
    action: 'tenant.purge',
    outcome: 'failure',
    after: { operation: operation.id, error: { sqlState: '2BP01' } },
  });
  expect(await server.admin.call('getTenant', { params: { tenant: tenant.id } })).toMatchObject({
    state: 'deleting',
  });

  await server.admin.call('resumeTenant', { params: { tenant: tenant.id } });
  const refused = await problemOf(
    server.admin.call('retryOperation', { params: { operation: operation.id } }),
  );
  expect(refused).toMatchObject({ code: 'TENANT_STATE_CONFLICT', status: 409 });
  const client = await loginAs(server, tenant);
  await client.query('SELECT * FROM notes');
  await client.end();

  // Deleted anew, its grace period is a new one.
  await remove('second-thoughts');
  await server.superuser.query('DROP DATABASE elsewhere');
  const old = await problemOf(server.admin.call('retryOperation', { params: { operation: operation.id } }));
  expect(old).toMatchObject({ code: 'TENANT_STATE_CONFLICT', status: 409 });
  expect(old.detail).toContain('Ask for a new purge.');
  expect(await tracesOf(server, tenant.schema)).toContain(`schema ${tenant.schema}`);
  const anew = await purge('second-thoughts', { confirm: 'second-thoughts', force: true });
  expect(await server.finished(anew.operation.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(await tracesOf(server, tenant.schema)).toEqual([]);
});

test('a failed purge is run again by who may purge, and the audit names them', async () => {
  const tenant = await provision(server, 'half-gone');
  await remove('half-gone');
  await server.superuser.query(`CREATE DATABASE in_the_way OWNER ${tenant.schema}`);
  const { operation } = await purge('half-gone', { confirm: 'half-gone', force: true });
  await server.finished(operation.id);
  await server.superuser.query('DROP DATABASE in_the_way');

  const params = { operation: operation.id };
  const operator = await server.as('operator');
  const refused = await problemOf(operator.call('retryOperation', { params }));
  expect(refused).toMatchObject({ code: 'FORBIDDEN', status: 403 });
  expect(refused.detail).toContain('tenants:purge');
  expect(await server.admin.call('getOperation', { params })).toMatchObject({ state: 'failed', attempt: 1 });

  const second = await server.as('admin');
  await second.call('retryOperation', { params, headers: { 'x-request-id': 'retry-half-gone' } });
  expect(await server.finished(operation.id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(await tracesOf(server, tenant.schema)).toEqual([]);
  expect((await auditOf(server, { tenant: tenant.id })).at(-1)).toMatchObject({
    action: 'tenant.purge',
    outcome: 'success',
    actor: { name: 'test admin' },
    requestId: 'retry-half-gone',
  });
});
