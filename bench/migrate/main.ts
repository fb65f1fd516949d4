import { parseArgs } from 'node:util';
import pg from 'pg';
import { startTestPostgres } from '@tenantry/tenancy/embedded';
import { benchSettings } from '../lib/cell.ts';
import { concludeRun, type Result } from '../lib/report.ts';
import { interventions } from './project.ts';
import { measureMigrate, measureUpToDate } from './rows.ts';

const usage = `node bench/migrate/main.ts [--quick] [--only migrate,check] [--report]

  --quick   fewer rounds, in about ten seconds
  --only    some of the rows
  --report  print, and end with 0 also where something was missed`;

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'migrate,check' },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(usage);
  process.exit(0);
}

const wanted = new Set(flags.only.split(','));
const project = await interventions();
const results: Result[] = [];
let postgres = 'unknown';
if (typeof project === 'string') {
  results.push({ name: 'the 263 files of interventions', skipped: project });
} else {
  const server = await startTestPostgres({ settings: benchSettings });
  const client = new pg.Client({ connectionString: server.superuserUrl, application_name: 'bench migrate' });
  try {
    await client.connect();
    postgres =
      (await client.query<{ server_version: string }>('SHOW server_version')).rows[0]?.server_version ??
      postgres;
    // A file asks for it; it can be there once only, and is there for all alike.
    await client.query('CREATE EXTENSION pgcrypto');
    if (wanted.has('migrate')) results.push(...(await measureMigrate(client, project, flags.quick ? 5 : 20)));
    if (wanted.has('check')) results.push(...(await measureUpToDate(client, project, flags.quick ? 10 : 50)));
  } finally {
    await client.end();
    await server.stop();
  }
}

await concludeRun('migrate', results, { postgres, settings: benchSettings, report: flags.report });
