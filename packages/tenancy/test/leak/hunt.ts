import { isTenancyError, sqlStateOf, type Tenancy, type TenantId } from '../support/tenancy.ts';
import type { TestCell, TestTenant } from '../support/cell.ts';
import type { TestDirectory } from '../support/directory.ts';

export interface HuntOptions {
  readonly cell: TestCell;
  readonly tenancy: Tenancy;
  readonly directory: TestDirectory;
  readonly callers: number;
  readonly ms: number;
  /** Goes on after that until it has seen enough, however slow the machine is; for a minute more at most. */
  readonly isEnough?: (caught: Caught) => boolean;
  /** Drop, recreate, rotate and restart meanwhile. */
  readonly upheaval: boolean;
}

export interface Caught {
  /** What came back that was not the caller's. */
  readonly foreign: readonly string[];
  /** Acts that ended well, and those that were refused, by code. */
  readonly done: number;
  readonly refused: ReadonlyMap<string, number>;
  readonly upheavals: readonly string[];
}

/** What may be refused while tenants come and go and the server restarts; anything else is a defect of its own. */
const expected: ReadonlySet<string> = new Set(
  [
    'TENANT_NOT_FOUND TENANCY_CONNECTION_LOST TENANCY_QUERY_TIMEOUT TENANCY_ACQUIRE_TIMEOUT',
    'TENANCY_COMMIT_UNKNOWN TENANCY_LANE_VIOLATION TENANCY_CREDENTIAL',
    // A duplicate, a division by zero, a cancel, the server's end, a tenant that is being dropped.
    '23505 22012 57014 57P01 57P02 57P03 42501 42P01 3F000 42704 22023 40P01 25P02 XX000',
  ].flatMap((codes) => codes.split(' ')),
);

const mostMoreMs = 60_000;

/** Callers of many tenants do whatever comes to their mind, and look at every byte that comes back. */
export async function hunt(options: HuntOptions): Promise<Caught> {
  const { cell, tenancy, callers, ms, isEnough = () => true } = options;
  const foreign: string[] = [];
  const refused = new Map<string, number>();
  const upheavals: string[] = [];
  const until = performance.now() + ms;
  let done = 0;
  const caught = (): Caught => ({ foreign, done, refused, upheavals });
  const goesOn = (): boolean => {
    const now = performance.now();
    return now < until || (now < until + mostMoreMs && !isEnough(caught()));
  };

  const look = (tenant: TestTenant, act: string, rows: readonly object[]): void => {
    for (const row of rows) {
      for (const text of JSON.stringify(row).matchAll(/t_[a-z2-7]{12}/g))
        if (text[0] !== tenant.id) foreign.push(`${act}: ${tenant.id} saw ${JSON.stringify(row)}`);
    }
  };
  const caller = async (): Promise<void> => {
    while (goesOn()) {
      const tenant = pick(cell.tenants);
      const act = pick(acts);
      try {
        look(tenant, act.name, await act(tenancy, tenant, pick(cell.tenants).id));
        done += 1;
      } catch (error) {
        const code = isTenancyError(error) ? error.code : (sqlStateOf(error) ?? String(error));
        refused.set(code, (refused.get(code) ?? 0) + 1);
        if (!expected.has(code)) foreign.push(`${act.name} was refused with ${code}: ${String(error)}`);
        // A server that is down is not hammered.
        if (isTenancyError(error)) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  const stir = options.upheaval ? upheaval(options, goesOn, upheavals) : Promise.resolve();
  await Promise.all([stir, ...Array.from({ length: callers }, caller)]);
  return caught();
}

type Act = (tenancy: Tenancy, tenant: TestTenant, other: TenantId) => Promise<readonly object[]>;

const who = `SELECT current_user AS me, current_setting('search_path') AS path, body FROM notes WHERE id = $1`;

const acts: readonly Act[] = [
  async function read(tenancy, { id }) {
    return (await tenancy.run(id, () => tenancy.pool.query(who, [1 + Math.floor(Math.random() * 5)]))).rows;
  },
  async function readAgain(tenancy, { id }) {
    return (await tenancy.for(id).query('SELECT body, current_user AS me FROM notes ORDER BY id LIMIT 3'))
      .rows;
  },
  async function write(tenancy, { id }) {
    await tenancy.for(id).query('INSERT INTO notes (body) VALUES ($1)', [`written by ${id}`]);
    return (await tenancy.for(id).query('SELECT body FROM notes ORDER BY id DESC LIMIT 3')).rows;
  },
  async function transact(tenancy, { id }) {
    return tenancy.for(id).transaction(
      async (tx) => {
        await tx.query('INSERT INTO notes (body) VALUES ($1)', [`written by ${id}`]);
        if (Math.random() < 0.3) await tx.savepoint((part) => part.query('SELECT 1/0')).catch(() => {});
        return (await tx.query(who, [1])).rows;
      },
      { retry: { attempts: 2 } },
    );
  },
  async function fail(tenancy, { id, canary }) {
    return (
      await tenancy.for(id).query('INSERT INTO notes (id, body) VALUES (1, $1) RETURNING body', [canary])
    ).rows;
  },
  async function takeLong(tenancy, { id }) {
    if (Math.random() < 0.9) return [];
    return (await tenancy.for(id).query('SELECT pg_sleep(20), current_user AS me')).rows;
  },
  async function walkAway(tenancy, { id }) {
    const client = await tenancy.for(id).pool.connect();
    const going = client.query('SELECT pg_sleep(0.01), body FROM notes').catch(() => {});
    if (Math.random() < 0.5) client.release(true);
    else {
      await going;
      await client.query('BEGIN').catch(() => {});
      client.release();
    }
    return [];
  },
  async function poison(tenancy, { id }, other) {
    const client = await tenancy.for(id).pool.connect();
    try {
      await client.query(`SET search_path = ${other}, public`);
      await client.query('BEGIN');
      await client.query(`DECLARE "hold_${id}" CURSOR WITH HOLD FOR SELECT body FROM ${id}.notes LIMIT 1`);
      await client.query('COMMIT');
      await client.query(`PREPARE "of_${id}" AS SELECT 1`);
      await client.query(`SELECT set_config('app.tenant', '${id}', false)`);
      if (Math.random() < 0.3) await client.query('RESET ROLE');
    } finally {
      client.release();
    }
    return [];
  },
  async function lookAround(tenancy, { id }) {
    return (
      await tenancy.for(id).query(
        `SELECT current_user AS me, (SELECT string_agg(name, ',') FROM pg_cursors) AS cursors,
                (SELECT string_agg(name, ',') FROM pg_prepared_statements WHERE name <> '') AS prepared,
                current_setting('app.tenant', true) AS setting`,
      )
    ).rows;
  },
  async function named(tenancy, { id }) {
    return (await tenancy.for(id).query({ name: 'read', text: who, values: [2] })).rows;
  },
  async function steal(tenancy, { id }, other) {
    if (other === id) return [];
    return (await tenancy.for(id).query(`SELECT body FROM ${other}.notes`)).rows;
  },
  async function become(tenancy, { id }, other) {
    if (other === id) return [];
    return (await tenancy.for(id).query(`SELECT set_config('role', $1, false)`, [other])).rows;
  },
];

async function upheaval(
  { cell, directory, ms }: HuntOptions,
  goesOn: () => boolean,
  log: string[],
): Promise<void> {
  const started = performance.now();
  let restarted = false;
  for (let round = 0; goesOn(); round++) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    const half = performance.now() > started + ms / 2;
    try {
      if (half && !restarted) {
        restarted = true;
        log.push('restart');
        await cell.postgres.kill();
        await cell.postgres.restart();
      } else if (round % 2 === 0) {
        const dropped = pick(cell.tenants);
        log.push('drop and create');
        directory.remove(dropped.id, round % 4 === 0);
        await cell.dropTenant(dropped);
        directory.set(cell.placement(await cell.addTenant()));
      } else {
        log.push('rotate');
        directory.set(cell.placement(await cell.rotate(pick(cell.tenants))), round % 3 === 0);
      }
    } catch (error) {
      // The server is away for the upheaval itself too.
      log.push(`(${String((error as { readonly code?: string }).code ?? error)})`);
    }
  }
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)]!;
}
