import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ownerOf, randomBase32, sealedConnection, tenantId } from '@tenantry/tenancy';
import { openApi, type Api } from '../lib/api.ts';
import type { BenchCell } from '../lib/cell.ts';
import { compared, type Row } from '../lib/report.ts';
import { quantile } from '../lib/statistics.ts';
import { Floor } from './floor.ts';
import type { TrafficAnswer, TrafficMessage, TrafficOptions } from './traffic-callers.ts';

const callers = 8;
const tenantCount = 16;
const rows = 200;
const createdPerSecond = 10;

export interface TrafficPlan {
  readonly windows: number;
  readonly windowMs: number;
  readonly thinkMs: number;
}

/**
 * Row 4: the p99 of tenants' point SELECTs while ten tenants a second are created, against the p99 while nothing happens,
 * in windows that take turns. The application is a process of its own, as it is in life.
 *
 * Two more rows tell what the machine itself takes: the same DDL at the same rate over one connection, by nobody's control
 * plane; and the same with one login for each tenant, which whoever tries the new tenant's door cannot do without. Where
 * PostgreSQL alone keeps the cores busy for longer than the limit, no product can hold it.
 */
export async function measureTraffic(
  bench: BenchCell,
  ddl: string,
  plan: TrafficPlan,
): Promise<readonly Row[]> {
  const plane = await bench.startPlane();
  const api = await openApi(plane);
  const tenants = await trafficTenants(bench, api);
  const child = await startCallers(bench, tenants, plan.thinkMs);
  const floor = await Floor.connect(bench.controlUrl);
  const p99While = async (create?: () => Promise<void>): Promise<number> => {
    const creating = create && tenTimesASecond(create, plan.windowMs);
    const samples = await window(child, plan.windowMs);
    await creating;
    return quantile(samples, 0.99);
  };
  try {
    const p99: Record<'quiet' | 'bare' | 'login' | 'busy', number[]> = {
      quiet: [],
      bare: [],
      login: [],
      busy: [],
    };
    await p99While();
    for (let n = 0; n < plan.windows; n++) {
      p99.quiet.push(await p99While());
      p99.bare.push(await p99While(() => floor.build(ddl)));
      p99.login.push(
        await p99While(async () => {
          await floor.build(ddl);
          await login(bench, tenants[0]!);
        }),
      );
      p99.busy.push(await p99While(() => api.create(`load-${randomBase32(12)}`)));
    }
    const rate = `${String(createdPerSecond)} tenants/s`;
    return [
      compared(`p99 of SELECTs while ${rate} are created`, p99.busy, 'quiet', p99.quiet, 2),
      compared(`p99 of SELECTs while bare DDL makes ${rate}`, p99.bare, 'quiet', p99.quiet, null),
      compared(`p99 of SELECTs while bare DDL and a login make ${rate}`, p99.login, 'quiet', p99.quiet, null),
      compared(`p99 of SELECTs, created against bare DDL`, p99.busy, 'bare DDL', p99.bare, null),
    ];
  } finally {
    await floor.end();
    child.send({ end: true } satisfies TrafficMessage);
    await once(child, 'exit');
    await api.close();
    await plane.stop();
  }
}

/** Tenants that the product made, with some rows in them. */
async function trafficTenants(bench: BenchCell, api: Api): Promise<readonly string[]> {
  for (let n = 0; n < tenantCount; n++) await api.create(`traffic-${randomBase32(8)}`);
  const { items } = await api.client.call('listTenants', {
    query: { q: 'traffic-', limit: tenantCount, sort: '-createdAt' },
  });
  for (const { id } of items) {
    const owner = pg.escapeIdentifier(ownerOf(tenantId(id)));
    await bench.superuser.query(`
      BEGIN;
      SET LOCAL ROLE ${owner};
      INSERT INTO ${pg.escapeIdentifier(id)}.entity_1 (code, name)
        SELECT 'code ' || n, 'name ' || n FROM generate_series(1, ${String(rows)}) n;
      COMMIT`);
  }
  return items.map(({ id }) => id);
}

/** A session of a tenant that asks one thing, and nothing that a new tenant would be refused. */
async function login(bench: BenchCell, tenant: string): Promise<void> {
  const client = new pg.Client(
    sealedConnection({
      cell: bench.cell.address,
      tenant: tenantId(tenant),
      credentialKey: bench.ctx.cells.credentialKey,
      credentialVersion: 1,
      applicationName: 'bench login',
    }),
  );
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
}

async function startCallers(
  bench: BenchCell,
  tenants: readonly string[],
  thinkMs: number,
): Promise<ChildProcess> {
  const options: TrafficOptions = {
    cell: bench.cell.address,
    tenants,
    credentialKey: Buffer.from(bench.ctx.cells.credentialKey).toString('base64'),
    callers,
    rows,
    thinkMs,
  };
  const env = { ...process.env, BENCH_OPTIONS: JSON.stringify(options) };
  const child = fork(fileURLToPath(new URL('traffic-callers.ts', import.meta.url)), { env });
  await once(child, 'message');
  return child;
}

async function window(child: ChildProcess, windowMs: number): Promise<readonly number[]> {
  child.send({ windowMs } satisfies TrafficMessage);
  const [answer] = (await once(child, 'message')) as [TrafficAnswer];
  if (!('samples' in answer)) throw new Error('The callers gave no samples.');
  if (answer.failed > 0) throw new Error(`${String(answer.failed)} queries failed during a window.`);
  return answer.samples;
}

/** Asks for a tenant every tenth of a second, whether or not the one before is done. */
async function tenTimesASecond(create: () => Promise<void>, windowMs: number): Promise<void> {
  const every = 1000 / createdPerSecond;
  const end = performance.now() + windowMs;
  const created: Promise<void>[] = [];
  for (let next = performance.now(); next < end; next += every) {
    const wait = next - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    created.push(create());
  }
  await Promise.all(created);
}
