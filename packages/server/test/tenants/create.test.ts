import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantOperation } from '@tenantry/contract';
import { problemOf, send, statusesOf } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path, concurrency: '2' });
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

const create = (body: unknown, headers: Record<string, string> = {}) =>
  send<TenantOperation>(server, '/v1/tenants', { method: 'POST', body, headers });

test('a tenant gets a schema, an owner and a login of its own, and the audit says so', async () => {
  const { status, headers, body } = await create(
    { slug: 'acme', name: 'Acme Ltd', plan: 'gold', labels: { region: 'eu' } },
    { 'x-request-id': 'create-acme' },
  );
  expect(status).toBe(202);
  expect(headers.get('location')).toBe(`/v1/operations/${body.operation.id}`);
  expect(body.tenant).toMatchObject({ slug: 'acme', state: 'provisioning', schemaVersion: null });
  expect(body.operation).toMatchObject({
    kind: 'tenant.provision',
    state: 'queued',
    progress: { done: 0, total: 3 },
  });

  const operation = await server.finished(body.operation.id);
  expect(operation).toMatchObject({ state: 'succeeded', error: null, attempt: 1, requestId: 'create-acme' });
  expect(operation.steps.map(({ name, state }) => [name, state])).toEqual([
    ['build', 'succeeded'],
    ['probe', 'succeeded'],
    ['activate', 'succeeded'],
  ]);
  expect(operation.steps[0]?.detail).toMatchObject({
    schemaVersion: '2',
    files: [{ script: 'V1__notes.sql' }, { script: 'V2__tags.sql' }],
  });

  const tenant = await server.admin.call('getTenant', { params: { tenant: 'acme' } });
  expect(tenant).toMatchObject({
    id: body.tenant?.id,
    name: 'Acme Ltd',
    plan: 'gold',
    labels: { region: 'eu' },
    state: 'active',
    schemaVersion: '2',
    cell: 'default',
    isolation: 'sealed',
  });

  const { rows } = await server.superuser.query<{ rolname: string; rolcanlogin: boolean; owns: boolean }>(
    `SELECT rolname, rolcanlogin, EXISTS (SELECT FROM pg_namespace WHERE nspname = $1 AND nspowner = r.oid) AS owns
       FROM pg_roles r WHERE rolname IN ($1, $1 || '_owner') ORDER BY rolname`,
    [tenant.id],
  );
  expect(rows).toEqual([
    { rolname: tenant.id, rolcanlogin: true, owns: false },
    { rolname: `${tenant.id}_owner`, rolcanlogin: false, owns: true },
  ]);

  const events = await auditOf(server, { tenant: tenant.id });
  const me = await server.admin.call('getMe', {});
  expect(events).toMatchObject([
    {
      action: 'tenant.create',
      outcome: 'success',
      actor: me.actor,
      target: { kind: 'tenant', id: tenant.id },
      before: null,
      after: { slug: 'acme', state: 'provisioning' },
      requestId: 'create-acme',
      sourceIp: '127.0.0.1',
    },
    {
      action: 'tenant.activate',
      outcome: 'success',
      actor: me.actor,
      before: { state: 'provisioning' },
      after: { slug: 'acme', state: 'active', schemaVersion: '2' },
      requestId: 'create-acme',
    },
  ]);
});

test('ten requests for one slug at once: one wins, nine are told, one tenant stands', async () => {
  const before = await census(server);
  const answers = await Promise.all(Array.from({ length: 10 }, () => create({ slug: 'contested' })));
  expect(statusesOf(answers)).toEqual([202, ...Array.from({ length: 9 }, () => 409)]);
  const winner = answers.find(({ status }) => status === 202);
  await server.finished(winner!.body.operation.id);
  expect(await census(server)).toEqual({
    ...before,
    tenants: before.tenants + 1,
    operations: before.operations + 1,
    audit: before.audit + 2,
    roles: before.roles + 2,
    schemas: before.schemas + 1,
  });
});

test(
  'a hundred tenants asked for at once are all active, and nothing else is left',
  { timeout: 120_000 },
  async () => {
    const before = await census(server);
    const slugs = Array.from({ length: 100 }, (_, i) => `many-${i}`);
    const answers = await Promise.all(slugs.map((slug) => create({ slug })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    for (const { body } of answers) {
      expect((await server.finished(body.operation.id)).state).toBe('succeeded');
    }
    expect(await census(server)).toEqual({
      ...before,
      tenants: before.tenants + 100,
      operations: before.operations + 100,
      audit: before.audit + 200,
      roles: before.roles + 200,
      schemas: before.schemas + 100,
    });
    const page = await server.admin.call('listTenants', { query: { q: 'many-', state: 'active', limit: 1 } });
    expect(page.total).toBe(100);
  },
);

describe('a slug that cannot be used is refused and nothing is created', () => {
  const invalid: readonly [name: string, slug: string][] = [
    ['empty', ''],
    ['64 characters', 'a'.repeat(64)],
    ['300 characters', 'a'.repeat(300)],
    ['upper case', 'Acme'],
    ['a space', 'ac me'],
    ['a space at the end', 'acme '],
    ['a line break at the end', 'acme\n'],
    ['a single quote', "ac'me"],
    ['a double quote', 'ac"me'],
    ['an underscore, as in pg_x', 'pg_x'],
    ['a comma', 'x,tenant_b'],
    ['SQL', 'a"; drop schema tenantry cascade; --'],
    ['NUL', 'ac\0me'],
    ['an emoji', 'acme😀'],
    ['a Cyrillic a', 'аcme'],
    ['a full-width a', 'ａcme'],
    ['a dotless i', 'acmeı'],
    ['half of a surrogate pair', 'acme\ud800'],
    ['right-to-left marks', '\u202eacme'],
    ['a zero-width space', 'ac\u200bme'],
    ['a hyphen at the beginning', '-acme'],
    ['a hyphen at the end', 'acme-'],
    ['a dot', 'ac.me'],
    ['a path', '../acme'],
    ['punycode', 'xn--acme'],
    ['hyphens in third place', 'ab--cd'],
  ];
  test.each(invalid)('%s', async (_, slug) => {
    const before = await census(server);
    const { status, body } = await send(server, '/v1/tenants', { method: 'POST', body: { slug } });
    expect(body).toMatchObject({ code: 'SLUG_INVALID', status: 422 });
    expect(status).toBe(422);
    expect(body.detail).toBeTruthy();
    expect(await census(server)).toEqual(before);
  });

  test.each(['public', 'admin', 'template1', 'tenantry'])('reserved: %s', async (slug) => {
    const before = await census(server);
    const problem = await problemOf(server.admin.call('createTenant', { body: { slug } }));
    expect(problem).toMatchObject({ code: 'SLUG_RESERVED', status: 422 });
    expect(await census(server)).toEqual(before);
  });

  test('taken', async () => {
    await provision(server, 'taken');
    const before = await census(server);
    const problem = await problemOf(server.admin.call('createTenant', { body: { slug: 'taken' } }));
    expect(problem).toMatchObject({ code: 'SLUG_TAKEN', status: 409 });
    expect(await census(server)).toEqual(before);
  });
});

test.each(['a', '7', 'a'.repeat(63), 'a-b-c', '0a', 'pgx'])('the slug %s is good', async (slug) => {
  expect(await provision(server, slug)).toMatchObject({ slug, state: 'active' });
});

describe('names, plans and labels', () => {
  test('a name may be in any script', async () => {
    const name = 'שלום – العربية “Ünïcödé” 株式会社 😀';
    expect(await provision(server, 'scripts', { name, labels: { note: name } })).toMatchObject({
      name,
      labels: { note: name },
    });
    const [event] = await auditOf(server, { tenant: 'scripts' });
    expect(event?.after).toMatchObject({ name, labels: { note: name } });
  });

  const bad: readonly [name: string, body: Readonly<Record<string, unknown>>][] = [
    ['a name with NUL', { name: 'a\0b' }],
    ['a name with a line break', { name: 'a\nb' }],
    ['a name with DEL', { name: 'a\u007f' }],
    ['a name with half of a surrogate pair', { name: 'a\ud800b' }],
    ['an empty name', { name: '' }],
    ['a name of 201 characters', { name: 'a'.repeat(201) }],
    ['a name that is a number', { name: 7 }],
    ['a name that is null', { name: null }],
    ['a plan with a space', { plan: 'gold plus' }],
    ['a plan in upper case', { plan: 'Gold' }],
    ['a plan with NUL', { plan: 'go\0ld' }],
    ['a plan of 41 characters', { plan: 'a'.repeat(41) }],
    ['labels that are a list', { labels: ['a'] }],
    ['a label that is a number', { labels: { a: 1 } }],
    ['a label with NUL', { labels: { a: 'x\0' } }],
    ['a label with half of a surrogate pair', { labels: { a: '\udc00' } }],
    ['a label of 101 characters', { labels: { a: 'x'.repeat(101) } }],
    ['a label key in upper case', { labels: { Region: 'eu' } }],
    ['a label key of 64 characters', { labels: { ['a'.repeat(64)]: 'eu' } }],
    ['33 labels', { labels: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, 'v'])) }],
    ['a cell with NUL', { cell: 'def\0ault' }],
    ['an unknown field', { colour: 'red' }],
    ['a field of the row', { state: 'active' }],
  ];
  test.each(bad)('%s is refused and nothing is created', async (_, rest) => {
    const before = await census(server);
    const { status, body } = await send(server, '/v1/tenants', {
      method: 'POST',
      body: { slug: 'well-formed', ...rest },
    });
    expect(body).toMatchObject({ code: 'VALIDATION', status: 400 });
    expect(status).toBe(400);
    expect(body.errors?.length).toBeGreaterThan(0);
    expect(await census(server)).toEqual(before);
  });

  test('an unknown cell is refused', async () => {
    const before = await census(server);
    const problem = await problemOf(
      server.admin.call('createTenant', { body: { slug: 'nowhere', cell: 'nowhere' } }),
    );
    expect(problem).toMatchObject({ code: 'CELL_NOT_FOUND', status: 404 });
    expect(await census(server)).toEqual(before);
  });
});

describe('Idempotency-Key', () => {
  test('the same request again gets the first answer, and one tenant is made', async () => {
    const body = { slug: 'once', name: 'Once' };
    const first = await create(body, { 'idempotency-key': 'key-once' });
    await server.finished(first.body.operation.id);
    const before = await census(server);
    const again = await create(body, { 'idempotency-key': 'key-once' });
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body.operation).toMatchObject({ id: first.body.operation.id, state: 'succeeded' });
    expect(again.body.tenant).toMatchObject({ id: first.body.tenant?.id, state: 'active' });
    expect(await census(server)).toEqual(before);
  });

  test('the key with another request is refused', async () => {
    const first = await create({ slug: 'reuse' }, { 'idempotency-key': 'key-reuse' });
    await server.finished(first.body.operation.id);
    const { status, body } = await send(server, '/v1/tenants', {
      method: 'POST',
      body: { slug: 'reuse', name: 'Other' },
      headers: { 'idempotency-key': 'key-reuse' },
    });
    expect(status).toBe(422);
    expect(body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('eight requests with one key at once start one operation', async () => {
    const requests = Array.from({ length: 8 }, () =>
      create({ slug: 'at-once' }, { 'idempotency-key': 'key-at-once' }),
    );
    const answers = await Promise.all(requests);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => body.operation.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    await server.finished(answers[0]!.body.operation.id);
  });

  test('the key belongs to its API key: another may use the same one', async () => {
    const other = await server.as('operator');
    const mine = await create({ slug: 'mine' }, { 'idempotency-key': 'shared' });
    const theirs = await other.call('createTenant', { body: { slug: 'theirs' }, idempotencyKey: 'shared' });
    expect(theirs.operation.id).not.toBe(mine.body.operation.id);
    await server.finished(mine.body.operation.id);
    await server.finished(theirs.operation.id);
  });

  test.each([
    ['a space', 'a b'],
    ['201 characters', 'k'.repeat(201)],
  ])('a key with %s is refused', async (_, key) => {
    const before = await census(server);
    const { body } = await send(server, '/v1/tenants', {
      method: 'POST',
      body: { slug: 'bad-key' },
      headers: { 'idempotency-key': key },
    });
    expect(body).toMatchObject({ code: 'VALIDATION', status: 400 });
    expect(await census(server)).toEqual(before);
  });
});

test('the control role may not change the audit trail', async () => {
  const control = new pg.Client(server.controlUrl);
  await control.connect();
  try {
    for (const sql of [
      `UPDATE tenantry_audit.events SET action = 'nothing'`,
      'DELETE FROM tenantry_audit.events',
      'TRUNCATE tenantry_audit.events',
      'ALTER TABLE tenantry_audit.events DISABLE TRIGGER ALL',
      'DROP TABLE tenantry_audit.events',
      'DROP SCHEMA tenantry_audit CASCADE',
      `UPDATE tenantry_audit.head SET hash = ''`,
      `INSERT INTO tenantry_audit.events SELECT * FROM tenantry_audit.events LIMIT 1`,
      `CREATE OR REPLACE FUNCTION tenantry_audit.row_hash(e tenantry_audit.events) RETURNS text LANGUAGE sql RETURN ''`,
      'CREATE TABLE tenantry_audit.shadow ()',
      'SELECT tenantry_audit.field(NULL)',
      'SET ROLE tenantry_audit',
    ]) {
      await expect(control.query(sql), sql).rejects.toMatchObject({ code: '42501' });
    }
  } finally {
    await control.end();
  }
});
