import { once, type EventEmitter } from 'node:events';
import { createServer, type Server } from 'node:net';
import pg from 'pg';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { workersLogIn } from '../../src/lanes/broker.ts';
import { Connection } from '../../src/pool/connection.ts';
import { TenantQuery } from '../../src/pool/tenant-query.ts';
import {
  brokerRole,
  deriveCredential,
  leaseLogins,
  tenantLeaseSql,
  type TenantId,
} from '../support/tenancy.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { atEachEntry } from '../support/entry.ts';
import { codeOf, open, type Opened } from '../support/open.ts';

/** The rules that a lane obeys, one by one. Each of these fails when its rule is taken out. */
let cell: TestCell;
let a: TestTenant;
let b: TestTenant;
beforeAll(async () => {
  cell = await startTestCell({ tenants: 2, slots: 4 });
  [a, b] = [cell.tenants[0]!, cell.tenants[1]!];
});
afterAll(() => cell.stop());

const pidOf = async ({ tenancy }: Opened, tenant: TenantId): Promise<number> =>
  (await tenancy.for(tenant).query('SELECT pg_backend_pid() AS pid')).rows[0]!.pid as number;

describe.each(['sealed', 'leased'] as const)('lane %s', (lane) => {
  let opened: Opened;
  beforeEach(() => {
    opened = open(cell, lane, { maximumPoolSize: 1 });
  });
  afterEach(() => opened.tenancy.close());
  const query = (text: string, values?: unknown[], tenant = a) =>
    opened.tenancy.for(tenant.id).query(text, values);

  test('the extended protocol alone: a text of several statements is refused, with values or without', async () => {
    const several = `INSERT INTO notes (body) VALUES ('several'); SELECT 1`;
    expect(await codeOf(query(several))).toBe('42601');
    expect(await codeOf(query(several, []))).toBe('42601');
    expect(await codeOf(opened.tenancy.for(a.id).transaction((tx) => tx.query(several)))).toBe('42601');
    const client = await opened.tenancy.for(a.id).pool.connect();
    expect(await codeOf(client.query(several))).toBe('42601');
    const bare = new pg.Query(several);
    const refusal = once(bare as unknown as EventEmitter, 'error');
    client.query(bare);
    expect((await refusal)[0]).toMatchObject({ code: '42601' });
    client.release();
    expect((await query(`SELECT FROM notes WHERE body = 'several'`)).rowCount).toBe(0);
  });

  test('what brings a protocol of its own cannot bring the simple one', async () => {
    const client = await opened.tenancy.for(a.id).pool.connect();
    const submittable = {
      submit: (connection: { query(text: string): void }) =>
        connection.query(`INSERT INTO notes (body) VALUES ('simple')`),
      handleError: () => {},
    };
    client.query(submittable as unknown as pg.Submittable);
    client.release();
    expect((await query(`SELECT FROM notes WHERE body = 'simple'`)).rowCount).toBe(0);
  });

  test('a function that takes the role away costs the next statement at most, and not the one after', async () => {
    await query(`SELECT set_config('role', 'none', false)`);
    const first = await codeOf(query('SELECT FROM notes'));
    expect(first).toBe(lane === 'leased' ? '42P01' : 'no error');
    expect((await query('SELECT current_user AS me, count(*) > 0 AS own FROM notes')).rows).toEqual([
      { me: a.id, own: true },
    ]);
  });

  test('an ordinary error leaves the connection; one that leaves it in doubt ends it', async () => {
    const before = await pidOf(opened, a.id);
    expect(await codeOf(query(`INSERT INTO notes (id, body) VALUES (1, 'x')`))).toBe('23505');
    expect(await codeOf(query('SELECT 1/0'))).toBe('22012');
    expect(await pidOf(opened, a.id)).toBe(before);
    const client = await opened.tenancy.for(a.id).pool.connect();
    await client.query('BEGIN');
    client.release();
    const after = await pidOf(opened, a.id);
    expect(after).not.toBe(before);
    const second = await opened.tenancy.for(a.id).pool.connect();
    await second.query('BEGIN');
    expect(await codeOf(second.query('SELECT 1/0'))).toBe('22012');
    second.release();
    expect(await pidOf(opened, a.id)).not.toBe(after);
  });

  test('what ALTER ROLE has stored on the login does not count', async () => {
    const logins = [a.id, ...[1, 2, 3, 4].map((n) => `tenantry_slot_${n}`)];
    const set = (what: string) => logins.map((role) => `ALTER ROLE ${role} ${what}`).join('; ');
    await opened.tenancy.close();
    await cell.superuser.query(
      ['default_transaction_read_only = on', `search_path = ${b.id}`, 'standard_conforming_strings = off']
        .map((setting) => set(`SET ${setting}`))
        .join('; '),
    );
    opened = open(cell, lane, { maximumPoolSize: 1 });
    try {
      const { rows } = await query(
        `SELECT current_setting('search_path') LIKE '%' || current_user || '%' AS path,
                current_setting('default_transaction_read_only') AS mode, current_setting('standard_conforming_strings') AS strings`,
      );
      expect(rows).toEqual([{ path: true, mode: 'off', strings: 'on' }]);
    } finally {
      await cell.superuser.query(set('RESET ALL'));
    }
  });

  test('a statement that takes too long is cancelled, and its connection is not used again', async () => {
    await opened.tenancy.close();
    opened = open(cell, lane, { maximumPoolSize: 1, queryTimeout: 150 });
    const before = await pidOf(opened, a.id);
    const started = performance.now();
    expect(await codeOf(query('SELECT pg_sleep(20)'))).toBe('TENANCY_QUERY_TIMEOUT');
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await pidOf(opened, a.id)).not.toBe(before);
    const running = async () =>
      (await cell.superuser.query('SELECT FROM pg_stat_activity WHERE pid = $1', [before])).rowCount;
    await expect.poll(running).toBe(0);
  });

  test('a named statement is nobody else’s, and does not outlive a migration', async () => {
    const named = (text: string, tenant = a) => opened.tenancy.for(tenant.id).query({ name: 'reader', text });
    expect((await named('SELECT body FROM notes WHERE id = 1')).rows).toEqual([{ body: a.canary }]);
    expect((await named('SELECT body FROM notes WHERE id = 1')).rows).toEqual([{ body: a.canary }]);
    expect((await named('SELECT body FROM notes WHERE id = 2', b)).rows).toEqual([{ body: b.canary }]);
    const all = () =>
      opened.tenancy.for(a.id).query({ name: 'all', text: 'SELECT * FROM notes WHERE id = 1' });
    await all();
    await cell.superuser.query(`ALTER TABLE ${a.id}.notes ADD COLUMN extra int`);
    expect(await codeOf(all())).toBe('0A000');
    expect((await all()).rows).toEqual([{ id: 1, body: a.canary, extra: null }]);
    await cell.superuser.query(`ALTER TABLE ${a.id}.notes DROP COLUMN extra`);
  });

  test('no name but a generated id becomes a tenant', async () => {
    for (const name of [`x,${b.id}`, `${b.id}"; create table evil (); --`, 'public', 'none', '', b.slug]) {
      expect(() => opened.tenancy.for(name as TenantId)).toThrow(
        expect.objectContaining({ code: 'TENANT_NOT_FOUND' }),
      );
      expect(() => opened.tenancy.run(name as TenantId, () => 0)).toThrow(
        expect.objectContaining({ code: 'TENANT_NOT_FOUND' }),
      );
    }
    const unknown = `t_${'a'.repeat(12)}` as TenantId;
    expect(await codeOf(opened.tenancy.for(unknown).query('SELECT 1'))).toBe('TENANT_NOT_FOUND');
  });

  test('a search path set on one client is not there on the next', async () => {
    const first = await opened.tenancy.for(a.id).pool.connect();
    await first.query(`SET search_path = pg_catalog`);
    first.release();
    expect((await query('SELECT body FROM notes WHERE id = 1')).rows).toEqual([{ body: a.canary }]);
  });

  test('a released client is of no more use', async () => {
    const client = await opened.tenancy.for(a.id).pool.connect();
    client.release();
    await query('SELECT 1', [], b);
    expect(await codeOf(client.query('SELECT body FROM notes'))).toBe('TENANCY_CLOSED');
    expect(() => client.release()).toThrow('already been released');
  });

  test('a tenant that is shut out is shut out of open connections too, also where nobody was told', async () => {
    await query('SELECT 1');
    await cell.inControl(`
      BEGIN; ALTER ROLE ${a.id} NOLOGIN; SET LOCAL ROLE ${a.id}_owner; REVOKE USAGE ON SCHEMA ${a.id} FROM ${a.id}; COMMIT`);
    await cell.superuser.query(
      `SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE usename = '${a.id}' OR usename LIKE 'tenantry_slot%'`,
    );
    try {
      expect(await codeOf(query('SELECT body FROM notes'))).toBe('TENANCY_CREDENTIAL');
      opened.directory.remove(a.id, true);
      expect(await codeOf(query('SELECT body FROM notes'))).toBe('TENANT_NOT_FOUND');
    } finally {
      await cell.inControl(`
        BEGIN; ALTER ROLE ${a.id} LOGIN; SET LOCAL ROLE ${a.id}_owner; GRANT USAGE ON SCHEMA ${a.id} TO ${a.id}; COMMIT`);
    }
  });
});

describe('leases', () => {
  test('two processes never hold one slot, and none is left over when they end', async () => {
    const pair = [open(cell, 'leased', { maximumPoolSize: 4 }), open(cell, 'leased', { maximumPoolSize: 4 })];
    const held = await Promise.all(
      pair.flatMap(({ tenancy }) => [0, 1].map((n) => tenancy.for([a, b][n]!.id).pool.connect())),
    );
    const { rows } = await cell.superuser.query<{ slot: string; n: number }>(
      `SELECT usename AS slot, count(*)::int AS n FROM pg_stat_activity WHERE usename LIKE 'tenantry_slot%' GROUP BY 1`,
    );
    expect(rows.map(({ n }) => n)).toEqual([1, 1, 1, 1]);
    expect((await leases()).filter(({ tenants }) => tenants > 1)).toEqual([]);
    for (const client of held) client.release();
    await Promise.all(pair.map(({ tenancy }) => tenancy.close()));
    expect(await leases()).toEqual([]);
  });

  async function leases(): Promise<{ readonly slot: string; readonly tenants: number }[]> {
    const { rows } = await cell.superuser.query<{ slot: string; tenants: number }>(
      `SELECT s.rolname AS slot, count(*)::int AS tenants
         FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
        WHERE s.rolname LIKE 'tenantry_slot%' AND g.rolname ~ '^t_[a-z2-7]{12}$' GROUP BY 1`,
    );
    return rows;
  }

  test('a slot that holds one tenant is not given another, whoever asks', async () => {
    const broker = await cell.brokerOf('tenantry_slot_4');
    await broker.query(`SELECT tenantry_lease.grant_${a.id}('tenantry_slot_4')`);
    expect(await codeOf(broker.query(`SELECT tenantry_lease.grant_${b.id}('tenantry_slot_4')`))).toBe(
      '42501',
    );
    for (const role of ['tenantry_control', 'tenantry_broker', b.id, 'tenantry_slot_9', "tenantry_slot_4' x"])
      expect(await codeOf(broker.query(`SELECT tenantry_lease.grant_${a.id}($1)`, [role]))).toBe('42501');
    await broker.query(`SELECT tenantry_lease.revoke_${a.id}('tenantry_slot_4')`);
    await broker.end();
  });

  test('two brokers that believe to hold one slot cannot both fill it', async () => {
    const brokers = [await cell.brokerOf('tenantry_slot_4'), await cell.brokerOf()] as const;
    await brokers[0].query(`BEGIN; SELECT tenantry_lease.grant_${a.id}('tenantry_slot_4')`);
    let answered = false;
    const second = codeOf(brokers[1].query(`SELECT tenantry_lease.grant_${b.id}('tenantry_slot_4')`));
    void second.then(() => (answered = true));
    // It asks before the first has committed: it waits, or it has been answered too soon.
    const waits = `SELECT FROM pg_stat_activity WHERE usename = 'tenantry_broker' AND wait_event_type = 'Lock'`;
    await expect.poll(async () => answered || (await cell.superuser.query(waits)).rowCount === 1).toBe(true);
    await brokers[0].query('COMMIT');
    expect(await second).toBe('42501');
    await brokers[0].query(`SELECT tenantry_lease.revoke_${a.id}('tenantry_slot_4')`);
    await Promise.all(brokers.map((broker) => broker.end()));
  });

  test('what an earlier holder of a slot has left is taken away before it is used', async () => {
    const slots = [1, 2, 3, 4].map((n) => `tenantry_slot_${n}`);
    const broker = await cell.brokerOf(...slots);
    for (const slot of slots) await broker.query(`SELECT tenantry_lease.grant_${b.id}($1)`, [slot]);
    const { tenancy } = open(cell, 'leased', { maximumPoolSize: 1 });
    const { rows } = await tenancy
      .for(a.id)
      .query(`SELECT current_user AS me, pg_has_role(session_user, '${b.id}', 'SET') AS both`);
    expect(rows).toEqual([{ me: a.id, both: false }]);
    await tenancy.close();
    for (const slot of slots) await broker.query(`SELECT tenantry_lease.revoke_${b.id}($1)`, [slot]);
    await broker.end();
  });

  test('before COMMIT the session must be the tenant’s still', async () => {
    const { tenancy } = open(cell, 'leased', { maximumPoolSize: 1 });
    const client = await tenancy.for(a.id).pool.connect();
    await client.query('BEGIN');
    await client.query(`INSERT INTO notes (body) VALUES ('not mine')`);
    await client.query('RESET ROLE');
    expect(await codeOf(client.query('COMMIT'))).toBe('22P02');
    client.release();
    expect((await tenancy.for(a.id).query(`SELECT FROM notes WHERE body = 'not mine'`)).rowCount).toBe(0);
    await tenancy.close();
  });

  test('where the tenant cannot be become, what was sent behind is refused, even if it would have worked', async () => {
    // As whoever it is that is no member of it.
    const connection = await Connection.open({
      lane: 'leased',
      connectTimeout: 1_000,
      queryTimeout: 1_000,
      client: {
        host: '127.0.0.1',
        port: cell.postgres.port,
        database: 'tenantry',
        user: brokerRole,
        password: deriveCredential(cell.credentialKey, brokerRole, 1),
      },
    });
    void connection.discard(`SET ROLE ${a.id}`);
    const work = new Promise((resolve, reject) => {
      connection.send(new TenantQuery('SELECT 1', []), (error) => (error ? reject(error) : resolve(0)));
    });
    expect(await codeOf(work)).toBe('TENANCY_LANE_VIOLATION');
    expect(connection.doomed).toBe('in doubt');
    connection.close('closed');
  });

  test('where the session of the tenant before does not let itself be discarded, nothing of the next one is run in it', async () => {
    await cell.superuser.query(`
      CREATE FUNCTION ${a.id}.leave_tables() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS
        'BEGIN FOR i IN 1..200 LOOP EXECUTE format(''CREATE TEMP TABLE left_%s (x int)'', i); END LOOP; END';
      ALTER FUNCTION ${a.id}.leave_tables() OWNER TO ${a.id}_owner;
      GRANT EXECUTE ON FUNCTION ${a.id}.leave_tables() TO ${a.id}`);
    const { tenancy, events } = open(cell, 'leased', { maximumPoolSize: 1 });
    const text = `INSERT INTO notes (body) VALUES ('of b alone')`;
    const waysToBegin = [
      () => tenancy.for(b.id).query(text),
      () => tenancy.for(b.id).query({ name: 'named', text }),
      () => tenancy.for(b.id).transaction((tx) => tx.query(text)),
      () => tenancy.for(b.id).query(`/* not known to be plain /* */ */ ${text}`),
      () => Promise.all(Array.from({ length: 5 }, () => tenancy.for(b.id).query(text))),
    ];
    for (const begin of waysToBegin)
      for (let i = 0; i < 3; i++) {
        await tenancy.for(a.id).query('SELECT leave_tables()');
        // It is told nobody, and cancels what takes longer.
        await tenancy.for(a.id).query(`SELECT set_config('statement_timeout', '3', false)`);
        await begin();
      }
    await tenancy.close();
    const count = async (id: string) =>
      (await cell.superuser.query(`SELECT FROM ${id}.notes WHERE body = 'of b alone'`)).rowCount;
    expect([await count(a.id), await count(b.id)]).toEqual([0, 27]);
    // The session could not be discarded, and that is told as nobody's who has not left it so.
    expect(events.filter(({ type }) => type === 'closed').length).toBeGreaterThan(4);
    expect(events.filter((event) => event.type === 'lane-refused')).toEqual([]);
  });

  describe('the first statement after a change of tenant', () => {
    beforeAll(async () => {
      await cell.superuser.query(`
        CREATE TABLE ${b.id}.late (x int);
        CREATE FUNCTION ${b.id}.refuse() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN RAISE check_violation; END';
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON ${b.id}.late DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION ${b.id}.refuse();
        CREATE FUNCTION ${b.id}.fail_late() RETURNS void LANGUAGE sql SECURITY DEFINER AS
          'INSERT INTO ${b.id}.late VALUES (1)'`);
    });
    let opened: Opened;
    beforeEach(async () => {
      opened = open(cell, 'leased', { maximumPoolSize: 1 });
      await opened.tenancy.for(a.id).query('SELECT 1');
    });
    afterEach(() => opened.tenancy.close());
    const me = `SELECT current_user AS me, current_setting('search_path') AS path`;
    const ofB = () => [{ me: b.id, path: `${b.id}, extensions, pg_temp` }];

    test.each([
      ['an error', 'SELECT 1/0', '22012'],
      ['a text that is none', 'SELECT FROM WHERE', '42601'],
      ['what is not there', 'SELECT FROM nothing_there', '42P01'],
      ['a refusal at the end of its transaction', `SELECT FROM fail_late()`, '23514'],
    ])('%s takes nothing from those behind it', async (_, text, code) => {
      const handle = opened.tenancy.for(b.id);
      const first = codeOf(handle.query(text));
      const behind = await Promise.all([
        handle.query(me),
        handle.query(me),
        handle.transaction((tx) => tx.query(me)),
      ]);
      expect(await first).toBe(code);
      expect(behind.map(({ rows }) => rows)).toEqual([ofB(), ofB(), ofB()]);
      expect((await handle.query(me)).rows).toEqual(ofB());
      expect(opened.events.filter(({ type }) => type === 'closed')).toEqual([]);
    });

    test('of a client that is given back before it is answered is answered', async () => {
      const fresh = open(cell, 'leased', { maximumPoolSize: 1 });
      const client = await fresh.tenancy.for(b.id).pool.connect();
      const asked = client.query(me);
      client.release();
      expect((await asked).rows).toEqual(ofB());
      await fresh.tenancy.close();
    });

    test('a value that cannot be sent takes nothing from those behind it', async () => {
      const handle = opened.tenancy.for(b.id);
      const circular: Record<string, unknown> = {};
      circular.itself = circular;
      const first = codeOf(handle.query('SELECT $1::jsonb', [circular]));
      expect((await handle.query(me)).rows).toEqual(ofB());
      expect(await first).not.toBe('no error');
    });

    test('may be one that PostgreSQL runs in no transaction', async () => {
      expect(await codeOf(opened.tenancy.for(b.id).query('VACUUM notes'))).toBe('no error');
    });

    test.each([
      ['search_path', 'pg_catalog'],
      ['TimeZone', 'Asia/Tokyo'],
    ])('may change %s for its session, and leaves that to nobody', async (name, value) => {
      const handle = opened.tenancy.for(b.id);
      await handle.query('SELECT set_config($1, $2, false)', [name, value]);
      const left = 'SELECT current_setting($1) = $2 AS left';
      expect((await handle.query(left, [name, value])).rows).toEqual([{ left: false }]);
      expect((await handle.query(me)).rows).toEqual(ofB());
    });

    test('is not bound by what the tenant before has set for transactions', async () => {
      await opened.tenancy.for(a.id).query(`
        SELECT set_config('default_transaction_read_only', 'on', false), set_config('statement_timeout', '300', false),
               set_config('transaction_timeout', '300', false), set_config('default_transaction_isolation', 'serializable', false)`);
      const { rows } = await opened.tenancy.for(b.id).query(`
        INSERT INTO notes (body) SELECT 'free ' || current_setting('transaction_isolation') FROM pg_sleep(0.4) RETURNING body`);
      expect(rows).toEqual([{ body: 'free read committed' }]);
    });

    test('is refused with those behind it where the tenant cannot be become, and its connection makes room', async () => {
      let isFirst = true;
      atEachEntry((_, entry, go) => {
        go(isFirst ? { ...entry, become: ['SET ROLE nobody_of_that_name'] } : entry);
        isFirst = false;
      });
      onTestFinished(() => void vi.restoreAllMocks());
      const handle = opened.tenancy.for(b.id);
      const codes = Promise.all(Array.from({ length: 3 }, () => codeOf(handle.query(me))));
      expect(await codes).toEqual(Array(3).fill('TENANCY_LANE_VIOLATION'));
      expect((await handle.query(me)).rows).toEqual(ofB());
    });

    test('is not waited for with what the tenant before has left', async () => {
      await opened.tenancy.for(a.id).query('SELECT pg_advisory_lock(4711)');
      // Nobody is served at the moment when the connection has become free for the next tenant.
      atEachEntry((_, entry, go) => {
        go(entry);
        opened.tenancy.suspend();
      });
      onTestFinished(() => void vi.restoreAllMocks());
      const waiting = opened.tenancy.for(b.id).query(me);
      const locks = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711`;
      await expect.poll(async () => (await cell.superuser.query(locks)).rowCount).toBe(0);
      opened.tenancy.resume();
      expect((await waiting).rows).toEqual(ofB());
    });
  });

  test('a tenant without lease functions is refused on leased, and sealed on auto', async () => {
    await cell.superuser.query(`DROP FUNCTION tenantry_lease.grant_${b.id}(text)`);
    const leased = open(cell, 'leased', { maximumPoolSize: 1 });
    const auto = open(cell, 'auto', { maximumPoolSize: 1 });
    try {
      expect(await codeOf(leased.tenancy.for(b.id).query('SELECT 1'))).toBe('TENANCY_CREDENTIAL');
      expect((await auto.tenancy.for(b.id).query('SELECT session_user AS me')).rows).toEqual([{ me: b.id }]);
    } finally {
      await Promise.all([leased.tenancy.close(), auto.tenancy.close()]);
      await cell.inControl(`BEGIN; ${tenantLeaseSql(b.id)}; COMMIT`);
    }
  });

  test.each([
    [160_006, true],
    [160_007, false],
    [170_002, true],
    [170_003, false],
    [180_000, false],
  ])('whether workers of PostgreSQL %d have to be let in', (version, expected) => {
    expect(workersLogIn(version)).toBe(expected);
  });

  test('a parallel query runs on a lease', async () => {
    const { tenancy } = open(cell, 'leased', { maximumPoolSize: 1 });
    const { rows } = await tenancy.for(a.id).transaction(async (tx) => {
      for (const setting of ['debug_parallel_query = on', 'parallel_setup_cost = 0'])
        await tx.query(`SET LOCAL ${setting}`);
      return tx.query('SELECT count(*)::int AS n FROM notes');
    });
    expect(rows[0]!.n).toBeGreaterThan(0);
    await tenancy.close();
  });

  test('the broker goes on for longer than a statement may take', async () => {
    const { tenancy } = open(cell, 'leased', { maximumPoolSize: 1, queryTimeout: 300 });
    const backends = async () =>
      (await cell.superuser.query(`SELECT pid FROM pg_stat_activity WHERE usename = 'tenantry_broker'`)).rows;
    await tenancy.for(a.id).query('SELECT 1');
    const before = await backends();
    for (const end = Date.now() + 2_000; Date.now() < end;)
      for (const { id } of [a, b])
        expect((await tenancy.for(id).query('SELECT current_user AS me')).rows).toEqual([{ me: id }]);
    expect(await backends()).toEqual(before);
    await tenancy.close();
  });

  test('a slot whose password somebody has changed serves with its own', async () => {
    const { tenancy } = open(cell, 'leased', { maximumPoolSize: 1 });
    const all = leaseLogins(4).filter((role) => role !== brokerRole);
    for (const slot of all) await cell.superuser.query(`ALTER ROLE ${slot} PASSWORD 'stolen'`);
    const { rows } = await tenancy.for(a.id).query('SELECT session_user AS me');
    expect(all).toContain(rows[0]!.me);
    const logins = `SELECT count(*)::int AS n FROM pg_roles WHERE rolname ~ '^tenantry_slot_' AND rolcanlogin`;
    expect((await cell.superuser.query(logins)).rows).toEqual([{ n: 0 }]);
    await tenancy.close();
  });

  test('on auto a busy tenant gets connections of its own, and the others lease', async () => {
    const { tenancy } = open(cell, 'auto', { maximumPoolSize: 3 });
    const session = async (tenant: TestTenant): Promise<string> =>
      (await tenancy.for(tenant.id).query('SELECT session_user AS me')).rows[0]!.me as string;
    expect(await session(b)).toMatch(/^tenantry_slot_/);
    let busy = '';
    for (let i = 0; i < 2_000 && busy !== a.id; i++) busy = await session(a);
    expect(busy).toBe(a.id);
    expect(await session(b)).toMatch(/^tenantry_slot_/);
    await tenancy.close();
  });

  test('and keeps them where nobody has wanted anything for a while', async () => {
    const c = await cell.addTenant();
    const { tenancy, events } = open(cell, 'auto', { maximumPoolSize: 2 });
    const ask = (tenant: TestTenant) => tenancy.for(tenant.id).query('SELECT 1');
    await ask(b);
    const isSealed = () => tenancy.status()[0]!.sealed === 1;
    for (let i = 0; i < 2_000 && !isSealed(); i++) await ask(a);
    expect(isSealed()).toBe(true);
    // Longer than the tenant has ever paused.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await Promise.all([ask(b), ask(c)]);
    expect(events.filter(({ type }) => type === 'closed')).not.toContainEqual(
      expect.objectContaining({ lane: 'sealed' }),
    );
    await tenancy.close();
    await cell.dropTenant(c);
  });
});

describe('a server that does not answer', () => {
  let silent: Server;
  beforeAll(async () => {
    silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
  });
  afterAll(() => void silent.close());

  test('is given up after the connect timeout, and the next host is tried', async () => {
    const { port } = silent.address() as { readonly port: number };
    const hosts = [
      { host: '127.0.0.1', port },
      { host: '127.0.0.1', port: cell.postgres.port },
    ];
    const { tenancy, directory } = open(cell, 'sealed', { connectTimeout: 100, connectionTimeout: 3_000 });
    directory.set(cell.placement(a, { hosts }));
    directory.set(cell.placement(b, { hosts: hosts.slice(0, 1), id: 'cell-2' }));
    expect((await tenancy.for(a.id).query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    const started = performance.now();
    expect(await codeOf(tenancy.for(b.id).query('SELECT 1'))).toBe('TENANCY_ACQUIRE_TIMEOUT');
    expect(performance.now() - started).toBeLessThan(4_000);
    await tenancy.close();
  });
});
