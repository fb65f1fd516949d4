import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweepCanaries } from '../../src/canaries.ts';
import { leftOf, startCell, type TestCell } from './support.ts';

const program = fileURLToPath(new URL('../../bin/tenantry-isolation.mjs', import.meta.url));

let cell: TestCell;
beforeAll(async () => {
  cell = await startCell();
});
afterAll(() => cell.stop());

/** Runs the command as a process, and sends it a signal as soon as it says that it is at a target. */
async function interrupted(at: string, signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> {
  const run = spawn(process.execPath, [program, 'attack', '--targets', at], {
    env: {
      ...process.env,
      TENANTRY_ISOLATION_URL: cell.url,
      TENANTRY_CREDENTIAL_KEY: Buffer.from(cell.credentialKey).toString('base64'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  run.stderr.on('data', (chunk: Buffer) => {
    // Once: a second Ctrl-C ends it at once, as everywhere.
    if (said.includes(`over ${at} `)) return;
    said += chunk.toString();
    if (said.includes(`over ${at} `)) run.kill(signal);
  });
  const [code] = (await once(run, 'exit')) as [number | null];
  return code;
}

/** What the next run and the control plane's maintenance do; PostgreSQL may take a moment to notice that nobody is there. */
async function sweep(): Promise<void> {
  const client = new pg.Client(cell.control);
  await client.connect();
  try {
    await expect
      .poll(async () => (await sweepCanaries(client), leftOf(cell)), { timeout: 30_000 })
      .toEqual([]);
  } finally {
    await client.end();
  }
}

test.each(['login', 'sealed', 'leased', 'search_path'])(
  'kill -9 while it attacks over %s: the next sweep leaves nothing',
  async (target) => {
    expect(await interrupted(target, 'SIGKILL')).toBeNull();
    expect(await leftOf(cell)).not.toEqual([]);
    await sweep();
  },
  90_000,
);

test('SIGINT: it removes what it has made by itself', async () => {
  expect(await interrupted('sealed', 'SIGINT')).toBe(130);
  expect(await leftOf(cell)).toEqual([]);
}, 90_000);
