import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolePermissions, roles, type OpenedReader, type OpenReader, type Tenant } from '@tenantry/contract';
import { problemOf, send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, census, loginAs, provision, tracesOf } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let a: Tenant;
let b: Tenant;
let c: Tenant;
beforeAll(async () => {
  files = await migrationFiles({
    'V1__notes.sql': `
      CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);
      CREATE TABLE plain (id int PRIMARY KEY);
      CREATE VIEW texts AS SELECT text FROM notes;
      CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM notes';`,
  });
  server = await startTestServer({ migrations: files.path });
  for (const slug of ['a', 'b', 'c']) {
    const tenant = await provision(server, slug);
    const client = await loginAs(server, tenant);
    await client.query('INSERT INTO notes (text) VALUES ($1)', [`canary of ${tenant.id}`]);
    await client.end();
  }
  [a, b, c] = (await Promise.all(
    ['a', 'b', 'c'].map((tenant) => server.admin.call('getTenant', { params: { tenant } })),
  )) as [Tenant, Tenant, Tenant];
});
afterAll(async () => {
  await server?.stop();
  await files?.clean();
});

const clients: pg.Client[] = [];
afterAll(() => Promise.all(clients.map((client) => client.end().catch(() => {}))));

async function connect({ connection }: OpenedReader): Promise<pg.Client> {
  const client = new pg.Client(connection);
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

const open = (tenants: string[], rest: Partial<OpenReader> = {}) =>
  server.admin.call('openReader', { body: { tenants, reason: 'ticket 4711', ...rest } });
const close = (reader: string) => server.admin.call('closeReader', { params: { reader } });

/** The SQLSTATE that something is refused with, or `done`. */
async function stateOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

async function readerTraces(login: string): Promise<string[]> {
  const { rows } = await server.superuser.query<{ what: string }>(
    `SELECT 'role' AS what FROM pg_roles WHERE rolname = $1
     UNION ALL SELECT 'session' FROM pg_stat_activity WHERE usename = $1
     UNION ALL SELECT 'grant on ' || nspname FROM pg_namespace WHERE nspacl::text LIKE '%' || $1 || '%'
     UNION ALL SELECT 'grant on ' || relname FROM pg_class WHERE relacl::text LIKE '%' || $1 || '%'
     UNION ALL SELECT 'grant on ' || datname FROM pg_database WHERE datacl::text LIKE '%' || $1 || '%'
     UNION ALL SELECT 'settings' FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole
                WHERE s.setrole <> 0 AND r.oid IS NULL`,
    [login],
  );
  return rows.map(({ what }) => what);
}

describe('what a reader sees', () => {
  let opened: OpenedReader;
  let client: pg.Client;
  beforeAll(async () => {
    opened = await open(['a', b.id, 'a']);
    client = await connect(opened);
  });

  test('all tables and views of every tenant that was named', async () => {
    for (const { id, schema } of [a, b]) {
      for (const relation of ['notes', 'texts']) {
        const { rows } = await client.query<{ text: string }>(`SELECT text FROM ${schema}.${relation}`);
        expect(rows).toEqual([{ text: `canary of ${id}` }]);
      }
      await client.query(`SELECT * FROM ${schema}.plain`);
    }
    const { tenants } = opened.reader;
    expect(tenants.map(({ id, slug, schema }) => ({ id, slug, schema }))).toEqual(
      [a, b].map(({ id, slug, schema }) => ({ id, slug, schema })).toSorted((x, y) => (x.id < y.id ? -1 : 1)),
    );
    // notes, plain, texts, and the history of migrations.
    expect(tenants.map(({ relations }) => relations)).toEqual([4, 4]);
  });

  test.each([
    ['another tenant', () => `SELECT * FROM ${c.schema}.notes`],
    ['the control schema', () => 'SELECT * FROM tenantry.tenants'],
    ['the audit trail', () => 'SELECT * FROM tenantry_audit.events'],
    ['the canary', () => 'SELECT * FROM tenantry_canary.canary'],
    ['a sequence', () => `SELECT last_value FROM ${a.schema}.notes_id_seq`],
    ['a function of a tenant', () => `SELECT ${a.schema}.wipe()`],
    ['a tenant’s role', () => `SET ROLE ${a.schema}`],
    ['an owner', () => `SET ROLE ${a.schema}_owner`],
    ['the control role', () => 'SET ROLE tenantry_control'],
    ['the group of tenants', () => 'SET ROLE tenantry_tenants'],
    ['the lease functions', () => `SELECT tenantry_lease.claim('x', 'y')`],
    ['files', () => `SELECT pg_read_file('/etc/passwd')`],
  ])('not %s: 42501', async (_, sql) => {
    expect(await stateOf(client.query(sql()))).toBe('42501');
  });

  const writes: readonly [name: string, sql: () => string][] = [
    ['INSERT', () => `INSERT INTO ${a.schema}.plain VALUES (1)`],
    ['UPDATE', () => `UPDATE ${a.schema}.notes SET text = 'x'`],
    ['DELETE', () => `DELETE FROM ${a.schema}.notes`],
    ['TRUNCATE', () => `TRUNCATE ${a.schema}.plain`],
    ['CREATE TABLE', () => `CREATE TABLE ${a.schema}.mine ()`],
    ['CREATE TABLE in public', () => 'CREATE TABLE public.mine ()'],
    ['DROP TABLE', () => `DROP TABLE ${a.schema}.plain`],
    ['CREATE SCHEMA', () => 'CREATE SCHEMA mine'],
    ['SELECT FOR UPDATE', () => `SELECT * FROM ${a.schema}.notes FOR UPDATE`],
    ['nextval', () => `SELECT nextval('${a.schema}.notes_id_seq')`],
  ];
  test.each(writes)('does not write: %s', async (_, sql) => {
    // DROP, GRANT and nextval are refused for want of the privilege, which is asked about first.
    expect(['25006', '42501']).toContain(await stateOf(client.query(sql())));
    const unleashed = await connect(opened);
    await unleashed.query('SET default_transaction_read_only = off');
    expect(await stateOf(unleashed.query(sql()))).toBe('42501');
    await unleashed.query('BEGIN READ WRITE');
    expect(await stateOf(unleashed.query(sql()))).toBe('42501');
    await unleashed.end();
  });

  test('passes nothing on: PostgreSQL warns, and grants nothing', async () => {
    const unleashed = await connect(opened);
    await unleashed.query('SET default_transaction_read_only = off');
    await unleashed.query(`GRANT SELECT ON ${a.schema}.notes TO ${c.schema}`);
    const { rows } = await server.superuser.query<{ may: boolean }>(
      `SELECT has_table_privilege($1, $2, 'SELECT') AS may`,
      [c.schema, `${a.schema}.notes`],
    );
    expect(rows).toEqual([{ may: false }]);
    await unleashed.end();
  });

  test('is read-only by itself: 25006', async () => {
    expect(await stateOf(client.query(`INSERT INTO ${a.schema}.plain VALUES (1)`))).toBe('25006');
  });

  test('locks nothing that a tenant would notice', async () => {
    await client.query('BEGIN');
    expect(await stateOf(client.query(`LOCK TABLE ${a.schema}.notes IN ROW EXCLUSIVE MODE`))).toMatch(
      /25006|42501/,
    );
    await client.query('ROLLBACK');
  });

  test('a tenant cannot become it, end it, or look at its password', async () => {
    const tenant = await loginAs(server, a);
    const { login } = opened.reader;
    expect(await stateOf(tenant.query(`SET ROLE ${login}`))).toBe('42501');
    expect(await stateOf(tenant.query(`SET SESSION AUTHORIZATION ${login}`))).toBe('42501');
    expect(await stateOf(tenant.query(`GRANT ${login} TO ${a.schema}`))).toBe('42501');
    expect(await stateOf(tenant.query(`ALTER ROLE ${login} PASSWORD 'x'`))).toBe('42501');
    expect(
      await stateOf(
        tenant.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [login]),
      ),
    ).toBe('42501');
    await tenant.end();
    const { rows } = await server.superuser.query<{ role: string }>(
      `SELECT pg_get_userbyid(member) AS role FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
        WHERE r.rolname = $1 AND pg_get_userbyid(member) <> 'tenantry_control'
       UNION ALL SELECT pg_get_userbyid(roleid) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = $1`,
      [login],
    );
    expect(rows).toEqual([]);
  });

  test('a reader cannot give itself more time', async () => {
    expect(await stateOf(client.query(`ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'`))).toMatch(
      /25006|42501/,
    );
    await client.query('SET default_transaction_read_only = off');
    expect(await stateOf(client.query(`ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'`))).toBe('42501');
    expect(await stateOf(client.query(`ALTER ROLE CURRENT_USER CONNECTION LIMIT 100`))).toBe('42501');
  });
});

test('closing ends its connections and leaves nothing, also of what it made', async () => {
  const opened = await open(['a', 'b']);
  const { login, id } = opened.reader;
  const [idle, busy] = [await connect(opened), await connect(opened)];
  await idle.query('SET default_transaction_read_only = off');
  await idle.query('SELECT lo_create(0)');
  await busy.query(`BEGIN; SELECT * FROM ${a.schema}.notes`);
  const running = stateOf(busy.query('SELECT pg_sleep(60)'));
  const closed = await close(id);
  expect(closed).toMatchObject({ state: 'closed', end: 'closed' });
  expect(await running).toBe('57P01');
  expect(await stateOf(idle.query('SELECT 1'))).not.toBe('done');
  expect(await stateOf(connect(opened))).toBe('28P01');
  expect(await readerTraces(login)).toEqual([]);
  const again = await close(id);
  expect(again).toEqual(closed);
});

test('five at once of the same tenants, closed at once', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => open(['a', 'b'])));
  for (const opened of all) await (await connect(opened)).query(`SELECT * FROM ${b.schema}.notes`);
  await Promise.all(all.flatMap(({ reader }) => [close(reader.id), close(reader.id)]));
  for (const { reader } of all) expect(await readerTraces(reader.login)).toEqual([]);
});

test('each tenant’s trail has who, why and until when, and no name of another tenant', async () => {
  const opened = await open(['a', 'b'], { minutes: 5, reason: 'because of the audit' });
  await close(opened.reader.id);
  const { id, login, expiresAt } = opened.reader;
  for (const [tenant, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const events = (await auditOf(server, { tenant: tenant.id, action: 'reader.*' })).filter(
      ({ target }) => target.id === id,
    );
    expect(events).toMatchObject([
      {
        action: 'reader.open',
        tenantId: tenant.id,
        reason: 'because of the audit',
        actor: { kind: 'apiKey' },
        after: { login, schema: tenant.schema, expiresAt },
      },
      { action: 'reader.close', tenantId: tenant.id, after: { state: 'closed', end: 'closed' } },
    ]);
    expect(JSON.stringify(events)).not.toContain(other.id);
    expect(JSON.stringify(events)).not.toContain(opened.connection.password);
  }
  expect(Date.parse(expiresAt) - Date.parse(opened.reader.createdAt)).toBe(300_000);
  expect(await server.admin.call('verifyAudit', {})).toMatchObject({ ok: true });
});

test('PostgreSQL itself refuses the login when its time is over, and the sweep drops it', async () => {
  const opened = await open(['a'], { minutes: 1 });
  const { login, id, expiresAt } = opened.reader;
  const { rows } = await server.superuser.query<{ until: Date; limit: number }>(
    'SELECT rolvaliduntil AS until, rolconnlimit AS limit FROM pg_roles WHERE rolname = $1',
    [login],
  );
  expect(rows[0]!.until.toISOString()).toBe(expiresAt);
  expect(rows[0]!.limit).toBe(5);
  const client = await connect(opened);
  await server.superuser.query(`ALTER ROLE ${login} VALID UNTIL '2001-01-01'`);
  expect(await stateOf(connect(opened))).toBe('28P01');
  // Open still, and to the sweep of the next start not any more.
  await client.query(`SELECT * FROM ${a.schema}.notes`);
  await server.superuser.query(
    `UPDATE tenantry.readers SET expires_at = now() - interval '1 ms' WHERE id = $1`,
    [id],
  );
  await server.restart();
  expect(await stateOf(client.query('SELECT 1'))).not.toBe('done');
  expect(await readerTraces(login)).toEqual([]);
  expect(await server.admin.call('getReader', { params: { reader: id } })).toMatchObject({
    state: 'closed',
    end: 'expired',
  });
  expect((await auditOf(server, { tenant: a.id, action: 'reader.close' })).at(-1)).toMatchObject({
    actor: { kind: 'system' },
    reason: 'Its time was over',
  });
});

describe('what is cut off is finished', () => {
  /** What a process leaves that is killed: before the role is made, after it, and while it is dropped. */
  const situations: readonly [name: string, state: string, ended: string | null, keepRole: boolean][] = [
    ['before the role was made', 'opening', null, false],
    ['between the role and the row', 'opening', null, true],
    ['before the role was dropped', 'closing', 'closed', true],
    ['between the drop and the row', 'closing', 'closed', false],
  ];
  test.each(situations)('%s', async (_, state, ended, keepRole) => {
    const { reader } = await open(['a', 'b']);
    if (!keepRole) {
      await close(reader.id);
      expect(await readerTraces(reader.login)).toEqual([]);
    }
    await server.superuser.query(
      `UPDATE tenantry.readers SET state = $2, ended = $3, closed_at = NULL, created_at = now() - interval '2 min' WHERE id = $1`,
      [reader.id, state, ended],
    );
    await server.restart();
    expect(await readerTraces(reader.login)).toEqual([]);
    const after = await server.admin.call('getReader', { params: { reader: reader.id } });
    expect(after).toMatchObject({ state: 'closed', end: ended ?? 'failed' });
  });

  test('a role that cannot be made leaves a closed reader, and no role', async () => {
    // The owner of one of the two schemas has lost it: PostgreSQL refuses its GRANT.
    await server.superuser.query(`ALTER TABLE ${b.schema}.plain OWNER TO CURRENT_USER`);
    const before = await census(server);
    const problem = await problemOf(open(['a', 'b']));
    expect(problem.status).toBe(500);
    const { items } = await server.admin.call('listReaders', { query: {} });
    expect(items[0]).toMatchObject({ state: 'closed', end: 'failed' });
    expect(await readerTraces(items[0]!.login)).toEqual([]);
    expect((await census(server)).roles).toBe(before.roles);
    await server.superuser.query(`ALTER TABLE ${b.schema}.plain OWNER TO ${b.schema}_owner`);
  });
});

describe('the life of a tenant goes on', () => {
  test('suspending one shuts out the tenant and not the reader, and it comes back', async () => {
    const opened = await open(['c']);
    const client = await connect(opened);
    await server.admin.call('suspendTenant', { params: { tenant: 'c' }, body: {} });
    const { rows } = await client.query<{ text: string }>(`SELECT text FROM ${c.schema}.notes`);
    expect(rows).toEqual([{ text: `canary of ${c.id}` }]);
    await server.admin.call('resumeTenant', { params: { tenant: 'c' }, body: {} });
    await (await loginAs(server, c)).end();
    await close(opened.reader.id);
  });

  test('purging one takes it from readers that are in the middle of a transaction', async () => {
    const gone = await provision(server, 'gone');
    const opened = await open(['gone', 'a']);
    const client = await connect(opened);
    await client.query(`SET idle_in_transaction_session_timeout = 0`);
    await client.query(`BEGIN; SELECT * FROM ${gone.schema}.notes`);
    await server.admin.call('deleteTenant', { params: { tenant: 'gone' }, body: {} });
    const { operation } = await server.admin.call('purgeTenant', {
      params: { tenant: 'gone' },
      body: { confirm: 'gone', force: true },
    });
    expect(await server.finished(operation.id)).toMatchObject({ state: 'succeeded' });
    expect(await tracesOf(server, gone.schema)).toEqual([]);
    const { tenants, state } = await server.admin.call('getReader', { params: { reader: opened.reader.id } });
    expect(state).toBe('open');
    expect(tenants.find(({ id }) => id === gone.id)!.leftAt).not.toBeNull();
    expect(tenants.find(({ id }) => id === a.id)!.leftAt).toBeNull();
    expect((await auditOf(server, { tenant: gone.id, action: 'reader.close' })).at(-1)).toMatchObject({
      after: { end: 'purged' },
    });
    // For its other tenant it goes on.
    await (await connect(opened)).query(`SELECT * FROM ${a.schema}.notes`);
    await close(opened.reader.id);
    expect(await readerTraces(opened.reader.login)).toEqual([]);
  });
});

describe('who may', () => {
  test.each(roles)('%s', async (role) => {
    const client = await server.as(role, role === 'tenant' ? a.id : undefined);
    const allowed = (rolePermissions[role] as readonly string[]).includes('readers:write');
    expect(allowed).toBe(role === 'admin');
    const mayRead = role === 'admin' || role === 'auditor';
    const before = await census(server);
    const { reader } = await open(['a']);
    if (!allowed) {
      const body = { tenants: ['a'], reason: 'mine' };
      expect(await problemOf(client.call('openReader', { body }))).toMatchObject({ code: 'FORBIDDEN' });
      const params = { reader: reader.id };
      expect(await problemOf(client.call('closeReader', { params }))).toMatchObject({ code: 'FORBIDDEN' });
      if (mayRead) expect((await client.call('getReader', { params })).id).toBe(reader.id);
      else expect(await problemOf(client.call('getReader', { params }))).toMatchObject({ code: 'FORBIDDEN' });
      if (!mayRead)
        expect(await problemOf(client.call('listReaders', {}))).toMatchObject({ code: 'FORBIDDEN' });
    }
    await close(reader.id);
    expect((await census(server)).roles).toBe(before.roles);
  });

  test('the password is in one answer, which nobody may keep, and nowhere else', async () => {
    const { body, headers } = await send<OpenedReader>(server, '/v1/readers', {
      method: 'POST',
      body: { tenants: ['a'], reason: 'x' },
    });
    expect(headers.get('cache-control')).toBe('no-store');
    const { password } = body.connection;
    const { rows } = await server.superuser.query<{ secret: string }>(
      'SELECT rolpassword AS secret FROM pg_authid WHERE rolname = $1',
      [body.reader.login],
    );
    expect(rows[0]!.secret).toMatch(/^SCRAM-SHA-256\$/);
    const list = JSON.stringify(await server.admin.call('listReaders', {}));
    expect(list).not.toContain(password);
    await close(body.reader.id);
  });
});

describe('what is refused', () => {
  const cases: readonly [name: string, body: () => unknown, status: number, code: string][] = [
    ['nobody', () => ({ tenants: [], reason: 'x' }), 400, 'VALIDATION'],
    ['no reason', () => ({ tenants: ['a'] }), 400, 'VALIDATION'],
    ['a blank reason', () => ({ tenants: ['a'], reason: '  ' }), 400, 'VALIDATION'],
    ['no time', () => ({ tenants: ['a'], reason: 'x', minutes: 0 }), 400, 'VALIDATION'],
    ['more than eight hours', () => ({ tenants: ['a'], reason: 'x', minutes: 481 }), 400, 'VALIDATION'],
    ['a hundred and one', () => ({ tenants: Array(101).fill('a'), reason: 'x' }), 400, 'VALIDATION'],
    ['an unknown tenant', () => ({ tenants: ['a', 'nobody'], reason: 'x' }), 404, 'TENANT_NOT_FOUND'],
    ['a schema that is no tenant', () => ({ tenants: ['public'], reason: 'x' }), 404, 'TENANT_NOT_FOUND'],
    ['another field', () => ({ tenants: ['a'], reason: 'x', superuser: true }), 400, 'VALIDATION'],
  ];
  test.each(cases)('%s', async (_, body, status, code) => {
    const before = await census(server);
    const answer = await send(server, '/v1/readers', { method: 'POST', body: body() });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(await census(server)).toEqual(before);
  });

  test('a tenant that is being deleted', async () => {
    await provision(server, 'going');
    await server.admin.call('deleteTenant', { params: { tenant: 'going' }, body: {} });
    expect(await problemOf(open(['going']))).toMatchObject({ code: 'TENANT_STATE_CONFLICT' });
  });

  test('an unknown reader', async () => {
    for (const call of ['getReader', 'closeReader'] as const) {
      const problem = await problemOf(server.admin.call(call, { params: { reader: 'r_nothing' } }));
      expect(problem).toMatchObject({ status: 404, code: 'READER_NOT_FOUND' });
    }
  });
});
