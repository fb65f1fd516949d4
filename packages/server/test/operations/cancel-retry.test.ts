import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { problemOf, send } from '../support/call.ts';
import { listen } from '../support/events.ts';
import { migrationFiles, smallMigrations, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, provision, tracesOf } from '../support/tenant.ts';

const slow = { ...smallMigrations, 'V3__slow.sql': 'SELECT pg_sleep(30);\n' };
const broken = {
  ...smallMigrations,
  'V3__broken.sql': `${'-- a comment\n'.repeat(39)}INSERT INTO no_such_table VALUES (1);\n`,
};

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
});
beforeEach(() => files.replace(smallMigrations));
afterAll(async () => {
  await server.stop();
  await files.clean();
});

const create = (slug: string) => server.admin.call('createTenant', { body: { slug } });
const cancel = (operation: string) =>
  server.admin.call('cancelOperation', {
    params: { operation },
    headers: { 'x-request-id': `cancel-${operation}` },
  });
const retry = (operation: string) =>
  server.admin.call('retryOperation', {
    params: { operation },
    headers: { 'x-request-id': `retry-${operation}` },
  });

/** Returns when PostgreSQL runs the slow migration of the tenant. */
async function sleeping(operation: string): Promise<void> {
  const stream = await listen(server.admin, { topics: `operation:${operation}` }, { 'last-event-id': '0' });
  await stream.until(({ data }) => JSON.stringify(data.data).includes('"state":"running"'));
  await stream.close();
  for (;;) {
    const { rowCount } = await server.superuser.query(
      `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND usename = 'tenantry_control'`,
    );
    if (rowCount) return;
    await new Promise(setImmediate);
  }
}

describe('cancel', () => {
  test('a slow migration ends soon, nothing is left, and the audit says who', async () => {
    const before = await census(server);
    await files.replace(slow);
    const { operation, tenant } = await create('slow');
    await sleeping(operation.id);
    const startedAt = Date.now();
    expect(await cancel(operation.id)).toMatchObject({ id: operation.id, state: 'cancelling' });
    const cancelled = await server.finished(operation.id);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(cancelled).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
    expect(cancelled.steps.map(({ name, state }) => [name, state])).toEqual([
      ['build', 'failed'],
      ['probe', 'pending'],
      ['activate', 'pending'],
      ['rollback', 'succeeded'],
    ]);
    expect(await tracesOf(server, tenant!.schema)).toEqual([]);
    expect(await problemOf(server.admin.call('getTenant', { params: { tenant: 'slow' } }))).toMatchObject({
      status: 404,
    });
    expect(await census(server)).toMatchObject({
      tenants: before.tenants,
      roles: before.roles,
      schemas: before.schemas,
    });
    const actor = { kind: 'apiKey', name: 'local administrator' };
    const [created, asked, ended] = await auditOf(server, { tenant: tenant!.id });
    expect(created).toMatchObject({ action: 'tenant.create', actor });
    expect(asked).toMatchObject({
      action: 'operation.cancel',
      outcome: 'success',
      actor,
      target: { kind: 'operation', id: operation.id },
      before: { state: 'running' },
      after: { state: 'cancelling' },
      requestId: `cancel-${operation.id}`,
    });
    expect(ended).toMatchObject({
      action: 'tenant.provision',
      outcome: 'failure',
      actor,
      target: { kind: 'tenant', id: tenant!.id },
      after: { state: 'cancelled', error: { code: 'CANCELLED' }, removed: true },
      requestId: created!.requestId,
    });
  });

  test('asking twice is asking once; afterwards it is too late', async () => {
    await files.replace(slow);
    const { operation } = await create('slow-twice');
    await sleeping(operation.id);
    await Promise.all([cancel(operation.id), cancel(operation.id)]);
    await server.finished(operation.id);
    const asked = (await auditOf(server, { action: 'operation.cancel' })).filter(
      ({ target }) => target.id === operation.id,
    );
    expect(asked).toHaveLength(1);
    expect(await problemOf(cancel(operation.id))).toMatchObject({
      code: 'OPERATION_STATE_CONFLICT',
      status: 409,
    });
  });

  test('what has succeeded cannot be cancelled, what does not exist neither', async () => {
    await provision(server, 'done');
    const { items } = await server.admin.call('listOperations', { query: { tenant: 'done' } });
    expect(await problemOf(cancel(items[0]!.id))).toMatchObject({
      code: 'OPERATION_STATE_CONFLICT',
      status: 409,
    });
    expect(await problemOf(cancel('op_aaaaaaaaaaaaaaaa'))).toMatchObject({
      code: 'OPERATION_NOT_FOUND',
      status: 404,
    });
    const answer = await send(server, '/v1/operations/%00/cancel', { method: 'POST' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION' } });
  });
});

test('no key is made for a tenant that is not active yet; one that is there does not keep it from being removed', async () => {
  await files.replace(slow);
  const { operation, tenant } = await create('too-early');
  await sleeping(operation.id);
  const body = { name: 'portal', role: 'tenant', tenant: 'too-early' };
  const refused = await send(server, '/v1/keys', { method: 'POST', body });
  expect(refused).toMatchObject({ status: 409, body: { code: 'TENANT_STATE_CONFLICT' } });
  expect(refused.body.detail).toContain('Create the key when it is active');

  await server.superuser.query(
    `INSERT INTO tenantry.api_keys (id, name, role, tenant_id, token_hash, created_by)
     VALUES ('early', 'early', 'tenant', $1, '\\x00', 'test')`,
    [tenant!.id],
  );
  await server.superuser.query(`
    INSERT INTO tenantry.sessions (id, token_hash, method, key_id, created_at, last_seen_at, idle_seconds, expires_at)
    VALUES ('early', '\\x00', 'apiKey', 'early', now(), now(), 60, now() + interval '1 hour');
    INSERT INTO tenantry.sign_in_codes (code_hash, key_id, expires_at)
    VALUES ('\\x00', 'early', now() + interval '1 hour')`);
  await cancel(operation.id);
  expect(await server.finished(operation.id)).toMatchObject({ state: 'cancelled' });
  expect((await server.admin.call('listKeys', {})).items.map(({ id }) => id)).not.toContain('early');
  const events = await auditOf(server, { tenant: tenant!.id });
  expect(events.slice(-2)).toMatchObject([
    { action: 'key.revoke', target: { kind: 'key', id: 'early' }, before: { revokedAt: null } },
    { action: 'tenant.provision', outcome: 'failure' },
  ]);
});

describe('retry', () => {
  test('after the file was mended it succeeds with the same slug, as a new tenant', async () => {
    await files.replace(broken);
    const { operation, tenant } = await create('mended');
    const failed = await server.finished(operation.id);
    expect(failed).toMatchObject({
      state: 'failed',
      error: { code: 'MIGRATION_FAILED', sqlState: '42P01', file: 'V3__broken.sql', line: 40 },
    });
    expect(await tracesOf(server, tenant!.schema)).toEqual([]);
    expect((await auditOf(server, { tenant: tenant!.id })).at(-1)).toMatchObject({
      action: 'tenant.provision',
      outcome: 'failure',
      after: { error: { code: 'MIGRATION_FAILED', file: 'V3__broken.sql', line: 40 } },
    });

    await files.replace(smallMigrations);
    const again = await retry(operation.id);
    expect(again).toMatchObject({ id: operation.id, attempt: 2, error: null });
    expect(await server.finished(operation.id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    const now = await server.admin.call('getTenant', { params: { tenant: 'mended' } });
    expect(now).toMatchObject({ state: 'active', schemaVersion: '2' });
    expect(now.id).not.toBe(tenant!.id);
    expect(await tracesOf(server, now.schema)).toContain(`schema ${now.schema}`);
    const [asked] = (await auditOf(server, { action: 'operation.retry' })).slice(-1);
    expect(asked).toMatchObject({
      outcome: 'success',
      actor: { name: 'local administrator' },
      target: { kind: 'operation', id: operation.id },
      before: { state: 'failed', error: { code: 'MIGRATION_FAILED' } },
      after: { attempt: 2 },
      requestId: `retry-${operation.id}`,
    });
  });

  test('of ten retries at once one goes', async () => {
    await files.replace(broken);
    const { operation } = await create('contested');
    await server.finished(operation.id);
    await files.replace(smallMigrations);
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => retry(operation.id)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await server.finished(operation.id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  test('when another tenant has the slug by now, it is refused', async () => {
    await files.replace(broken);
    const { operation } = await create('moved-in');
    await server.finished(operation.id);
    await files.replace(smallMigrations);
    await provision(server, 'moved-in');
    const before = await census(server);
    expect(await problemOf(retry(operation.id))).toMatchObject({ code: 'SLUG_TAKEN', status: 409 });
    expect(await census(server)).toEqual(before);
  });

  test('it takes what starting the operation takes', async () => {
    await files.replace(broken);
    const { operation } = await create('not-yours');
    await server.finished(operation.id);
    await files.replace(smallMigrations);
    const run = await server.admin.call('startIsolationRun', { body: { parts: ['probes'] } });
    await server.admin.call('cancelOperation', { params: { operation: run.operation.id } });
    expect(await server.finished(run.operation.id)).toMatchObject({ state: 'cancelled' });
    const before = await census(server);
    const { token } = await server.admin.call('createKey', {
      body: { name: 'button', role: 'operator', scopes: ['operations:write'] },
    });
    for (const [id, permission] of [
      [operation.id, 'tenants:write'],
      [run.operation.id, 'isolation:write'],
    ] as const) {
      const answer = await send(server, `/v1/operations/${id}/retry`, { method: 'POST', token });
      expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      expect(answer.body.detail).toContain(permission);
    }
    expect(await census(server)).toMatchObject({ tenants: before.tenants, operations: before.operations });
    await (await server.as('operator')).call('retryOperation', { params: { operation: operation.id } });
    expect(await server.finished(operation.id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect((await auditOf(server, { tenant: 'not-yours' })).at(-1)).toMatchObject({
      action: 'tenant.activate',
      actor: { name: 'test operator' },
    });
  });

  test('what runs or has succeeded cannot be retried', async () => {
    await provision(server, 'fine');
    const { items } = await server.admin.call('listOperations', { query: { tenant: 'fine' } });
    expect(await problemOf(retry(items[0]!.id))).toMatchObject({
      code: 'OPERATION_STATE_CONFLICT',
      status: 409,
    });
    await files.replace(slow);
    const { operation } = await create('running');
    await sleeping(operation.id);
    expect(await problemOf(retry(operation.id))).toMatchObject({
      code: 'OPERATION_STATE_CONFLICT',
      status: 409,
    });
    await cancel(operation.id);
    await server.finished(operation.id);
    expect(await problemOf(retry('op_aaaaaaaaaaaaaaaa'))).toMatchObject({ code: 'OPERATION_NOT_FOUND' });
  });
});
