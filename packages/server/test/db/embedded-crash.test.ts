import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity, runningPostmaster } from '@tenantry/tenancy/embedded';
import { afterAll, expect, test } from 'vitest';
import type { CrashEvent, EmbeddedCell } from '../../src/db/embedded/index.ts';
import { ask, homes, recordingLog } from './embedded-fixtures/homes.ts';
import { ended, runFixture } from './embedded-fixtures/programs.ts';

const own = homes();
afterAll(() => own.clear());

function nextEvent(cell: EmbeddedCell, type: CrashEvent['type']): Promise<CrashEvent> {
  return new Promise((resolve) => {
    const forget = cell.onCrash((event) => {
      if (event.type !== type) return;
      forget();
      resolve(event);
    });
  });
}

test('after kill -9 PostgreSQL is back on the same address with what was committed, twice', async () => {
  const cell = await own.start(await own.make());
  await ask(cell.controlUrl, 'CREATE TABLE public.note AS SELECT 42 AS answer');
  for (let crash = 1; crash <= 2; crash++) {
    const { pid } = cell;
    const [crashed, restarted] = [nextEvent(cell, 'crashed'), nextEvent(cell, 'restarted')];
    process.kill(pid, 'SIGKILL');
    expect(await crashed).toMatchObject({ exit: { signal: 'SIGKILL' } });
    expect(await restarted).toMatchObject({ pid: cell.pid });
    expect(cell.pid).not.toBe(pid);
    expect(await ask(cell.controlUrl, 'SELECT answer FROM public.note')).toEqual([42]);
  }
});

test('stop during a restart leaves nothing running', async () => {
  const cell = await own.start(await own.make());
  const crashed = nextEvent(cell, 'crashed');
  process.kill(cell.pid, 'SIGKILL');
  await crashed;
  await cell.stop();
  expect(await runningPostmaster(cell.dataDirectory)).toBeUndefined();
  await expect(ask(cell.controlUrl, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
});

test('of ten starts at once one wins, and nine name its pid', async () => {
  const home = await own.make();
  const starts = await Promise.allSettled(Array.from({ length: 10 }, () => own.start(home)));
  const lost = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason as unknown] : []));
  expect(lost).toHaveLength(9);
  for (const error of lost)
    expect(error).toMatchObject({ code: 'EMBEDDED_ALREADY_RUNNING', pid: process.pid });
});

test('another process is refused too, and may start when the first has stopped', async () => {
  const home = await own.make();
  const cell = await own.start(home);
  const refused = runFixture('run-cell.ts', [home]);
  expect(await refused.next()).toEqual({ code: 'EMBEDDED_ALREADY_RUNNING', pid: process.pid });
  await ended(refused.child);
  await cell.stop();
  const welcome = runFixture('run-cell.ts', [home]);
  expect(await welcome.next()).toMatchObject({ controlUrl: cell.controlUrl });
  welcome.child.stdin?.end();
  await ended(welcome.child);
});

test('a PostgreSQL that outlived its killed program is stopped, and its data served anew', async () => {
  const home = await own.make();
  const program = runFixture('run-cell.ts', [home]);
  const { pid, controlUrl } = await program.next();
  await ask(String(controlUrl), 'CREATE SCHEMA kept');
  program.child.kill('SIGKILL');
  await ended(program.child);
  expect(await ask(String(controlUrl), 'SELECT 1')).toEqual([1]);

  const log = recordingLog();
  const cell = await own.start(home, { log });
  expect(log.lines).toContain('stopped a PostgreSQL that an earlier process had left running');
  expect(cell.pid).not.toBe(pid);
  expect(await processIdentity(Number(pid))).toBeUndefined();
  expect(cell.controlUrl).toBe(controlUrl);
  expect(await ask(cell.controlUrl, `SELECT count(*)::int FROM pg_namespace WHERE nspname = 'kept'`)).toEqual(
    [1],
  );
});

test('stale files whose pid now belongs to another program of the same user do not stop a start', async () => {
  const home = await own.make();
  const cell = await own.start(home);
  await cell.stop();
  const { uid, gid } = await stat(cell.dataDirectory);
  const other = spawn('sleep', ['60'], { cwd: '/', ...(process.getuid?.() === 0 ? { uid, gid } : {}) });
  try {
    const pidFile = join(cell.dataDirectory, 'postmaster.pid');
    await writeFile(
      pidFile,
      `${String(other.pid)}\n${cell.dataDirectory}\n1\n${String(cell.port)}\n\n127.0.0.1\n0 0\nready\n`,
    );
    await writeFile(join(home, 'postgres', 'owner.90'), `${String(other.pid)} a-boot-before-this:1`);
    const again = await own.start(home);
    expect(await ask(again.controlUrl, 'SELECT 1')).toEqual([1]);
    expect(other.exitCode).toBeNull();
    expect(await readFile(pidFile, 'utf8')).toMatch(new RegExp(`^${String(again.pid)}\n`));
  } finally {
    other.kill();
  }
});

test('eight processes that take and release one lock never hold it together', async () => {
  const directory = await own.make();
  await mkdir(directory);
  await writeFile(join(directory, 'owner.7'), '2147483646 a-boot-before-this:1');
  const programs = Array.from({ length: 8 }, () => runFixture('contend.ts', [directory, '20']));
  const codes = await Promise.all(programs.map(({ child }) => ended(child)));
  expect(codes).toEqual(Array.from({ length: 8 }, () => 0));
  await rm(directory, { recursive: true });
});
