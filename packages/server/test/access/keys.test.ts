import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '@tenantry/contract';
import { readConfig } from '../../src/config.ts';
import { startControlPlane } from '../../src/main/control-plane.ts';
import { problemOf, send } from '../support/call.ts';
import { listen } from '../support/events.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  await provision(server, 'acme');
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

test('a key is created, listed without its token, used, revoked; the audit says each', async () => {
  const { key, token } = await server.admin.call('createKey', {
    body: { name: 'deploy', role: 'operator', scopes: ['tenants:read'] },
    headers: { 'x-request-id': 'key-1' },
  });
  expect(token).toMatch(/^tnt_[a-z2-7]{12}_[A-Za-z0-9_-]{43}$/);
  expect(key).toMatchObject({
    name: 'deploy',
    role: 'operator',
    scopes: ['tenants:read'],
    tenantId: null,
    createdBy: 'local administrator',
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
  });
  const client = createClient({ url: server.url, token });
  expect(await client.call('getMe', {})).toEqual({
    actor: { kind: 'apiKey', id: key.id, name: 'deploy' },
    role: 'operator',
    permissions: ['tenants:read'],
    tenantId: null,
    session: null,
  });
  const find = async () => (await server.admin.call('listKeys', {})).items.find(({ id }) => id === key.id);
  const used = await find();
  expect(Math.abs(Date.now() - new Date(used?.lastUsedAt ?? 0).getTime())).toBeLessThan(60_000);

  const revoked = await server.admin.call('revokeKey', {
    params: { key: key.id },
    headers: { 'x-request-id': 'key-2' },
  });
  expect(revoked.revokedAt).not.toBeNull();
  expect(await problemOf(client.call('getMe', {}))).toMatchObject({ status: 401 });
  expect(await server.admin.call('revokeKey', { params: { key: key.id } })).toEqual(revoked);

  const events = (await auditOf(server, { action: 'key.*' })).filter(({ target }) => target.id === key.id);
  const common = {
    outcome: 'success',
    actor: { name: 'local administrator' },
    target: { kind: 'key', id: key.id },
  };
  expect(events).toMatchObject([
    { ...common, action: 'key.create', before: null, after: { name: 'deploy' }, requestId: 'key-1' },
    {
      ...common,
      action: 'key.revoke',
      before: { revokedAt: null },
      after: { revokedAt: revoked.revokedAt },
      requestId: 'key-2',
    },
  ]);
});

test('a revoked key ends the streams that it opened', async () => {
  const { key, token } = await server.admin.call('createKey', { body: { name: 'watcher', role: 'auditor' } });
  const stream = await listen(createClient({ url: server.url, token }), { topics: 'tenants' });
  await server.admin.call('revokeKey', { params: { key: key.id } });
  await stream.ended;
});

test('an expired key stops working at its time', async () => {
  const { key, token } = await server.admin.call('createKey', {
    body: { name: 'short', role: 'developer', expiresAt: new Date(Date.now() + 60_000).toISOString() },
  });
  expect((await send(server, '/v1/me', { token })).status).toBe(200);
  await server.superuser.query('UPDATE tenantry.api_keys SET expires_at = now() WHERE id = $1', [key.id]);
  expect((await send(server, '/v1/me', { token })).status).toBe(401);
});

describe('refused, and no key is made', () => {
  const cases: readonly [name: string, body: unknown, code: string][] = [
    ['no name', { role: 'admin' }, 'VALIDATION'],
    ['an empty name', { name: '', role: 'admin' }, 'VALIDATION'],
    ['a name with NUL', { name: 'a\0', role: 'admin' }, 'VALIDATION'],
    ['a name of 101 characters', { name: 'a'.repeat(101), role: 'admin' }, 'VALIDATION'],
    ['an unknown role', { name: 'x', role: 'root' }, 'VALIDATION'],
    ['an unknown scope', { name: 'x', role: 'admin', scopes: ['everything'] }, 'VALIDATION'],
    ['no scope at all', { name: 'x', role: 'admin', scopes: [] }, 'VALIDATION'],
    ['a scope that the role lacks', { name: 'x', role: 'developer', scopes: ['keys:write'] }, 'VALIDATION'],
    ['the role tenant without a tenant', { name: 'x', role: 'tenant' }, 'VALIDATION'],
    ['another role with a tenant', { name: 'x', role: 'admin', tenant: 'acme' }, 'VALIDATION'],
    ['an unknown tenant', { name: 'x', role: 'tenant', tenant: 'nobody' }, 'TENANT_NOT_FOUND'],
    ['a tenant with NUL', { name: 'x', role: 'tenant', tenant: 'ac\0me' }, 'VALIDATION'],
    ['a time that is past', { name: 'x', role: 'admin', expiresAt: '2020-01-01T00:00:00Z' }, 'VALIDATION'],
    ['a time that is none', { name: 'x', role: 'admin', expiresAt: 'tomorrow' }, 'VALIDATION'],
    ['the 31st of February', { name: 'x', role: 'admin', expiresAt: '2030-02-31T00:00:00Z' }, 'VALIDATION'],
    [
      'a time after the last year',
      { name: 'x', role: 'admin', expiresAt: '9999-12-31T23:59:59-14:00' },
      'VALIDATION',
    ],
    [
      'an offset of a day',
      { name: 'x', role: 'admin', expiresAt: '2030-01-01T00:00:00+23:59' },
      'VALIDATION',
    ],
    ['a token of one’s own', { name: 'x', role: 'admin', token: 'tnt_x' }, 'VALIDATION'],
  ];
  test.each(cases)('%s', async (_, body, code) => {
    const keys = async () => (await server.admin.call('listKeys', {})).items.length;
    const before = [await census(server), await keys()];
    expect((await send(server, '/v1/keys', { method: 'POST', body })).body.code).toBe(code);
    expect([await census(server), await keys()]).toEqual(before);
  });

  test('more than the creating key may do itself', async () => {
    const { token } = await server.admin.call('createKey', {
      body: { name: 'key manager', role: 'admin', scopes: ['keys:write', 'keys:read'] },
    });
    const before = await census(server);
    for (const body of [
      { name: 'escalated', role: 'admin' },
      { name: 'escalated', role: 'admin', scopes: ['tenants:purge'] },
      { name: 'escalated', role: 'operator' },
    ]) {
      const answer = await send(server, '/v1/keys', { method: 'POST', body, token });
      expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }
    expect(await census(server)).toEqual(before);
    const equal = { name: 'equal', role: 'admin', scopes: ['keys:read'] };
    expect((await send(server, '/v1/keys', { method: 'POST', body: equal, token })).status).toBe(201);
  });

  test.each(['nothing', 'a'.repeat(41), '%00'])('revoking %s', async (key) => {
    const { status } = await send(server, `/v1/keys/${key}`, { method: 'DELETE' });
    expect([400, 404]).toContain(status);
  });
});

test('no token is anywhere in the database or in a log', async () => {
  let log = '';
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      log += String(chunk);
      done();
    },
  });
  // A second control plane on the same database, as talkative as can be.
  const off = { isolationAuditEvery: '0s', isolationProbesEvery: '0s', isolationFaultsEvery: '0s' };
  const flags = { home: server.home, databaseUrl: server.controlUrl, port: '0', warmPool: '0', ...off };
  const talkative = await startControlPlane(readConfig({}, flags), pino({ level: 'trace' }, sink), 'test');
  const { token } = await server.admin.call('createKey', { body: { name: 'secret', role: 'admin' } });
  const password = 'not-the-password';
  const wrong = new URL(server.controlUrl);
  wrong.password = password;
  try {
    const client = createClient({ url: talkative.url, token });
    await client.call('listTenants', {});
    await client.call('createKey', { body: { name: 'another', role: 'developer' } });
    await problemOf(client.call('addCell', { body: { name: 'wrong', url: wrong.href } }));
    await server.superuser.query('ALTER TABLE tenantry.cells RENAME TO cells_away');
    expect(await problemOf(client.call('listCells', {}))).toMatchObject({ code: 'INTERNAL' });
  } finally {
    await server.superuser.query('ALTER TABLE IF EXISTS tenantry.cells_away RENAME TO cells');
    await talkative.stop();
  }
  expect(log).toContain('cells');
  log += await readFile(join(server.postgres.dataDirectory, '..', 'postgres.log'), 'utf8');
  const key = await readFile(join(server.home, 'secrets', 'credential-key'), 'utf8');
  const secrets = [token, token.split('_').slice(2).join('_'), server.token, password, key.trim()];
  for (const secret of secrets) expect(log.includes(secret)).toBe(false);

  const { rows: tables } = await server.superuser.query<{ sql: string }>(
    `SELECT format('SELECT count(*)::int AS n FROM %s t WHERE t::text LIKE ANY ($1)', c.oid::regclass) AS sql
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('tenantry', 'tenantry_audit', 'pgboss', 'public')`,
  );
  expect(tables.length).toBeGreaterThan(8);
  for (const { sql } of tables) {
    const { rows } = await server.superuser.query<{ n: number }>(sql, [
      secrets.map((secret) => `%${secret}%`),
    ]);
    expect(rows[0]?.n, sql).toBe(0);
  }
});
