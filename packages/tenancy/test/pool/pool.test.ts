import { once, type EventEmitter } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { codeOf, open, type Opened } from '../support/open.ts';
import { TestDirectory } from '../support/directory.ts';
import { poolSettings, type PoolOptions } from '../../src/pool/options.ts';

let cell: TestCell;
let [a, b, c]: TestTenant[] = [];
let opened: Opened | undefined;
beforeAll(async () => {
  cell = await startTestCell({ tenants: 3, slots: 8 });
  [a, b, c] = cell.tenants;
});
afterAll(() => cell.stop());
afterEach(async () => {
  await opened?.tenancy.close({ deadlineMs: 0 });
  opened = undefined;
});

function start(pool: PoolOptions, lane: 'sealed' | 'leased' | 'auto' = 'sealed'): Opened['tenancy'] {
  opened = open(cell, lane, pool);
  return opened.tenancy;
}
const hold = (tenant = a): Promise<pg.PoolClient> => opened!.tenancy.for(tenant!.id).pool.connect();
const pid = async (tenant = a): Promise<number> =>
  (await opened!.tenancy.for(tenant!.id).query('SELECT pg_backend_pid() AS pid')).rows[0]!.pid as number;
const backends = async (): Promise<number> =>
  (
    await cell.superuser.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'tenantry' AND usename <> 'tenantry_broker'`,
    )
  ).rows[0]!.n;
const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 5_000;
  while (!(await is())) {
    if (performance.now() > deadline) throw new Error('It did not come true in 5 s.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

test('COPY FROM STDIN, which has nothing to send, is refused at once', async () => {
  const tenancy = start({ maximumPoolSize: 1, queryTimeout: 5_000 });
  const { pool } = tenancy.for(a!.id);
  const before = await pid();
  expect(await codeOf(pool.query('COPY notes (body) FROM STDIN'))).toBe('57014');
  expect((await pool.query('SELECT count(*)::int AS n FROM notes')).rows).toEqual([{ n: 5 }]);
  expect(await pid()).toBe(before);
});

describe.each(['sealed', 'leased'] as const)('what is asked for in an odd way, lane %s', (lane) => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const throwing = {
    toPostgres() {
      throw new Error('its own');
    },
  };
  test.each<[name: string, asked: unknown, values: unknown, answer: unknown]>([
    ['rows that are to come in parts', { text: 'SELECT generate_series(1, 3) AS n', rows: 2 }, undefined, 3],
    ['a list for each row', { text: 'SELECT 1, 2', rowMode: 'array' }, undefined, 1],
    ['no statement', '-- nothing', undefined, 0],
    ['too few values', 'SELECT $1::text, $2::text', ['x'], '08P01'],
    ['values that are no list', 'SELECT $1::text', { x: 1 }, /must be an array/],
    ['a value that throws', 'SELECT $1::text', [throwing], /its own/],
    ['a value that refers to itself', 'SELECT $1::json', [circular], /circular/],
    ['a zero byte', 'SELECT $1::text', ['a\0b'], '22021'],
    ['two statements', 'SELECT 1; SELECT 2', undefined, '42601'],
  ])('%s: is answered at once, and does the connection no harm', async (_, asked, values, answer) => {
    const tenancy = start({ maximumPoolSize: 1, queryTimeout: 5_000, connectionTimeout: 5_000 }, lane);
    const { pool } = tenancy.for(a!.id);
    const ask = (): Promise<unknown> => pool.query(asked as string, values as unknown[]);
    if (typeof answer === 'number') expect(await ask()).toMatchObject({ rowCount: answer || null });
    else if (typeof answer === 'string') await expect(ask()).rejects.toMatchObject({ code: answer });
    else await expect(ask()).rejects.toThrow(answer);
    // Somebody who holds it needs all that is under way on it to be answered.
    const client = await hold();
    expect((await client.query('SELECT current_user AS me')).rows).toEqual([{ me: a!.id }]);
    client.release();
    expect(opened!.events.map(({ type }) => type)).not.toContain('acquire-timeout');
  });
});

describe.each(['sealed', 'leased'] as const)('the budget, lane %s', (lane) => {
  test('holds for all tenants together', async () => {
    // Those of the test before are closed, which PostgreSQL may not have got to yet.
    await until(async () => (await backends()) === 0);
    const tenancy = start({ maximumPoolSize: 3 }, lane);
    let most = 0;
    await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const client = await tenancy.for(cell.tenants[i % 3]!.id).pool.connect();
        most = Math.max(most, tenancy.status()[0]!.total + tenancy.status()[0]!.opening);
        await client.query('SELECT 1');
        client.release();
      }),
    );
    expect(most).toBeLessThanOrEqual(3);
    expect(await backends()).toBeLessThanOrEqual(3);
  });

  test('one tenant that takes all it can leaves the others a way through', async () => {
    const tenancy = start({ maximumPoolSize: 3, maximumPerTenant: 2 }, lane);
    const greedy = [await hold(), await hold()];
    const third = hold();
    expect((await tenancy.for(b!.id).query('SELECT current_user AS me')).rows).toEqual([{ me: b!.id }]);
    greedy[0]!.release();
    (await third).release();
    greedy[1]!.release();
  });

  test('a tenant with hundreds in the queue does not keep another waiting for all of them', async () => {
    const tenancy = start({ maximumPoolSize: 1, maximumPipeline: 4 }, lane);
    let done = 0;
    const flood = Promise.allSettled(
      Array.from({ length: 300 }, () =>
        tenancy
          .for(a!.id)
          .query('SELECT pg_sleep(0.01)')
          .then(() => (done += 1)),
      ),
    );
    await until(() => done > 3);
    await tenancy.for(b!.id).query('SELECT 1');
    expect(done).toBeLessThan(100);
    await tenancy.close({ deadlineMs: 0 });
    await flood;
  });

  test('whoever waits for the tenant of a connection goes along with it', async () => {
    const tenancy = start({ maximumPoolSize: 1 }, lane);
    const client = await hold(b);
    const works = Array.from({ length: 20 }, (_, i) => tenancy.for([a!, b!][i % 2]!.id).query('SELECT 1'));
    client.release();
    await Promise.all(works);
    const moves = opened!.events.filter(({ type }) => type === 'switched' || type === 'opened').length;
    expect(moves).toBeLessThan(8);
  });
});

test('a slot goes first to whom its backend knows, and nobody is passed over for long', async () => {
  const tenancy = start({ maximumPoolSize: 1 }, 'leased');
  await pid(a);
  await pid(b);
  const client = await hold(a);
  const stranger = pid(c);
  let [served, isServed] = [0, false];
  const caller = async (tenant: TestTenant): Promise<void> => {
    while (!isServed) {
      await tenancy.for(tenant.id).query('SELECT 1');
      served += 1;
    }
  };
  const callers = Promise.all([caller(a!), caller(b!)]);
  client.release();
  await stranger;
  isServed = true;
  expect(served).toBeGreaterThan(4);
  expect(served).toBeLessThan(20);
  await callers;
});

describe('waiting', () => {
  test('ends with a message that says who holds the connections, and names no other tenant', async () => {
    const tenancy = start({ maximumPoolSize: 2, maximumPerTenant: 2, connectionTimeout: 500 });
    const held = [await hold(a), await hold(b)];
    const error = await tenancy
      .for(c!.id)
      .query('SELECT 1')
      .catch((refusal: Error) => refusal);
    expect(error).toMatchObject({ code: 'TENANCY_ACQUIRE_TIMEOUT' });
    const { message } = error as unknown as Error;
    expect(message).toContain('2 other tenants hold 2, of 2 in all');
    expect(message + JSON.stringify(error)).not.toContain(a!.id);
    expect((error as unknown as { holders: object[] }).holders).toHaveLength(2);
    for (const client of held) client.release();
    expect((await tenancy.for(c!.id).query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('a suspended pool keeps callers waiting, until it is resumed or their time is over', async () => {
    const tenancy = start({ connectionTimeout: 500 });
    await tenancy.for(a!.id).query('SELECT 1');
    tenancy.suspend();
    expect(await codeOf(tenancy.for(a!.id).query('SELECT 1'))).toBe('TENANCY_POOL_SUSPENDED');
    const waiting = tenancy.for(a!.id).query('SELECT 1 AS one');
    tenancy.resume();
    expect((await waiting).rows).toEqual([{ one: 1 }]);
  });
});

describe('the life of a connection', () => {
  test('it is closed when it was idle for long, down to the least that is kept', async () => {
    start({ idleTimeout: 60, minimumIdle: 1, maximumPoolSize: 4, maximumPerTenant: 4 });
    const held = await Promise.all([hold(), hold(), hold()]);
    for (const client of held) client.release();
    await until(
      () => opened!.events.filter((event) => event.type === 'closed' && event.reason === 'idle').length === 2,
    );
    expect(opened!.tenancy.status()[0]!.total).toBe(1);
  });

  test('the least that is kept is really opened, and opened again', async () => {
    start({ minimumIdle: 2, maximumPoolSize: 4, maximumPerTenant: 4 });
    await pid();
    await until(() => opened!.tenancy.status()[0]!.idle >= 2);
    await cell.superuser.query(
      `SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE usename = '${a!.id}'`,
    );
    await until(() => opened!.tenancy.status()[0]!.total < 2);
    await until(() => opened!.tenancy.status()[0]!.idle >= 2);
  });

  test('it is closed at its age, a little earlier than others of the same age', async () => {
    start({ maxLifetime: 80 });
    const before = await pid();
    await until(() => opened!.events.some((event) => event.type === 'closed' && event.reason === 'lifetime'));
    expect(await pid()).not.toBe(before);
    const { lifetimeOf } = await import('../../src/pool/life.ts');
    const lives = Array.from({ length: 50 }, () => lifetimeOf(poolSettings({ maxLifetime: 1_000 })));
    expect(Math.min(...lives)).toBeGreaterThanOrEqual(900);
    expect(new Set(lives).size).toBeGreaterThan(40);
  });

  test('an idle one is pinged, and a dead one found that way', async () => {
    start({ keepaliveTime: 40, idleTimeout: 0 });
    const before = await pid();
    await cell.superuser.query('SELECT pg_stat_clear_snapshot()');
    const pinged = async (): Promise<boolean> =>
      (
        await cell.superuser.query(`SELECT FROM pg_stat_activity WHERE pid = $1 AND query = 'SELECT 1'`, [
          before,
        ])
      ).rowCount === 1;
    await until(pinged);
    expect(await pid()).toBe(before);
  });

  test('one that was idle for a while is asked before it is given out', async () => {
    start({ aliveBypassWindow: 0 });
    const client = await hold();
    // It does not answer, and nothing says so: what a frozen server or a firewall looks like.
    const socket = await socketOf(client);
    client.release();
    socket.pause();
    opened!.tenancy.status();
    const started = performance.now();
    await pid();
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(opened!.events).toContainEqual(expect.objectContaining({ type: 'closed', reason: 'broken' }));
  });

  test('errors that speak of the server end it', async () => {
    start({});
    const before = await pid();
    expect(
      await codeOf(opened!.tenancy.for(a!.id).query('SELECT pg_terminate_backend(pg_backend_pid())')),
    ).toMatch(/57P01|TENANCY_CONNECTION_LOST/);
    expect(await pid()).not.toBe(before);
    const now = await pid();
    const raise = (state: string) => `DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '${state}'; END $$`;
    expect(await codeOf(opened!.tenancy.for(a!.id).query(raise('P0001')))).toBe('P0001');
    expect(await pid()).toBe(now);
    let last = now;
    for (const state of ['08006', '57P02', '25006', '25P03']) {
      expect(await codeOf(opened!.tenancy.for(a!.id).query(raise(state)))).toBe(state);
      const next = await pid();
      expect(next, state).not.toBe(last);
      last = next;
    }
  });

  test('soft eviction closes idle ones at once and the others when they come back', async () => {
    const tenancy = start({ maximumPoolSize: 4 });
    const client = await hold();
    const before = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
    const other = await pid(b);
    tenancy.softEvict(a!.id);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    client.release();
    expect(await pid()).not.toBe(before);
    expect(await pid(b)).toBe(other);
  });

  test('a client that is not given back is reported with the stack that took it', async () => {
    start({ leakDetectionThreshold: 20 });
    const client = await holdHere();
    const leak = await opened!.event('leak');
    client.release();
    expect(leak).toMatchObject({ tenant: a!.id, heldMs: 20 });
    expect(leak.stack).toContain('holdHere');
  });

  async function holdHere(): Promise<pg.PoolClient> {
    return hold();
  }
});

describe('the end', () => {
  test('what is under way ends, new work is refused, and no backend is left', async () => {
    const tenancy = start({ maximumPoolSize: 3 });
    const slow = tenancy.for(a!.id).query('SELECT pg_sleep(0.2), 1 AS one');
    await until(() => (tenancy.status()[0]?.active ?? 0) === 1);
    const closing = tenancy.close({ deadlineMs: 5_000 });
    expect(await codeOf(tenancy.for(a!.id).query('SELECT 1'))).toBe('TENANCY_CLOSED');
    expect((await slow).rows[0]).toMatchObject({ one: 1 });
    await closing;
    await tenancy.close();
    await until(async () => (await backends()) === 0);
  });

  test('after the deadline it is cut off', async () => {
    const tenancy = start({});
    const slow = codeOf(tenancy.for(a!.id).query('SELECT pg_sleep(30)'));
    await until(() => (tenancy.status()[0]?.active ?? 0) === 1);
    const started = performance.now();
    await tenancy.close({ deadlineMs: 50 });
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await slow).toBe('TENANCY_CONNECTION_LOST');
  });

  test('a statement that was asked for right before it is refused', async () => {
    const tenancy = start({});
    const asked = codeOf(tenancy.for(a!.id).query('SELECT 1'));
    await tenancy.close();
    expect(await asked).toBe('TENANCY_CLOSED');
  });

  test('it may take for ever', async () => {
    const tenancy = start({});
    const slow = tenancy.for(a!.id).query('SELECT pg_sleep(0.2), 1 AS one');
    await until(() => (tenancy.status()[0]?.active ?? 0) === 1);
    await tenancy.close({ deadlineMs: Number.POSITIVE_INFINITY });
    expect((await slow).rows[0]).toMatchObject({ one: 1 });
  });

  test.each([Number.NaN, -1, '5' as unknown as number])('a deadline of %s is refused', async (deadlineMs) => {
    const closing = open(cell, 'sealed').tenancy.close({ deadlineMs });
    await expect(closing).rejects.toMatchObject({ code: 'TENANCY_OPTION' });
  });
});

test('a lane that the cell does not allow is refused, whoever asks first', async () => {
  const directory = new TestDirectory(cell.placements({ lanes: ['sealed'] }));
  opened = open(cell, 'leased', {}, directory);
  expect(await codeOf(opened.tenancy.for(a!.id).query('SELECT 1'))).toBe('TENANCY_OPTION');
  expect(await codeOf(opened.tenancy.for(a!.id).query('SELECT 1'))).toBe('TENANCY_OPTION');
});

describe('a cell that is described in another way', () => {
  /** Two tenants of which one has heard of the change. */
  const startWithTwo = (pool: PoolOptions): void => {
    const directory = new TestDirectory([cell.placement(a!), cell.placement(b!, { slots: 4 })]);
    opened = open(cell, 'sealed', { ...pool }, directory);
  };

  test('callers that wait are served where they wait, and then nothing is left there', async () => {
    startWithTwo({ maximumPoolSize: 1 });
    const { tenancy } = opened!;
    const client = await hold(a);
    const waiting = pid(a);
    await until(() => tenancy.status()[0]!.waiting === 1);
    const other = await pid(b);
    expect(tenancy.status().map(({ active, waiting: callers }) => [active, callers])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    client.release();
    expect(await waiting).not.toBe(other);
    await until(() => tenancy.status().length === 1);
    expect(await pid(b)).toBe(other);
  });

  test('who has not heard of it does not take the place of who has', async () => {
    startWithTwo({});
    await pid(a);
    const before = await pid(b);
    for (let i = 0; i < 3; i++) {
      expect(await pid(a)).not.toBe(before);
      expect(await pid(b)).toBe(before);
    }
    await until(() => opened!.tenancy.status().length === 1);
  });

  test('what is left there is suspended, resumed and closed with all else', async () => {
    startWithTwo({ connectionTimeout: 5_000 });
    const { tenancy } = opened!;
    const client = await hold(a);
    await pid(b);
    tenancy.suspend();
    const waiting = codeOf(pid(a));
    await until(() => tenancy.status()[1]?.waiting === 1);
    tenancy.resume();
    expect(await waiting).toBe('no error');
    const lost = codeOf(client.query('SELECT pg_sleep(30)'));
    await tenancy.close({ deadlineMs: 20 });
    expect(await lost).toBe('TENANCY_CONNECTION_LOST');
    expect(tenancy.status()).toEqual([]);
    await until(async () => (await backends()) === 0);
  });
});

test.each([0, 1])('with %i slots, and those in another’s hands, nobody starves on auto', async (slots) => {
  const directory = new TestDirectory(cell.placements({ slots }));
  const other = open(cell, 'leased', {}, directory);
  const client = slots === 0 ? undefined : await other.tenancy.for(a!.id).pool.connect();
  try {
    // Less than after which the slot is tried again.
    opened = open(cell, 'auto', { maximumPoolSize: 2, connectionTimeout: 1_500 }, directory);
    for (const tenant of [a, b, c, a, b, c]) expect(await pid(tenant)).toBeGreaterThan(0);
  } finally {
    client?.release();
    await other.tenancy.close();
  }
});

describe('what waits behind a statement', () => {
  const cursorOf = (client: pg.PoolClient): Cursor => client.query(new Cursor('SELECT 1 AS one'));

  test('does not lose the connection when it is given back too early', async () => {
    start({ maximumPoolSize: 1 });
    const client = await hold();
    const statement = client.query('SELECT 1 AS one').catch(() => undefined);
    const cursor = cursorOf(client);
    const read = codeOf(cursor.read(1));
    client.release();
    await statement;
    expect(await read).toBe('TENANCY_CONNECTION_LOST');
    expect(await pid()).toBeGreaterThan(0);
  });

  test('is refused when the connection is lost, and so is all that is asked of it then', async () => {
    start({ maximumPoolSize: 1 });
    const client = await hold();
    client.on('error', () => {});
    const statement = codeOf(client.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    const waiting = codeOf(cursorOf(client).read(1));
    const behind = codeOf(client.query('SELECT 1'));
    expect(await statement).toMatch(/57P01|TENANCY_CONNECTION_LOST/);
    expect([await waiting, await behind]).toEqual(['TENANCY_CONNECTION_LOST', 'TENANCY_CONNECTION_LOST']);
    expect(await codeOf(cursorOf(client).read(1))).toBe('TENANCY_CONNECTION_LOST');
    const bare = new pg.Query('SELECT 1');
    const refusal = once(bare as unknown as EventEmitter, 'error');
    client.query(bare);
    expect((await refusal)[0]).toMatchObject({ code: 'TENANCY_CONNECTION_LOST' });
    client.release();
    expect(await pid()).toBeGreaterThan(0);
  });
});

describe.each(['sealed', 'leased'] as const)('a name whose first use fails, lane %s', (lane) => {
  const throwing = {
    toPostgres() {
      throw new Error('its own');
    },
  };
  test.each<[name: string, text: string, first: unknown, codes: readonly string[]]>([
    ['a value that cannot be sent', 'SELECT $1::text AS x', throwing, ['Error: its own', 'no error']],
    ['a value that PostgreSQL refuses', 'SELECT $1::int AS x', 'x', ['22P02', 'no error']],
    ['a statement that is wrong', 'SELECT $1::text FROM nowhere', '1', ['42P01', '42P01']],
  ])('%s: is no harm to those behind it, nor to the connection', async (_, text, first, [code, then]) => {
    start({ maximumPoolSize: 1 }, lane);
    const before = await pid();
    const client = await hold();
    const use = (value: unknown): Promise<string> =>
      codeOf(client.query({ name: 'named', text, values: [value] }));
    expect(await Promise.all([use(first), use('1'), use('1')])).toEqual([code, then, then]);
    expect(await use('1')).toBe(then);
    expect(await use(first)).toBe(code);
    expect(await use('1')).toBe(then);
    client.release();
    expect(await pid()).toBe(before);
  });
});

describe('options', () => {
  test.each([
    { maximumPoolSize: 0 },
    { queryTimeout: 0 },
    { connectTimeout: 0 },
    { idleTimeout: -1 },
    { maximumPoolSize: 1.5 },
    { minimumIdle: 11 },
    { maxPoolSize: 3 } as PoolOptions,
    { metrics: 5 } as unknown as PoolOptions,
    null as unknown as PoolOptions,
    5 as unknown as PoolOptions,
  ])('%o is refused', (options) => {
    expect(() => poolSettings(options)).toThrow(expect.objectContaining({ code: 'TENANCY_OPTION' }));
  });
});

describe('a server that comes and goes', () => {
  test('a restart costs waiting, and no restart of the application', async () => {
    const tenancy = start({ maximumPoolSize: 2, connectionTimeout: 10_000 }, 'auto');
    await tenancy.for(a!.id).query('SELECT 1');
    await cell.postgres.kill();
    const waiting = tenancy
      .for(a!.id)
      .query('SELECT 1 AS one')
      .catch((error: Error) => error);
    await cell.postgres.restart();
    await waiting;
    await until(async () => (await codeOf(tenancy.for(a!.id).query('SELECT 1'))) === 'no error');
  });

  test('a standby gets no work; promoted it does, without being told', async () => {
    await cell.postgres.kill();
    await appendFile(join(cell.postgres.dataDirectory, 'standby.signal'), '');
    await cell.postgres.restart();
    const tenancy = start({ connectionTimeout: 200 });
    const error = await tenancy
      .for(a!.id)
      .query('SELECT 1')
      .catch((refusal: Error) => refusal);
    expect(error).toMatchObject({
      code: 'TENANCY_ACQUIRE_TIMEOUT',
      cause: { message: expect.stringContaining('primary') },
    });
    await cell.superuser.query('SELECT pg_promote()');
    await until(
      async () =>
        (await codeOf(tenancy.for(a!.id).query(`INSERT INTO notes (body) VALUES ('promoted')`))) ===
        'no error',
    );
  });
});

/** The socket behind a client, which no public API shows. */
async function socketOf(client: pg.PoolClient): Promise<{ pause(): void }> {
  const { processID } = client as unknown as { readonly processID: number };
  const activeHandles = Reflect.get(process, '_getActiveHandles') as () => {
    pause?(): void;
    localPort?: number;
  }[];
  const handles = Reflect.apply(activeHandles, process, []);
  const { rows } = await cell.superuser.query<{ port: number }>(
    'SELECT client_port AS port FROM pg_stat_activity WHERE pid = $1',
    [processID],
  );
  return handles.find((handle) => handle.localPort === rows[0]!.port) as { pause(): void };
}
