import { parseArgs } from 'node:util';
import type pg from 'pg';
import { askOracle, auditCatalog, startFaultCopy } from '../../packages/isolation/src/index.ts';
import { fillCell } from '../../packages/isolation/test/support/fill.ts';
import { concludeRun, toTable, within, type Result } from '../lib/report.ts';

const usage = `node bench/isolation/main.ts [--tenants 1000,5000] [--rounds 7] [--report]

  --tenants  sizes of the cell, each filled up from the one before (default 1000,5000)
  --rounds   looks at each size (default 7)
  --report   print, and end with 0 also where something was missed`;

const { values: flags } = parseArgs({
  options: {
    tenants: { type: 'string', default: '1000,5000' },
    rounds: { type: 'string', default: '7' },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(usage);
  process.exit(0);
}
const sizes = flags.tenants.split(',').map(Number);
const rounds = Number(flags.rounds);
if (!sizes.every((size, n) => Number.isInteger(size) && size > (sizes[n - 1] ?? 0)) || !(rounds >= 1))
  throw new RangeError('--tenants must be growing whole numbers, --rounds a number from 1.');
const tables = 20;
/** Milliseconds that an audit may take at so many tenants. */
const limits: Readonly<Record<number, number>> = { 1000: 2_000, 5000: 8_000 };

const copy = await startFaultCopy({ tenants: 0 });
const results: Result[] = [];
const started = performance.now();
try {
  let filled = 0;
  for (const size of sizes) {
    const made = await fillCell(copy, size - filled, tables);
    filled = size;
    note(`${String(size)} tenants of ${String(tables)} tables are in the cell`);
    const client = await copy.connect();
    // As the role that audits in life: it sees less than a superuser, and PostgreSQL has more to check.
    await client.query('SET SESSION AUTHORIZATION tenantry_control');
    await measure(client, size);
    await client.end();
    await needle(made.at(-1)!, made[0]!, size);
  }
} finally {
  await copy.stop();
}
await concludeRun('isolation', results, {
  postgres: '18',
  settings: { fsync: 'off', rounds },
  report: flags.report,
});

async function measure(client: pg.Client, size: number): Promise<void> {
  const audits: number[] = [];
  const oracles: number[] = [];
  let pairs = 0;
  // The first look fills the backend's caches, as the first of a run does every time: it counts.
  for (let round = 0; round < rounds; round++) {
    const audit = await auditCatalog(client, copy.layout);
    const oracle = await askOracle(client, copy.layout);
    if (audit.findings.length + oracle.findings.length > 0)
      throw new Error(
        `The clean cell has findings, the first: ${[...audit.findings, ...oracle.findings][0]!.message}`,
      );
    audits.push(audit.tookMs);
    oracles.push(oracle.tookMs);
    ({ pairs } = oracle);
  }
  const limit = limits[size] ?? null;
  tell(held(`audit of ${String(size)} × ${String(tables)}`, audits, limit));
  tell(held(`oracle of ${String(size)} tenants, ${(pairs / 1e6).toFixed(1)} million pairs`, oracles, null));
}

/** One grant on one column among all tables: looked for, and the time that it takes to be found. */
async function needle(on: string, to: string, size: number): Promise<void> {
  const client = await copy.connect();
  const took: number[] = [];
  for (let round = 0; round < Math.min(3, rounds); round++) {
    await client.query(
      `BEGIN; GRANT SELECT (name) ON ${on}.things_3 TO ${to}; SET LOCAL ROLE tenantry_control`,
    );
    const { findings, tookMs } = await auditCatalog(client, copy.layout, { inTransaction: true });
    await client.query('ROLLBACK');
    if (findings.length !== 1 || findings[0]!.subject !== `column ${on}.things_3.name: SELECT for ${to}`)
      throw new Error(`The grant was not found: ${JSON.stringify(findings.map(({ subject }) => subject))}`);
    took.push(tookMs);
  }
  await client.end();
  tell(held(`one column granted among ${String(size * tables)} tables, found`, took, limits[size] ?? null));
}

/** Held to a median, since a look is taken every few minutes and not for every request. */
function held(name: string, samples: readonly number[], limitMs: number | null): Result {
  const row = within(name, samples, limitMs ?? 0);
  return limitMs === null
    ? { ...row, hold: null }
    : { ...row, hold: { what: 'median ms', value: row.product.median, limit: limitMs } };
}

function tell(result: Result): void {
  results.push(result);
  note(toTable([result]).split('\n').at(-1)!);
}

function note(text: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}
