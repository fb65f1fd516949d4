import pg from 'pg';
import { randomBase32 } from '@tenantry/tenancy';
import { claimSpare } from '../../packages/server/src/tenants/spares.ts';
import { openApi } from '../lib/api.ts';
import type { BenchCell } from '../lib/cell.ts';
import { interleave, timed } from '../lib/interleave.ts';
import { compared, within, type Row } from '../lib/report.ts';
import { fill } from './floor.ts';

/** p99 of a whole operation from the pool, in milliseconds. */
const limitMs = 20;
/** Callers of "a few at once". */
const few = 3;

/** Row 3, first part: taking a spare, with its commit, against an INSERT of one row with its commit. */
export async function measureClaim(bench: BenchCell, rounds: number): Promise<Row> {
  const warmup = 20;
  const { id: set } = await bench.ctx.migrations.current();
  await addRows(bench, rounds + warmup);
  const client = new pg.Client({ connectionString: bench.controlUrl });
  await client.connect();
  try {
    await client.query(
      'CREATE TABLE IF NOT EXISTS tenantry.bench_rows (id text PRIMARY KEY, at timestamptz)',
    );
    const ms = await interleave(
      rounds,
      {
        insert: () =>
          timed(() => client.query('INSERT INTO tenantry.bench_rows VALUES ($1, now())', [randomBase32(12)])),
        claim: () =>
          timed(async () => {
            const spare = await bench.control.db
              .transaction()
              .execute((tx) => claimSpare(tx, bench.cell.id, set));
            if (spare === undefined) throw new Error('The warm pool of the benchmark is empty.');
          }),
      },
      warmup,
    );
    return compared('claim of a spare, committed', ms.claim, 'one-row insert', ms.insert, 3);
  } finally {
    await client.query('DROP TABLE tenantry.bench_rows');
    await client.end();
  }
}

/**
 * Row 3, second part: POST /v1/tenants from a filled pool, one at a time and a few at once. What refills the pool is off,
 * as between two bursts.
 */
export async function measureWarmOperation(
  bench: BenchCell,
  ddl: string,
  count: number,
): Promise<readonly Row[]> {
  const warmup = 20;
  const plane = await bench.startPlane();
  const api = await openApi(plane);
  // A control plane without a warm pool drops the spares that it finds: at its start, which is over by the end of this
  // operation, and every minute, which is called off.
  await bench.superuser.query("DELETE FROM pgboss.schedule WHERE name = 'maintain'");
  await api.create(`w-${randomBase32(12)}`);
  await addSpares(bench, ddl, 2 * (count + warmup));
  const run = async (callers: number): Promise<readonly number[]> => {
    const ms: number[] = [];
    let left = count + warmup;
    const caller = async () => {
      while (left-- > 0) ms.push(await timed(() => api.claim(`w-${randomBase32(12)}`)));
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return ms.slice(warmup);
  };
  try {
    return [
      within('whole operation from the pool, one at a time', await run(1), limitMs),
      within(`whole operation from the pool, ${String(few)} at once`, await run(few), limitMs),
    ];
  } finally {
    await api.close();
    await plane.stop();
  }
}

/** Rows of spares without schemas, which is enough for a claim: it touches the row and nothing else. */
async function addRows(bench: BenchCell, count: number): Promise<void> {
  await register(
    bench,
    "SELECT 't_' || translate(lpad(n::text, 12, '0'), '0189', 'abcd') FROM generate_series(1, $1) n",
    count,
  );
}

/** Spares with schemas: those which the floor has made and which belong to nobody, and as many new ones as it takes. */
async function addSpares(bench: BenchCell, ddl: string, count: number): Promise<void> {
  const free = `FROM pg_namespace WHERE nspname ~ '^t_[a-z2-7]{12}$'
    AND nspname NOT IN (SELECT id FROM tenantry.tenants) AND nspname NOT IN (SELECT id FROM tenantry.spares)`;
  const { rows } = await bench.control.pool.query<{ count: string }>(`SELECT count(*) ${free}`);
  await fill(bench.controlUrl, ddl, Math.max(0, count - Number(rows[0]!.count)));
  await register(bench, `SELECT nspname::text ${free} LIMIT $1`, count);
}

async function register(bench: BenchCell, ids: string, count: number): Promise<void> {
  const current = await bench.ctx.migrations.current();
  await bench.ctx.migrations.register(bench.control.db, current);
  await bench.control.pool.query(
    `INSERT INTO tenantry.spares (id, cell_id, state, migration_set) SELECT id, $2, 'ready', $3 FROM (${ids}) s (id)`,
    [count, bench.cell.id, current.id],
  );
}
