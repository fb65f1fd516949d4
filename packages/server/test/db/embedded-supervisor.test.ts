import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runningPostmaster } from '@tenantry/tenancy/embedded';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StartOptions } from '../../src/db/embedded/cluster.ts';
import { openCluster, startOn, startOnSomePort } from '../../src/db/embedded/cluster.ts';
import { layoutOf, makeDirectories } from '../../src/db/embedded/layout.ts';
import { rotateLog } from '../../src/db/embedded/rotate-log.ts';
import type { CrashEvent } from '../../src/db/embedded/supervisor.ts';
import { supervise } from '../../src/db/embedded/supervisor.ts';
import { homes } from './embedded-fixtures/homes.ts';

const own = homes();
let start: StartOptions;
beforeAll(async () => {
  const layout = layoutOf(await own.make());
  await makeDirectories(layout);
  await openCluster(layout);
  start = { layout, settings: { fsync: 'off', shared_buffers: '32MB' } };
});
afterAll(() => own.clear());

test('a stop that comes while the new server is starting stops that one too', async () => {
  const server = await startOnSomePort(start);
  const restarting = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const supervisor = supervise({
    server,
    backOffMs: [1, 1],
    tell: () => undefined,
    async restart() {
      restarting.resolve();
      await gate.promise;
      return startOn(start, server.port);
    },
  });
  process.kill(server.pid, 'SIGKILL');
  await restarting.promise;
  const stopped = supervisor.stop();
  gate.resolve();
  await stopped;
  expect(supervisor.server.pid).not.toBe(server.pid);
  expect(supervisor.server.running).toBe(false);
  expect(await runningPostmaster(server.dataDirectory)).toBeUndefined();
});

test('it waits longer after every failure, up to the longest wait, and goes on until it succeeds', async () => {
  const server = await startOnSomePort(start);
  const waits: number[] = [];
  const isBack = Promise.withResolvers<CrashEvent>();
  let failures = 4;
  const supervisor = supervise({
    server,
    backOffMs: [1, 8],
    restart: () => (failures-- > 0 ? Promise.reject(new Error('disk full')) : startOn(start, server.port)),
    tell: (event) => {
      if (event.type === 'restart-failed') waits.push(event.retryInMs);
      if (event.type === 'restarted') isBack.resolve(event);
    },
  });
  process.kill(server.pid, 'SIGKILL');
  expect(await isBack.promise).toMatchObject({ pid: supervisor.server.pid });
  expect(waits).toEqual([2, 4, 8, 8]);
  await supervisor.stop();
  await supervisor.stop();
  expect(supervisor.server.running).toBe(false);
});

test('a log beyond its size is moved aside, and one below it is not', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-log-'));
  try {
    const log = join(directory, 'postgresql.log');
    expect(await rotateLog(log, 10)).toBe(false);
    await writeFile(log, '0123456789');
    expect(await rotateLog(log, 10)).toBe(false);
    await writeFile(log, 'x', { flag: 'a' });
    expect(await rotateLog(log, 10)).toBe(true);
    expect(await readFile(`${log}.1`, 'utf8')).toBe('0123456789x');
    expect((await stat(log)).size).toBe(0);
  } finally {
    await rm(directory, { recursive: true });
  }
});
