import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTenancy, sqlStateOf, type Tenancy, type TenantId } from '../support/tenancy.ts';
import { dataAttacks, escapeAttacks, poisons, type Attack } from '../support/attacks.ts';
import { startTestCell, type TestCell } from '../support/cell.ts';
import { TestDirectory } from '../support/directory.ts';

let cell: TestCell;
let a: TenantId;
let b: TenantId;
let canary: string;
let largeObject: number;
let victim: pg.Client;
let victimPid: number;

beforeAll(async () => {
  cell = await startTestCell({ tenants: 2, slots: 8 });
  [a, b] = [cell.tenants[0]!.id, cell.tenants[1]!.id];
  canary = cell.tenants[1]!.canary;
  victim = await cell.loginAs(b);
  const { rows } = await victim.query<{ oid: number; pid: number }>(
    `SELECT lo_from_bytea(0, 'secret') AS oid, pg_backend_pid() AS pid`,
  );
  [largeObject, victimPid] = [rows[0]!.oid, rows[0]!.pid];
});
afterAll(async () => {
  await victim.end();
  await cell.stop();
});

function fill(sql: string): string {
  return sql
    .replaceAll('$pid', String(victimPid))
    .replaceAll('$lo', String(largeObject))
    .replaceAll('$a', a)
    .replaceAll('$b', b);
}

interface Outcome {
  /** SQLSTATE of the first step that was refused, or 00000. */
  readonly state: string;
  /** All that came back. */
  readonly seen: string;
}

type Run = (sql: string) => Promise<unknown>;

async function outcomeOf(steps: readonly string[], run: Run): Promise<Outcome> {
  let seen = '';
  for (const step of steps) {
    try {
      const result = await run(fill(step));
      seen += JSON.stringify(
        (Array.isArray(result) ? result : [result]).map((each) => (each as pg.QueryResult).rows),
      );
    } catch (error) {
      return { state: sqlStateOf(error) ?? String(error), seen: seen + (error as Error).message };
    }
  }
  return { state: '00000', seen };
}

/** Over the public API: an injected SELECT through the pool, statements on a client that the attacker holds. */
async function attack(tenancy: Tenancy, { level, steps }: Attack): Promise<Outcome> {
  const { pool } = tenancy.for(a);
  if (level !== 2) return outcomeOf(steps, (sql) => pool.query(sql));
  const client = await pool.connect();
  try {
    return await outcomeOf(steps, (sql) => client.query(sql));
  } finally {
    client.release();
  }
}

describe.each(['sealed', 'leased', 'auto'] as const)('lane %s', (lane) => {
  let tenancy: Tenancy;
  beforeAll(() => {
    tenancy = createTenancy({
      directory: new TestDirectory(cell.placements()),
      credentialKey: cell.credentialKey,
      lane,
      pool: { maximumPoolSize: 2 },
    });
  });
  afterAll(() => tenancy.close());

  test.each([...dataAttacks, ...escapeAttacks])(
    'level $level: $name is refused with $state',
    async (each) => {
      const { state, seen } = await attack(tenancy, each);
      expect(state, each.steps.join('; ')).toBe(each.state);
      expect(seen).not.toContain(canary);
      // The attacker is where it was, and so is the victim.
      const own = await tenancy
        .for(a)
        .query('SELECT current_user AS me, count(*)::int AS n FROM notes WHERE id <= 5');
      expect(own.rows).toEqual([{ me: a, n: 5 }]);
    },
  );

  test('database_to_xml shows what is its own and nothing else', async () => {
    const { rows } = await tenancy.for(a).query(`SELECT database_to_xml(true, true, '')::text AS xml`);
    expect(rows[0]!.xml).toContain(cell.tenants[0]!.canary);
    expect(rows[0]!.xml).not.toContain(canary);
  });

  test("the text of the victim's query is not shown", async () => {
    const { rows } = await tenancy
      .for(a)
      .query('SELECT query FROM pg_stat_activity WHERE pid = $1', [victimPid]);
    expect(rows).toEqual([{ query: '<insufficient privilege>' }]);
  });

  test('the victim has lost nothing', async () => {
    const { rows } = await tenancy.for(b).query('SELECT DISTINCT body FROM notes');
    expect(rows).toEqual([{ body: canary }]);
  });
});

describe.each(['sealed', 'leased', 'auto'] as const)('what is left behind, lane %s', (lane) => {
  let tenancy: Tenancy;
  beforeAll(() => {
    tenancy = createTenancy({
      directory: new TestDirectory(cell.placements({ slots: 1 })),
      credentialKey: cell.credentialKey,
      lane,
      // One connection, so that the next tenant gets the same one wherever it can.
      pool: { maximumPoolSize: 1, maximumPerTenant: 1 },
    });
  });
  afterAll(() => tenancy.close());

  test.each(poisons)('$name does not reach the next tenant', async ({ steps, refused = '00000', look }) => {
    const fresh = await outcomeOf([look], (sql) => tenancy.for(b).query(sql));
    const attacker = await tenancy.for(a).pool.connect();
    const { state } = await outcomeOf(steps, (sql) => attacker.query(sql));
    attacker.release();
    expect(state).toBe(refused);
    expect(await outcomeOf([look], (sql) => tenancy.for(b).query(sql))).toEqual(fresh);
  });

  test.each(poisons)(
    '$name does not reach the next user of the same tenant',
    async ({ name, steps, look }) => {
      // That a sequence was used is not left in the session by anything but a query, of which PostgreSQL tells nothing.
      if (['lastval()', 'a session-level advisory lock', 'a setting of its own'].includes(name)) return;
      const fresh = await outcomeOf([look], (sql) => tenancy.for(a).query(sql));
      const first = await tenancy.for(a).pool.connect();
      await outcomeOf(steps, (sql) => first.query(sql));
      first.release();
      expect(await outcomeOf([look], (sql) => tenancy.for(a).query(sql))).toEqual(fresh);
    },
  );
});

describe('the usual ways, as controls', () => {
  let insecure: pg.Client;
  beforeAll(async () => {
    await cell.superuser.query(`
      CREATE ROLE path_app LOGIN PASSWORD 'x'; CREATE ROLE role_app LOGIN PASSWORD 'x';
      GRANT ${a}, ${b} TO path_app WITH INHERIT TRUE, SET FALSE;
      GRANT ${a}, ${b} TO role_app WITH INHERIT FALSE, SET TRUE;
      GRANT CONNECT ON DATABASE tenantry TO path_app, role_app`);
  });

  async function connect(user: string): Promise<pg.Client> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: cell.postgres.port,
      database: 'tenantry',
      user,
      password: 'x',
    });
    await client.connect();
    return client;
  }

  test.each(dataAttacks.filter(({ hits }) => hits?.includes('search_path')))(
    'one login for all with a search path: level $level, $name succeeds',
    async ({ steps, level }) => {
      insecure = await connect('path_app');
      try {
        await insecure.query(`SET search_path = ${a}`);
        const { state } = await outcomeOf(
          level === 3 ? [steps[0]!.replace('SET ROLE $b;', '')] : steps,
          (sql) => insecure.query(sql),
        );
        expect(state).toBe('00000');
      } finally {
        await insecure.end();
      }
    },
  );

  test.each(dataAttacks.filter(({ hits }) => hits?.includes('set role')))(
    'one login for all with SET ROLE: level $level, $name succeeds',
    async ({ steps }) => {
      insecure = await connect('role_app');
      try {
        await insecure.query(`BEGIN; SET LOCAL ROLE ${a}; SET LOCAL search_path = ${a}`);
        const { state, seen } = await outcomeOf(steps, (sql) => insecure.query(sql));
        expect(state).toBe('00000');
        if (!steps.at(-1)!.startsWith('INSERT')) expect(seen).toContain(canary.split(' ')[0]);
      } finally {
        await insecure.end();
      }
    },
  );

  test.each(poisons.filter(({ survivesReset }) => survivesReset))(
    'RESET ROLE and RESET ALL leave $name',
    async (each) => {
      insecure = await connect('role_app');
      try {
        await insecure.query(`SET ROLE ${b}; SET search_path = ${b}`);
        const fresh = await outcomeOf([each.look], (sql) => insecure.query(sql));
        await insecure.query(`SET ROLE ${a}; SET search_path = ${a}`);
        await outcomeOf(each.steps, (sql) => insecure.query(sql));
        await insecure.query(`RESET ROLE; RESET ALL; SET ROLE ${b}; SET search_path = ${b}`);
        expect(await outcomeOf([each.look], (sql) => insecure.query(sql))).not.toEqual(fresh);
      } finally {
        await insecure.end();
      }
    },
  );
});
