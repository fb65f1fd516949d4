import { parseArgs } from 'node:util';
import { startTestCell } from '../../packages/tenancy/test/support/cell.ts';
import { compared, concludeRun, toTable, type Result } from '../lib/report.ts';
import { measureHttp } from './http.ts';
import { measure, type Plan } from './measure.ts';
import { one, uniform, zipf, type Population } from './population.ts';
import { fillBusy, raw, setLocalRole, size, tenantry } from './ways.ts';

const usage = `node bench/tenancy/main.ts [--tenants 5000] [--quick] [--only select,transaction,http] [--report]

  --tenants  tenants in the cell (default 5000; with --quick 200)
  --quick    fewer rounds and tenants, in about a minute
  --only     some of the rows
  --report   print, and end with 0 also where something was missed`;

const { values: flags } = parseArgs({
  options: {
    tenants: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'select,transaction,http' },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(usage);
  process.exit(0);
}
const tenants = Number(flags.tenants ?? (flags.quick ? 200 : 5000));
if (!Number.isInteger(tenants) || tenants < 100)
  throw new RangeError('--tenants must be a whole number from 100.');
const rounds = flags.quick ? 5 : 11;
const wanted = new Set(flags.only.split(','));

const settings = {
  cluster_name: 'tenantry-bench',
  fsync: 'on',
  full_page_writes: 'on',
  shared_buffers: '512MB',
  max_locks_per_transaction: 1024,
  max_connections: 120,
} as const;
const cell = await startTestCell({ tenants: 0, slots: 40, settings });
const results: Result[] = [];
const started = performance.now();
try {
  await cell.fill(tenants);
  note(`${String(tenants)} tenants are in the cell`);
  await fillBusy(cell);
  await cell.superuser.query('VACUUM ANALYZE');
  const ways = [raw(cell), await setLocalRole(cell), tenantry(cell, 'auto'), tenantry(cell, 'leased')];
  const withSealed = [...ways, tenantry(cell, 'sealed')];
  const many = [
    uniform(100),
    zipf(Math.min(1000, tenants), 1.1),
    uniform(Math.min(2000, tenants)),
    uniform(tenants),
  ];
  if (wanted.has('select')) {
    for (const callers of [8, 32])
      await tell('select', one, callers, withSealed, { auto: 0.95, sealed: 0.95 });
    const distinct = many.filter(({ name }, i) => many.findIndex((other) => other.name === name) === i);
    for (const population of distinct)
      for (const callers of [8, 32])
        await tell('select', population, callers, ways, { auto: 0.25, leased: 0.25 });
  }
  if (wanted.has('transaction')) {
    await tell('transaction', one, 8, withSealed, { auto: 0.95, sealed: 0.95 });
    await tell('transaction', many[1]!, 8, ways, { auto: 0.7 });
  }
  await Promise.all(withSealed.map((way) => way.close()));
  if (wanted.has('http')) results.push(...(await measureHttp(cell, { rounds, quick: flags.quick })));
} finally {
  await cell.stop();
}

await concludeRun('tenancy', results, {
  postgres: '18',
  settings: { ...settings, connections: size },
  report: flags.report,
});

/** `least` holds the throughput that a way has to reach, as a share of the raw pool's; others are only told. */
async function tell(
  work: Plan['work'],
  population: Population,
  callers: number,
  ways: Parameters<typeof measure>[0],
  least: Readonly<Record<string, number>>,
): Promise<void> {
  const units = (work === 'select' ? 2_000 : 500) / (flags.quick ? 2 : 1);
  const samples = await measure(ways, { population, callers, work, units, rounds });
  const floor = samples['raw pg.Pool']!;
  for (const { name } of ways.slice(1)) {
    const limit = least[name] === undefined ? null : Math.round(100 / least[name]) / 100;
    const row = `${work}, ${population.name}, ${String(callers)} callers: ${name}`;
    results.push(compared(row, samples[name]!, 'raw pg.Pool', floor, limit));
    note(toTable(results.slice(-1)).split('\n').at(-1)!);
  }
}

function note(text: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}
