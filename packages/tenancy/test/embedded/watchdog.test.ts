import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { prepareTestPostgres, processIdentity } from '../../src/embedded/index.ts';

const PROGRAM = `
  const { startTestPostgres } = await import(process.argv[1]);
  const { dataDirectory } = await startTestPostgres();
  const { readFile } = await import('node:fs/promises');
  const pid = (await readFile(dataDirectory + '/postmaster.pid', 'utf8')).split('\\n')[0];
  console.log(JSON.stringify({ dataDirectory, pid: Number(pid) }));
  setInterval(() => undefined, 1000);`;

const isGone = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    () => true,
  );

test('a test server and its directory die with the process that started them, even by kill -9', async () => {
  const module = fileURLToPath(new URL('../../src/embedded/index.ts', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, module], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { dataDirectory, pid } = JSON.parse(line) as { readonly dataDirectory: string; readonly pid: number };
  expect(await processIdentity(pid)).toBeDefined();

  const directory = dirname(dataDirectory);
  child.kill('SIGKILL');
  await expect.poll(() => isGone(directory), { timeout: 20_000 }).toBe(true);
  expect(await processIdentity(pid)).toBeUndefined();
});

test('what even the watchdog left is removed before the next run, and what is in use is not', async () => {
  const [stale, used] = ['stale', 'used'].map((name) =>
    join(tmpdir(), `tenantry-test-${name}-${String(process.pid)}`),
  ) as [string, string];
  for (const directory of [stale, used]) await mkdir(join(directory, 'data'), { recursive: true });
  await writeFile(join(stale, 'owner'), `${String(process.pid)} an-earlier-boot:1`);
  await writeFile(
    join(used, 'owner'),
    `${String(process.pid)} ${(await processIdentity(process.pid)) ?? ''}`,
  );
  await prepareTestPostgres();
  expect([await isGone(stale), await isGone(used)]).toEqual([true, false]);
  await writeFile(join(used, 'owner'), `${String(process.pid)} an-earlier-boot:1`);
  await prepareTestPostgres();
  expect(await isGone(used)).toBe(true);
});
