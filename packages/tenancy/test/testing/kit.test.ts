import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ownerOf } from '../../src/index.ts';
import { startTestTenants, TestingError, type TestTenants } from '../../src/testing/index.ts';
import { schema } from './apps.ts';

let tenants: TestTenants;
beforeAll(async () => {
  tenants = await startTestTenants({ schema, spares: 2 });
});
afterAll(() => tenants?.stop());

async function asSuperuser(sql: string, values: readonly unknown[] = []): Promise<readonly unknown[]> {
  const client = new pg.Client(tenants.superuserUrl);
  await client.connect();
  try {
    return (await client.query({ text: sql, values: [...values], rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('a tenant', () => {
  test('has the tables, empty, and queries run as itself', async () => {
    const tenant = await tenants.create();
    const { rows } = await tenant.query(
      'SELECT current_user AS me, (SELECT count(*)::int FROM notes) AS notes',
    );
    expect(rows).toEqual([{ me: tenant.tenant, notes: 0 }]);
    await tenant.query('INSERT INTO notes (body) VALUES ($1)', [tenant.canary]);
    const counted = await tenant.run(() => tenants.tenancy.pool.query('SELECT body FROM notes'));
    expect(counted.rows).toEqual([{ body: tenant.canary }]);
  });

  test('is another than the next, and none sees the other', async () => {
    const [a, b] = [await tenants.create(), await tenants.create('the-other')];
    expect(b.slug).toBe('the-other');
    expect(new Set([a.tenant, b.tenant, a.slug, b.slug, a.canary, b.canary]).size).toBe(6);
    await expect(a.query(`SELECT * FROM ${b.tenant}.notes`)).rejects.toMatchObject({ code: '42501' });
    await expect(a.query('CREATE TABLE mine ()')).rejects.toMatchObject({ code: '42501' });
    await expect(tenants.directory.find('the-other')).resolves.toMatchObject({ tenant: b.tenant });
  });

  test.each(['Upper', 'taken', ''])('cannot be called %j', async (slug) => {
    if (slug === 'taken') await tenants.create(slug);
    await expect(tenants.create(slug)).rejects.toMatchObject({ code: 'TESTING_OPTION' });
  });

  test('fifty are made at once', async () => {
    const many = await Promise.all(Array.from({ length: 50 }, () => tenants.create()));
    expect(new Set(many.map(({ tenant }) => tenant)).size).toBe(50);
    const answers = await Promise.all(many.map((tenant) => tenant.query('SELECT current_user AS me')));
    expect(answers.map(({ rows }) => rows[0]?.['me'])).toEqual(many.map(({ tenant }) => tenant));
  });
});

describe.each(['sealed', 'leased'] as const)('on %s', (lane) => {
  let own: TestTenants;
  afterEach(() => own?.stop());

  test('a tenant that is suspended or dropped is shut out, also on connections that are open', async () => {
    own = await startTestTenants({ schema, lane, spares: 0 });
    const [a, b] = [await own.create(), await own.create()];
    const held = await own.tenancy.for(a.tenant).pool.connect();
    await held.query('SELECT 1');
    const { rows } = await held.query<{ login: string }>('SELECT session_user AS login');
    expect(rows[0]!.login).toMatch(lane === 'sealed' ? a.tenant : /^tenantry_slot_/);
    await own.suspend(a);
    await expect(held.query('SELECT * FROM notes')).rejects.toThrow();
    held.release(true);
    await expect(a.query('SELECT 1')).rejects.toMatchObject({ code: 'TENANT_NOT_FOUND' });
    await own.drop(a);
    await own.drop(b);
    await expect(b.query('SELECT 1')).rejects.toMatchObject({ code: 'TENANT_NOT_FOUND' });
    const left = new pg.Client(own.superuserUrl);
    await left.connect();
    const roles = await left.query(`SELECT rolname FROM pg_roles WHERE rolname ~ '^t_'`);
    await left.end();
    expect(roles.rows).toEqual([]);
  });
});

describe('what schema does wrong', () => {
  let broken: TestTenants;
  afterEach(() => broken?.stop());

  test('is told at the first create, with the SQLSTATE, and leaves nothing', async () => {
    let calls = 0;
    broken = await startTestTenants({
      async schema(client) {
        calls += 1;
        await client.query('BEGIN; CREATE TABLE fine ()');
        await client.query('CREATE TABLE notes (id missing_type)');
      },
    });
    const failure = await broken.create('a').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TestingError);
    expect(failure).toMatchObject({ code: 'TESTING_SCHEMA', sqlState: '42704' });
    expect((failure as Error).message).toContain('type "missing_type" does not exist (SQLSTATE 42704)');
    // Not tried again and again in the background.
    expect(calls).toBeLessThanOrEqual(2);
    await expect(broken.pair()).rejects.toMatchObject({ code: 'TESTING_SCHEMA' });
    const client = new pg.Client(broken.superuserUrl);
    await client.connect();
    const { rows } = await client.query(
      `SELECT rolname FROM pg_roles WHERE rolname ~ '^t_' UNION ALL SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_'`,
    );
    await client.end();
    expect(rows).toEqual([]);
  });

  test('may be right the next time, under the same slug', async () => {
    let isBroken = true;
    broken = await startTestTenants({
      spares: 0,
      schema: (client) => client.query(isBroken ? 'CREATE' : 'CREATE TABLE notes (body text)'),
    });
    await expect(broken.create('a')).rejects.toMatchObject({ code: 'TESTING_SCHEMA', sqlState: '42601' });
    isBroken = false;
    await expect(broken.create('a')).resolves.toMatchObject({ slug: 'a' });
  });
});

test('options that cannot be are refused', async () => {
  for (const options of [
    {},
    { schema, spares: -1 },
    { schema, postgres: { url: 'http://x' } },
    { schema, postgres: {} },
  ]) {
    await expect(
      (async () => startTestTenants(options as Parameters<typeof startTestTenants>[0]))(),
    ).rejects.toMatchObject({ code: 'TESTING_OPTION' });
  }
});

test('an option of the tenancy that is refused leaves no server behind', async () => {
  const failing = startTestTenants({ schema, pool: { maximumPoolSize: 0 } });
  await expect(failing).rejects.toMatchObject({ code: 'TENANCY_OPTION' });
});

test('stopping again does no harm, and whoever waits for a tenant is told', async () => {
  const own = await startTestTenants({ schema });
  const waiting = own.create();
  waiting.catch(() => {});
  await Promise.all([own.stop(), own.stop()]);
  await expect(own.create()).rejects.toMatchObject({ code: 'TESTING_OPTION' });
});

test('a member of nothing but the group, and an owner that cannot log in', async () => {
  const { tenant } = await tenants.create();
  const facts = await asSuperuser(
    `SELECT r.rolname || ': ' || coalesce(string_agg(g.rolname, ',' ORDER BY g.rolname), '') || (CASE WHEN r.rolcanlogin THEN ' login' ELSE '' END)
       FROM pg_roles r LEFT JOIN pg_auth_members m ON m.member = r.oid LEFT JOIN pg_roles g ON g.oid = m.roleid
      WHERE r.rolname IN ($1, $2) GROUP BY r.rolname, r.rolcanlogin ORDER BY 1`,
    [tenant, ownerOf(tenant)],
  );
  expect(facts).toEqual(
    [`${tenant}: tenantry_tenants login`, `${tenant}_owner: ${tenant},tenantry_owners`].toSorted(),
  );
});
