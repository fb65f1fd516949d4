import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchSettings, startBenchCell, type BenchCell } from '../lib/cell.ts';
import { concludeRun, toTable, type Result } from '../lib/report.ts';
import { measureBuild } from './build.ts';
import { fill } from './floor.ts';
import { measureOperation } from './operation.ts';
import { measureRealFiles } from './real-files.ts';
import { benchmarkSet, squashed, writeSet } from './set.ts';
import { measureTraffic } from './traffic.ts';
import { measureClaim, measureWarmOperation } from './warm-pool.ts';

const usage = `node bench/provision/main.ts [--tenants 3000] [--quick] [--only build,operation,warm,traffic,real] [--report]

  --tenants  the largest number of tenants in the cell (default 3000; with --quick 100)
  --quick    fewer rounds, in about a minute; too few for a p99
  --only     some of the rows
  --report   print, and end with 0 also where something was missed`;

const { values: flags } = parseArgs({
  options: {
    tenants: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'build,operation,warm,traffic,real' },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(usage);
  process.exit(0);
}

const quick = flags.quick;
const most = Number(flags.tenants ?? (quick ? 100 : 3000));
if (!Number.isInteger(most) || most < 10) throw new RangeError('--tenants must be a whole number from 10.');
const wanted = new Set(flags.only.split(','));
const populations = [...[10, 100, 1000].filter((n) => n < most), most];
const rounds = quick ? 15 : 40;

const files = benchmarkSet();
const ddl = squashed(files);
const directory = await mkdtemp(join(tmpdir(), 'tenantry-bench-set-'));
const results: Result[] = [];
const started = performance.now();
let postgres = 'unknown';

try {
  await writeSet(directory, files);
  if (['build', 'operation', 'warm', 'traffic'].some((row) => wanted.has(row))) {
    const bench = await startBenchCell(directory);
    try {
      postgres = (await bench.superuser.query<{ server_version: string }>('SHOW server_version')).rows[0]!
        .server_version;
      await measureCell(bench);
    } finally {
      await bench.stop();
    }
  }
  if (wanted.has('real')) tell(...(await measureRealFiles(quick ? 5 : 15)));
} finally {
  await rm(directory, { recursive: true, force: true });
}

await concludeRun('provision', results, { postgres, settings: benchSettings, report: flags.report });

async function measureCell(bench: BenchCell): Promise<void> {
  let present = 0;
  for (const population of populations) {
    await fill(bench.controlUrl, ddl, Math.max(0, population - present));
    present = population;
    note(`${String(population)} tenants are in the cell`);
    if (wanted.has('build')) {
      tell(await measureBuild(bench, ddl, population, rounds));
      present += rounds * 2;
    }
    const ends = population === populations[0] || population === most;
    if (wanted.has('operation') && ends) {
      tell(await measureOperation(bench, ddl, population, rounds));
      present += rounds * 2;
    }
    // Before the cell is filled: afterwards autovacuum cleans the catalogs for minutes, and is what one would measure.
    if (population === populations[0]) await measureTraffics(bench);
  }
  if (wanted.has('warm')) {
    tell(await measureClaim(bench, quick ? 200 : 500));
    tell(...(await measureWarmOperation(bench, ddl, quick ? 60 : 300)));
  }
}

async function measureTraffics(bench: BenchCell): Promise<void> {
  if (!wanted.has('traffic')) return;
  const plan = { windows: quick ? 3 : 8, windowMs: quick ? 2000 : 4000, thinkMs: 5 };
  tell(...(await measureTraffic(bench, ddl, plan)));
}

function tell(...rows: readonly Result[]): void {
  results.push(...rows);
  for (const row of rows) note(toTable([row]).split('\n').at(-1)!);
}

function note(text: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}
