import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { problemOf, send, statusesOf } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, loginAs, provision, refusedLogin } from '../support/tenant.ts';

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

const suspend = (tenant: string, reason?: string) =>
  server.admin.call('suspendTenant', {
    params: { tenant },
    body: reason === undefined ? {} : { reason },
    headers: { 'x-request-id': `suspend-${tenant}` },
  });

/** Milliseconds until the promise fails, and the SQLSTATE it fails with. */
async function failureOf(query: Promise<unknown>): Promise<{ readonly code: unknown; readonly at: number }> {
  try {
    await query;
  } catch (error) {
    return { code: (error as { readonly code?: unknown }).code, at: Date.now() };
  }
  throw new Error('The query succeeded, and should have failed.');
}

describe('an open connection gets an error within a second, and nobody is let in', () => {
  const situations: readonly [name: string, begin: readonly string[], running: string | null][] = [
    ['an idle connection', [], null],
    ['a connection in a transaction', ['BEGIN', `INSERT INTO notes (text) VALUES ('lost')`], null],
    ['a connection in a failed transaction', ['BEGIN', 'SELECT 1/0'], null],
    ['a connection with a prepared statement', ['PREPARE p AS SELECT * FROM notes'], null],
    ['a connection with a running query', [], 'SELECT pg_sleep(60)'],
    ['a connection with a query inside a transaction', ['BEGIN'], 'SELECT pg_sleep(60) FROM notes'],
  ];
  test.each(situations.map(([name, begin, running], i) => [name, begin, running, `open-${i}`] as const))(
    '%s',
    async (_, begin, running, slug) => {
      const tenant = await provision(server, slug);
      const client = await loginAs(server, tenant);
      await client.query(`INSERT INTO notes (text) VALUES ('kept')`);
      for (const sql of begin) await client.query(sql).catch(() => {});
      const failure = running === null ? undefined : failureOf(client.query(running));

      const startedAt = Date.now();
      const suspended = await suspend(slug, 'has not paid');
      expect(suspended).toMatchObject({ state: 'suspended', stateReason: 'has not paid' });
      const after = await (failure ?? failureOf(client.query('SELECT * FROM notes')));
      expect(after.at - startedAt).toBeLessThan(1000);
      expect(await refusedLogin(server, tenant)).toBe('28000');

      const [event] = (await auditOf(server, { tenant: tenant.id })).slice(-1);
      expect(event).toMatchObject({
        action: 'tenant.suspend',
        outcome: 'success',
        actor: { kind: 'apiKey', name: 'local administrator' },
        target: { kind: 'tenant', id: tenant.id },
        before: { state: 'active', stateReason: null },
        after: { state: 'suspended', stateReason: 'has not paid' },
        reason: 'has not paid',
        requestId: `suspend-${slug}`,
      });
      await client.end().catch(() => {});
      await server.admin.call('resumeTenant', { params: { tenant: slug } });
      const again = await loginAs(server, tenant);
      expect((await again.query('SELECT text FROM notes')).rows).toEqual([{ text: 'kept' }]);
      await again.end();
    },
  );
});

test('twenty open connections of the tenant end, those of its neighbour do not', async () => {
  const tenant = await provision(server, 'busy');
  const neighbour = await provision(server, 'neighbour');
  const mine = await Promise.all(Array.from({ length: 20 }, () => loginAs(server, tenant)));
  const other = await loginAs(server, neighbour);
  await suspend('busy');
  for (const client of mine) await expect(client.query('SELECT 1')).rejects.toThrow();
  expect((await other.query('SELECT count(*)::int AS n FROM notes')).rows).toEqual([{ n: 0 }]);
  await other.end();
  await Promise.all(mine.map((client) => client.end().catch(() => {})));
});

test('a suspended tenant cannot be suspended again, and nothing is written', async () => {
  await provision(server, 'twice');
  await suspend('twice');
  const before = await census(server);
  const problem = await problemOf(suspend('twice'));
  expect(problem).toMatchObject({ code: 'TENANT_STATE_CONFLICT', status: 409 });
  expect(problem.detail).toContain('resume');
  expect(await census(server)).toEqual(before);
});

test('ten suspensions at once: one is done, nine are told', async () => {
  await provision(server, 'ten');
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => send(server, '/v1/tenants/ten/suspend', { method: 'POST' })),
  );
  expect(statusesOf(answers)).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
});

test.each([
  ['a reason with NUL', { reason: 'a\0' }],
  ['a reason of 501 characters', { reason: 'a'.repeat(501) }],
  ['a reason that is a number', { reason: 1 }],
  ['an unknown field', { because: 'x' }],
])('%s is refused', async (_, body) => {
  const { body: problem } = await send(server, '/v1/tenants/neighbour-of-nobody/suspend', {
    method: 'POST',
    body,
  });
  expect(problem.code).toBe('VALIDATION');
});

describe('when the audit event cannot be written, nothing has happened', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await provision(server, 'unaudited');
  });

  const verbs = [
    ['suspend', () => suspend('unaudited')],
    [
      'update',
      () => server.admin.call('updateTenant', { params: { tenant: 'unaudited' }, body: { name: 'New' } }),
    ],
    ['archive', () => server.admin.call('archiveTenant', { params: { tenant: 'unaudited' } })],
    ['delete', () => server.admin.call('deleteTenant', { params: { tenant: 'unaudited' } })],
    ['rotate', () => server.admin.call('rotateTenantCredential', { params: { tenant: 'unaudited' } })],
    ['create', () => server.admin.call('createTenant', { body: { slug: 'never' } })],
    ['create a key', () => server.admin.call('createKey', { body: { name: 'never', role: 'admin' } })],
    ['export', () => server.admin.open('exportAudit', {})],
  ] as const;
  test.each(verbs)('%s', async (_, verb) => {
    const before = [
      await census(server),
      await server.admin.call('getTenant', { params: { tenant: 'unaudited' } }),
    ];
    const { rows } = await server.superuser.query<{ signature: string }>(
      `SELECT oid::regprocedure::text AS signature FROM pg_proc WHERE proname = 'append'`,
    );
    const append = rows[0]!.signature;
    await server.superuser.query(`REVOKE EXECUTE ON FUNCTION ${append} FROM tenantry_control`);
    try {
      expect(await problemOf(verb())).toMatchObject({ status: 500, code: 'INTERNAL' });
    } finally {
      await server.superuser.query(`GRANT EXECUTE ON FUNCTION ${append} TO tenantry_control`);
    }
    const after = [
      await census(server),
      await server.admin.call('getTenant', { params: { tenant: 'unaudited' } }),
    ];
    expect(after).toEqual(before);
    const client = await loginAs(server, tenant);
    await client.query('SELECT * FROM notes');
    await client.end();
  });
});
