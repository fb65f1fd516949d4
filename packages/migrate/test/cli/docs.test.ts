import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { runMigrateCli } from '../../src/cli/index.ts';
import { startServer } from './support.ts';
import type { Server } from './support.ts';

// Every console block of these pages is run, and its output must be what the page shows. "npx vitest run -u" on this file
// writes the pages anew.
const root = fileURLToPath(new URL('../../../..', import.meta.url));
const program = join(root, 'packages/migrate/bin/tenantry-migrate.mjs');
const pages = [
  'packages/migrate/README.md',
  ...[
    'README',
    'info',
    'validate',
    'migrate',
    'baseline',
    'repair',
    'undo',
    'clean',
    'moving-from-flyway',
  ].map((name) => `docs/migrate/${name}.md`),
];

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test.each(pages)('%s shows what happens', async (page) => {
  const path = join(root, page);
  const text = await readFile(path, 'utf8');
  const shell = await openShell();
  const parts = text.split(/(^```console\n[^]*?^```$|^<!-- setup\n[^]*?^-->$)/m);
  const rendered: string[] = [];
  for (const part of parts) {
    if (part.startsWith('<!-- setup\n')) await shell(part.slice('<!-- setup\n'.length, -'-->'.length));
    rendered.push(part.startsWith('```console\n') ? await renderBlock(part, shell) : part);
  }
  await expect(rendered.join('')).toMatchFileSnapshot(path);
});

type Shell = (script: string) => Promise<string>;

/** A directory and a database of its own, with the two programs on the path. */
async function openShell(): Promise<Shell> {
  const directory = await mkdtemp(join(tmpdir(), 'migrate-docs-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const bin = join(directory, '.bin');
  await mkdir(bin);
  await writeFile(join(bin, 'tenantry-migrate'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  await writeFile(
    join(bin, 'psql'),
    `#!/bin/sh\nexec "${process.execPath}" "${join(bin, 'psql.mjs')}" "$@"\n`,
  );
  await writeFile(join(bin, 'psql.mjs'), psql);
  for (const name of ['tenantry-migrate', 'psql']) await chmod(join(bin, name), 0o755);
  const database = `shop_${pages.length}_${Math.random().toString(36).slice(2)}`;
  await server.client.query(`CREATE DATABASE ${database}`);
  const url = new URL(server.url);
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: directory,
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: database,
    TZ: 'UTC',
    NODE_NO_WARNINGS: '1',
  };
  return async (script) => {
    // A plain call of the program runs in this process, because starting seventy of them takes a minute.
    const plain = /^tenantry-migrate ([^|&;<>$`\n]*)\n?$/.exec(script)?.[1];
    const output =
      plain === undefined ? await run(script, directory, env) : await runHere(plain, directory, env);
    return normal(output, directory, database);
  };
}

/** What both streams get, in the order in which they get it. */
async function runHere(
  line: string,
  directory: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const words = (line.match(/'[^']*'|[^\s']+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'));
  let output = '';
  const stream = { write: (text: string) => (output += text) };
  await runMigrateCli(words, { stdout: stream, stderr: stream, env, directory, home: directory });
  return output;
}

/** The one thing that examples need of psql: to run a statement. */
const psql = `
import { createRequire } from 'node:module';
const pg = createRequire(${JSON.stringify(program)})('pg');
const client = new pg.Client();
await client.connect();
const { rows } = await client.query(process.argv[process.argv.indexOf('-c') + 1]);
for (const row of rows ?? []) console.log(Object.values(row).join(' | '));
await client.end();
`;

function run(script: string, directory: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', `exec 2>&1\n${script}`], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}

/** What differs from run to run, as it may look in a page. */
function normal(output: string, directory: string, database: string): string {
  return output
    .replaceAll(directory, '/home/you/shop')
    .replaceAll(/(PostgreSQL \d+)\.\d+/g, '$1')
    .replaceAll(/postgres:\/\/\w+@[\d.]+:\d+/g, 'postgres://app@localhost:5432')
    .replaceAll(database, 'shop')
    .replaceAll(/\d\d:\d\d\.\d{3}s/g, '00:00.012s')
    .replaceAll(/\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\b/g, '2026-11-24 09:30:00')
    .replaceAll(/[ \t]+$/gm, '');
}

async function renderBlock(block: string, shell: Shell): Promise<string> {
  const commands = block.slice('```console\n'.length, -'```'.length).match(/^\$ .*(?:\\\n.*)*$/gm) ?? [];
  const shown: string[] = [];
  for (const command of commands) shown.push(`${command}\n${await shell(command.slice(2))}`);
  return `\`\`\`console\n${shown.join('')}\`\`\``;
}
