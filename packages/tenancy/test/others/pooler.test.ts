import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { TestDirectory } from '../support/directory.ts';
import { codeOf, open, type Opened } from '../support/open.ts';
import { pgbouncer, startPgBouncer, type PgBouncer } from '../support/pgbouncer.ts';
import { SharedSessions } from '../support/shared-sessions.ts';
import { deriveCredential, type TenancyOptions } from '../support/tenancy.ts';
import { startNaive, type Naive } from './naive.ts';

type LaneOption = NonNullable<TenancyOptions['lane']>;

/** "A Python one leaks behind PgBouncer": its session is set up once, and is lent to the next client. */
let cell: TestCell;
let a: TestTenant;
let b: TestTenant;
let naive: Naive;
beforeAll(async () => {
  // One slot: whoever leases, leases this one.
  cell = await startTestCell({ tenants: 2, slots: 1 });
  [a, b] = cell.tenants as [TestTenant, TestTenant];
  naive = await startNaive(cell);
});
afterAll(async () => {
  await naive?.pool.end();
  await cell?.stop();
});

/** One process of an application that has been given a pooler's address. */
function through({ port }: { readonly port: number }, lane: LaneOption): Opened {
  const limits = { maximumPoolSize: 2, connectionTimeout: 1_000 };
  const hosts = [{ host: '127.0.0.1', port }];
  return open(cell, lane, limits, new TestDirectory(cell.placements({ hosts })));
}

async function read({ tenancy }: Opened, { id }: TestTenant): Promise<string> {
  const { rows } = await tenancy.for(id).query<{ body: string }>('SELECT body FROM notes WHERE id = 1');
  return rows[0]!.body;
}

async function close(processes: readonly Opened[]): Promise<void> {
  await Promise.all(processes.map(({ tenancy }) => tenancy.close({ deadlineMs: 200 })));
}

/** A pooler keeps its backends, and a slot has one at a time. */
async function freeSlots(): Promise<void> {
  await cell.superuser.query(
    `SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE usename LIKE 'tenantry_slot%'`,
  );
}

describe('behind a pooler that lends one session to all', () => {
  test('a slot that is not held alone is not leased to', async () => {
    const pooler = await SharedSessions.to(cell.postgres.port);
    const each = through(pooler, 'leased');
    try {
      expect(await codeOf(read(each, a))).toBe('TENANCY_OPTION');
    } finally {
      await close([each]);
      await pooler.stop();
      await freeSlots();
    }
  });

  test('on auto its tenants log in instead, and share sessions with nobody else', async () => {
    const pooler = await SharedSessions.to(cell.postgres.port);
    const processes = [through(pooler, 'auto'), through(pooler, 'auto')];
    try {
      for (const each of processes)
        for (const tenant of [a, b, a]) expect(await read(each, tenant)).toBe(tenant.canary);
    } finally {
      await close(processes);
      await pooler.stop();
      await freeSlots();
    }
  });

  test('where the pooler is not noticed, one process still has the slot for itself', async () => {
    const pooler = await SharedSessions.to(cell.postgres.port, { tellsRealPid: true });
    const [one, two] = [through(pooler, 'leased'), through(pooler, 'leased')];
    try {
      expect(await read(one, a)).toBe(a.canary);
      expect(await codeOf(read(two, b))).toBe('TENANCY_ACQUIRE_TIMEOUT');
      expect(await read(one, a)).toBe(a.canary);
    } finally {
      await close([one, two]);
      await pooler.stop();
      await freeSlots();
    }
  });
});

describe.skipIf(pgbouncer === undefined)('behind PgBouncer (skipped where it is not installed)', () => {
  let pooler: PgBouncer;
  beforeAll(async () => {
    pooler = await startPgBouncer(cell);
  });
  afterAll(() => pooler?.stop());

  test.each(['sealed', 'auto'] as const)(
    '%s: a backend is shared by clients of one tenant alone',
    async (lane) => {
      const processes = [through(pooler, lane), through(pooler, lane)];
      try {
        for (let round = 0; round < 10; round++) {
          await Promise.all(
            processes.flatMap((each) =>
              [a, b].map(async (tenant) => expect(await read(each, tenant)).toBe(tenant.canary)),
            ),
          );
        }
        // What one of them leaves in the session is its own tenant's affair.
        await processes[0]!.tenancy.for(a.id).query(`SELECT set_config('search_path', $1, false)`, [b.id]);
        expect(await read(processes[1]!, b)).toBe(b.canary);
        expect(await codeOf(read(processes[1]!, a))).toMatch(/^(?:no error|42P01)$/);
      } finally {
        await close(processes);
      }
    },
  );

  test('leased: a slot that is not held alone is not leased to, and nothing is run', async () => {
    const processes = [through(pooler, 'leased'), through(pooler, 'leased')];
    try {
      for (const [process, tenant] of [
        [0, a],
        [1, b],
        [0, a],
      ] as const)
        expect(await codeOf(read(processes[process]!, tenant))).toBe('TENANCY_OPTION');
    } finally {
      await close(processes);
    }
  });

  test('leased: nor where the pooler lends whole sessions', async () => {
    const sessions = await startPgBouncer(cell, { mode: 'session' });
    await freeSlots();
    const each = through(sessions, 'leased');
    try {
      expect(await codeOf(read(each, a))).toBe('TENANCY_OPTION');
    } finally {
      await close([each]);
      await sessions.stop();
    }
  });

  test('a pooler that does not pass on how a session starts lets nobody in', async () => {
    const strict = await startPgBouncer(cell, { ignoresOptions: false });
    const each = through(strict, 'auto');
    try {
      expect(await codeOf(read(each, a))).toBe('TENANCY_ACQUIRE_TIMEOUT');
    } finally {
      await close([each]);
      await strict.stop();
    }
  });

  test('control: of two clients with a search path each, both read what the last one has set', async () => {
    const clients = [a, b].map(() => {
      const password = deriveCredential(cell.credentialKey, 'app', 1);
      return new pg.Client({
        host: '127.0.0.1',
        port: pooler.port,
        database: 'tenantry',
        user: 'app',
        password,
      });
    });
    await Promise.all(clients.map((client) => client.connect()));
    try {
      await clients[0]!.query(`SET search_path TO ${a.id}`);
      await clients[1]!.query(`SET search_path TO ${b.id}`);
      const { rows } = await clients[0]!.query('SELECT body FROM notes WHERE id = 1');
      expect(rows).toEqual([{ body: b.canary }]);
    } finally {
      await Promise.all(clients.map((client) => client.end()));
    }
  });
});
