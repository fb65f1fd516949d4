import Cursor from 'pg-cursor';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  fingerprintOf,
  createTenancy,
  type PoolEvent,
  type SecurityEvent,
  type Tenancy,
  type TenantId,
} from '../support/tenancy.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { TestDirectory } from '../support/directory.ts';
import { codeOf } from '../support/open.ts';

let cell: TestCell;
let a: TestTenant;
let b: TestTenant;
beforeAll(async () => {
  cell = await startTestCell({ tenants: 2, slots: 4 });
  [a, b] = [cell.tenants[0]!, cell.tenants[1]!];
});
afterAll(() => cell.stop());

const secret = 'hunter2andmore';

describe.each(['sealed', 'leased'] as const)('lane %s', (lane) => {
  let tenancy: Tenancy;
  let directory: TestDirectory;
  let heard: SecurityEvent[];
  let pooled: PoolEvent[];
  beforeEach(() => {
    heard = [];
    pooled = [];
    directory = new TestDirectory(cell.placements());
    tenancy = createTenancy({
      directory,
      credentialKey: cell.credentialKey,
      lane,
      pool: { maximumPoolSize: 2, metrics: (event) => pooled.push(event) },
      onSecurityEvent: (event) => heard.push(event),
    });
  });
  afterEach(() => tenancy.close());

  const fill = (text: string) => text.replaceAll('$b', b.id).replaceAll('$secret', secret);
  const run = async (...steps: string[]): Promise<string> => {
    const client = await tenancy.for(a.id).pool.connect();
    let code = 'no error';
    for (const step of steps) code = await codeOf(client.query(fill(step)) as Promise<unknown>);
    client.release();
    return code;
  };

  test.each<readonly [kind: SecurityEvent['kind'], code: string, steps: readonly string[]]>([
    ['denied', '42501', [`SELECT body FROM $b.notes WHERE body = '$secret'`]],
    ['denied', '42501', ['DELETE FROM $b.notes']],
    ['denied', '42501', ['CREATE TABLE public.evil (x int)']],
    ['denied', '42501', [`COPY (SELECT 1) TO PROGRAM 'true'`]],
    ['denied', '42501', [`DO $do$ BEGIN EXECUTE 'SELECT body FROM $b.notes'; END $do$`]],
    ['role-switch', '42501', ['SET ROLE $b']],
    ['role-switch', '42501', [`SELECT set_config('role', '$b', false)`]],
    ['role-switch', '42501', [`DO $do$ BEGIN EXECUTE 'SET ROLE $b'; END $do$`]],
    ['role-switch', '42501', ['SET SESSION AUTHORIZATION $b']],
    ['role-switch', '22023', ['SET ROLE nobody_at_all']],
    ['role-switch', '42704', ['GRANT nobody_at_all TO CURRENT_USER']],
    ['foreign-name', '42P01', ['SELECT * FROM t_zzzzzzzzzzzz.notes']],
    ['foreign-name', '42P01', ['SELECT * FROM somewhere.notes']],
    ['foreign-name', '3F000', ['SELECT t_zzzzzzzzzzzz.f()']],
    ['foreign-name', '42P01', [`SELECT set_config('search_path', '$b', false)`, 'SELECT body FROM notes']],
    ['guard', '42601', ['SELECT 1; SET ROLE $b']],
    ['guard', '57014', ['COPY notes FROM STDIN']],
  ])('%s %s: %s', async (kind, code, steps) => {
    expect(await run(...steps)).toBe(code);
    const text = fill(steps.at(-1)!);
    expect(heard).toEqual([
      {
        kind,
        code: undefined,
        tenant: a.id,
        cell: 'cell-1',
        lane,
        sqlState: code,
        fingerprint: fingerprintOf(text),
        count: 1,
        firstAt: expect.any(Date),
        at: expect.any(Date),
      },
    ]);
    expect(JSON.stringify(heard)).not.toContain(secret);
    expect(JSON.stringify(heard)).not.toContain(b.id);
    expect(pooled.filter(({ type }) => type === 'statement-refused')).toMatchObject([
      { tenant: a.id, kind, sqlState: code, lane },
    ]);
  });

  test.each([
    'SELECT * FROM no_such_table',
    'SELECT nothing FROM notes',
    'SELECT no_such_function()',
    'SELECT 1/0',
    `INSERT INTO notes (id, body) VALUES (1, 'x')`,
    'SELEC 1',
    `SELECT 'x'::int`,
    'SELECT x.id FROM notes',
    `SET work_mem = 'nonsense'`,
    'COPY notes TO STDOUT',
  ])('an ordinary mistake is none: %s', async (text) => {
    await run(text);
    expect(heard).toEqual([]);
  });

  test('over every way to a statement: the pool, a transaction, a named statement, a cursor', async () => {
    const text = fill('SELECT body FROM $b.notes');
    const handle = tenancy.for(a.id);
    expect(await codeOf(handle.query(text))).toBe('42501');
    expect(await codeOf(handle.query(text, []))).toBe('42501');
    expect(await codeOf(handle.query({ name: 'evil', text } as pg.QueryConfig))).toBe('42501');
    expect(await codeOf(handle.transaction((tx) => tx.query(text)))).toBe('42501');
    const client = await handle.pool.connect();
    const cursor = client.query(new Cursor(text));
    expect(await codeOf(cursor.read(1))).toBe('42501');
    client.release();
    expect(
      pooled
        .filter(({ type }) => type === 'statement-refused')
        .map((event) => 'fingerprint' in event && event.fingerprint),
    ).toEqual(Array.from({ length: 5 }, () => fingerprintOf(text)));
  });

  test('what brings the simple protocol is a guard’s refusal', async () => {
    const client = await tenancy.for(a.id).pool.connect();
    await client.query('SELECT 1');
    const submittable = {
      submit: (connection: { query(text: string): void }) => connection.query(fill('SET ROLE $b')),
      handleError: () => {},
    };
    client.query(submittable as unknown as pg.Submittable);
    client.release();
    expect(heard).toMatchObject([
      {
        kind: 'guard',
        tenant: a.id,
        sqlState: undefined,
        fingerprint: fingerprintOf('SET ROLE t_aaaaaaaaaaaa'),
      },
    ]);
  });

  test('thousands of equal ones are two events, with their number', async () => {
    const text = fill('SELECT body FROM $b.notes');
    const second = Promise.withResolvers<SecurityEvent>();
    tenancy.on('security', (event) => event.count > 1 && second.resolve(event));
    for (let i = 0; i < 20; i++)
      await Promise.all(Array.from({ length: 100 }, () => codeOf(tenancy.for(a.id).query(text))));
    let counted = 0;
    while (counted < 2_000) {
      await second.promise;
      counted = heard.reduce((sum, { count }) => sum + count, 0);
      if (counted < 2_000) await new Promise((resolve) => tenancy.on('security', resolve));
    }
    expect(counted).toBe(2_000);
    expect(heard.length).toBeLessThan(10);
  });

  test('a listener that throws fails no statement', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve));
    tenancy.on('security', () => {
      throw new Error('a listener that throws');
    });
    expect(await run('SELECT body FROM $b.notes')).toBe('42501');
    expect(await warned).toMatchObject({ message: 'a listener that throws' });
    expect((await tenancy.for(a.id).query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('work for a tenant that is not open, and work that is nobody’s', async () => {
    directory.remove(b.id);
    expect(await codeOf(tenancy.for(b.id).query('SELECT 1'))).toBe('TENANT_NOT_FOUND');
    expect(heard).toMatchObject([{ kind: 'tenant-closed', tenant: b.id, code: 'TENANT_NOT_FOUND' }]);
    expect(await codeOf(tenancy.query('SELECT 1'))).toBe('TENANT_CONTEXT_MISSING');
    expect(heard.at(-1)).toMatchObject({
      kind: 'context',
      tenant: undefined,
      code: 'TENANT_CONTEXT_MISSING',
    });
    tenancy.run(a.id, () => expect(() => tenancy.run(b.id, () => {})).toThrow());
    expect(heard.at(-1)).toMatchObject({ kind: 'context', tenant: a.id, code: 'TENANT_CONTEXT_CONFLICT' });
  });

  test('what is heard no more after the listener has gone', async () => {
    const others: SecurityEvent[] = [];
    const off = tenancy.on('security', (event) => others.push(event));
    off();
    await run('SELECT body FROM $b.notes');
    expect([heard.length, others.length]).toEqual([1, 0]);
  });
});

async function opened(lane: 'sealed' | 'leased', key: Uint8Array = cell.credentialKey) {
  const heard: SecurityEvent[] = [];
  const tenancy = createTenancy({
    directory: new TestDirectory(cell.placements()),
    credentialKey: key,
    lane,
    pool: { maximumPoolSize: 1, connectionTimeout: 3_000 },
    onSecurityEvent: (event) => heard.push(event),
  });
  return { heard, tenancy };
}

test('a wrong credential key: the login of the tenant is refused', async () => {
  const { heard, tenancy } = await opened('sealed', Buffer.alloc(32, 1));
  expect(await codeOf(tenancy.for(a.id).query('SELECT 1'))).toBe('TENANCY_CREDENTIAL');
  await tenancy.close();
  expect(heard[0]).toMatchObject({
    kind: 'login-refused',
    tenant: a.id,
    lane: 'sealed',
    sqlState: '28P01',
    cell: 'cell-1',
  });
});

test('a closed login', async () => {
  const { heard, tenancy } = await opened('sealed');
  await cell.inControl(`ALTER ROLE ${b.id} NOLOGIN`);
  try {
    expect(await codeOf(tenancy.for(b.id).query('SELECT 1'))).toBe('TENANCY_CREDENTIAL');
  } finally {
    await cell.inControl(`ALTER ROLE ${b.id} LOGIN`);
    await tenancy.close();
  }
  expect(heard[0]).toMatchObject({ kind: 'login-refused', tenant: b.id, sqlState: '28000' });
});

test('a slot that is not lent', async () => {
  const extra = await cell.addTenant();
  const { heard, tenancy } = await opened('leased');
  await cell.superuser.query(
    `REVOKE EXECUTE ON FUNCTION tenantry_lease.grant_${extra.id}(text) FROM tenantry_broker`,
  );
  expect(await codeOf(tenancy.for(extra.id).query('SELECT 1'))).toBe('TENANCY_CREDENTIAL');
  await tenancy.close();
  expect(heard[0]).toMatchObject({
    kind: 'lane-refused',
    tenant: extra.id,
    lane: 'leased',
    sqlState: '42501',
    code: 'TENANCY_LANE_VIOLATION',
  });
});

test('a session that is not its tenant’s any more before COMMIT', async () => {
  const { heard, tenancy } = await opened('leased');
  const client = await tenancy.for(a.id).pool.connect();
  await client.query('BEGIN');
  await client.query('RESET ROLE');
  expect(await codeOf(client.query('COMMIT') as Promise<unknown>)).toBe('22P02');
  client.release(true);
  await tenancy.close();
  const tenant: TenantId = a.id;
  expect(heard).toMatchObject([{ kind: 'lane-assertion', tenant, lane: 'leased', sqlState: '22P02' }]);
});
