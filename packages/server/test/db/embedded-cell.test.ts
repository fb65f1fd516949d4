import { mkdir, readFile, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { EmbeddedError, freePort } from '@tenantry/tenancy/embedded';
import { afterAll, describe, expect, test } from 'vitest';
import { embeddedCell } from '../../src/db/embedded/index.ts';
import { ask, homes, recordingLog } from './embedded-fixtures/homes.ts';
import { NOBODY, canActAsNobody, ended, runFixture } from './embedded-fixtures/programs.ts';

const own = homes();
afterAll(() => own.clear());
const isRoot = process.getuid?.() === 0;

async function listenOn(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('data, port and passwords are kept between starts, in a home with a space and an umlaut', async () => {
  const home = await own.make('my höme of data');
  const first = await own.start(home);
  await ask(first.controlUrl, 'CREATE TABLE public.note AS SELECT 42 AS answer');
  await first.stop();
  await first.stop();
  await expect(ask(first.controlUrl, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  const second = await own.start(home);
  expect(second.controlUrl).toBe(first.controlUrl);
  expect(await ask(second.controlUrl, 'SELECT answer FROM public.note')).toEqual([42]);
});

describe('a fresh cell', () => {
  test('has a control role that is no superuser and cannot lend itself the audit role', async () => {
    const cell = await own.start(await own.make());
    const attributes = 'rolcanlogin, rolcreaterole, rolsuper, rolcreatedb, rolreplication, rolbypassrls';
    const role = (name: string): string => `SELECT ${attributes} FROM pg_roles WHERE rolname = '${name}'`;
    expect(await ask(cell.controlUrl, role('tenantry_control'))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(await ask(cell.controlUrl, role('tenantry_audit'))).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(
      await ask(
        cell.controlUrl,
        'SELECT current_database(), pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()',
      ),
    ).toEqual(['tenantry', 'tenantry_control']);
    await expect(ask(cell.controlUrl, 'GRANT tenantry_audit TO tenantry_control')).rejects.toMatchObject({
      code: '42501',
    });
    await expect(ask(cell.controlUrl, 'SET ROLE tenantry_audit')).rejects.toMatchObject({ code: '42501' });
    const become = 'SET ROLE tenantry_audit';
    await cell.withAuditGrant(() => ask(cell.controlUrl, become));
    const failing = cell.withAuditGrant(() => Promise.reject(new Error('installer failed')));
    const waiting = cell.withAuditGrant(() => ask(cell.controlUrl, become));
    await expect(failing).rejects.toThrow('installer failed');
    await waiting;
    await expect(ask(cell.controlUrl, become)).rejects.toMatchObject({ code: '42501' });
  });

  test('gives PUBLIC nothing: a new login can neither connect nor use public', async () => {
    const cell = await own.start(await own.make());
    await ask(cell.superuserUrl, `CREATE ROLE stranger LOGIN PASSWORD 'stranger'`);
    const url = new URL(cell.superuserUrl);
    url.username = url.password = 'stranger';
    for (const database of ['tenantry', 'postgres', 'template1']) {
      url.pathname = database;
      await expect(ask(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
    }
    expect(
      await ask(
        cell.superuserUrl,
        `SELECT has_schema_privilege('stranger', 'public', 'USAGE'), has_database_privilege('stranger', 'tenantry', 'TEMP')`,
      ),
    ).toEqual([false, false]);
    url.password = 'wrong';
    await expect(ask(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test.runIf(process.platform === 'linux')(
    'keeps its secrets in files of mode 0600, out of arguments, environments and log',
    async () => {
      const home = await own.make();
      process.env['TENANTRY_TEST_SECRET'] = 'only-for-this-process';
      const seen = new Set<string>();
      const watching = new AbortController();
      const watch = watchPrograms(seen, watching.signal);
      const cell = await own.start(home);
      watching.abort();
      await watch;
      await ask(cell.controlUrl, `SELECT 'a customer''s data' WHERE 1 / 0 = 1`).catch(() => undefined);

      const secrets = join(home, 'secrets');
      expect((await stat(secrets)).mode & 0o777).toBe(0o700);
      const passwords: string[] = [];
      for (const name of ['postgres-superuser-password', 'postgres-control-password']) {
        expect((await stat(join(secrets, name))).mode & 0o777).toBe(0o600);
        passwords.push((await readFile(join(secrets, name), 'utf8')).trim());
      }
      const everything = [...seen].join('\n');
      expect(everything).toMatch(/initdb[^]*postgres/);
      const log = await readFile(join(home, 'postgres', 'log', 'postgresql.log'), 'utf8');
      for (const secret of [...passwords, 'only-for-this-process', "a customer''s data"]) {
        expect(everything).not.toContain(secret);
        expect(log).not.toContain(secret);
      }
    },
  );
});

/** Collects arguments and environment of every PostgreSQL program while the first start makes the cluster. */
async function watchPrograms(seen: Set<string>, signal: AbortSignal): Promise<void> {
  const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
  do {
    for (const pid of await readdir('/proc').catch(() => [])) {
      const commandLine = /^\d+$/.test(pid) ? await read(`/proc/${pid}/cmdline`) : '';
      if (!/initdb|postgres/.test(commandLine)) continue;
      seen.add(commandLine).add(await read(`/proc/${pid}/environ`));
    }
  } while (!signal.aborted);
}

describe('ports', () => {
  test('a wanted port that is taken is refused, and nothing is left running', async () => {
    const home = await own.make();
    const port = await freePort();
    const other = await listenOn(port);
    await expect(own.start(home, { port })).rejects.toMatchObject({ code: 'EMBEDDED_PORT_TAKEN' });
    other.close();
    await once(other, 'close');
    const cell = await own.start(home, { port });
    expect(cell.port).toBe(port);
  });

  test('a remembered port that is taken by now is replaced by a free one, which is remembered', async () => {
    const home = await own.make();
    const first = await own.start(home);
    await first.stop();
    const other = await listenOn(first.port);
    const second = await own.start(home);
    expect(second.port).not.toBe(first.port);
    await second.stop();
    other.close();
    const third = await own.start(home);
    expect(third.port).toBe(second.port);
  });
});

describe('the service', () => {
  test('concurrent starts are one, and it survives every order of start and stop', async () => {
    const service = embeddedCell({ home: await own.make(), log: recordingLog() });
    await service.stop();
    const starting = service.start();
    expect(service.start()).toBe(starting);
    await service.stop();
    await expect(ask((await starting).controlUrl, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    const again = await service.start();
    expect(await ask(again.controlUrl, 'SELECT 1')).toEqual([1]);
    await Promise.all([service.stop(), service.stop(), again.stop()]);
  });

  test('a start that failed can be tried again', async () => {
    const port = await freePort();
    const service = embeddedCell({ home: await own.make(), port, log: recordingLog() });
    const other = await listenOn(port);
    await expect(service.start()).rejects.toBeInstanceOf(EmbeddedError);
    other.close();
    await once(other, 'close');
    await service.start();
    await service.stop();
  });
});

describe('homes that cannot be used', () => {
  test('a file in the way', async () => {
    const home = await own.make();
    await writeFile(home, '');
    await expect(own.start(home)).rejects.toMatchObject({ code: 'EMBEDDED_HOME_UNUSABLE' });
  });

  test('a data directory that holds something else is left alone', async () => {
    const home = await own.make();
    const data = join(home, 'postgres', 'data');
    await mkdir(data, { recursive: true });
    await writeFile(join(data, 'thesis.txt'), 'mine');
    await expect(own.start(home)).rejects.toMatchObject({ code: 'EMBEDDED_HOME_UNUSABLE' });
    expect(await readFile(join(data, 'thesis.txt'), 'utf8')).toBe('mine');
  });

  test('a cluster whose password is gone says which file to restore', async () => {
    const home = await own.make();
    await (await own.start(home)).stop();
    await rm(join(home, 'secrets', 'postgres-superuser-password'));
    await expect(own.start(home)).rejects.toThrow(/postgres-superuser-password is missing/);
  });
});

describe.runIf(isRoot)('as root', () => {
  test('PostgreSQL does not run as root', async () => {
    const cell = await own.start(await own.make());
    expect((await stat(cell.dataDirectory)).uid).not.toBe(0);
    expect((await stat(cell.dataDirectory)).mode & 0o777).toBe(0o700);
  });

  test('below a closed directory the data lives elsewhere, and a new home in its place starts empty', async () => {
    // mkdtemp gives 0700, and what lies above the home is not ours to open.
    const home = await own.make('home', true);
    const cell = await own.start(home);
    const link = join(home, 'postgres', 'data');
    const target = await readlink(link);
    try {
      expect(target).toMatch(/^\/var\/lib\/tenantry\/[0-9a-f]{16}\/data$/);
      await ask(cell.controlUrl, 'CREATE SCHEMA kept');
      await cell.stop();
      const again = await own.start(home);
      expect(
        await ask(again.controlUrl, `SELECT count(*)::int FROM pg_namespace WHERE nspname = 'kept'`),
      ).toEqual([1]);
      await again.stop();
      await rm(home, { recursive: true });
      const empty = await own.start(home);
      expect(
        await ask(empty.controlUrl, `SELECT count(*)::int FROM pg_namespace WHERE nspname = 'kept'`),
      ).toEqual([0]);
      await empty.stop();
    } finally {
      await rm(dirname(target), { recursive: true, force: true });
    }
  });
});

// Skipped where only the ordinary account can run: not root (every other test is that case), or a project in a closed directory.
test.runIf(await canActAsNobody())('as an ordinary user', async () => {
  const home = join('/tmp', `tenantry-home-nobody-${String(process.pid)}`);
  try {
    const program = runFixture('run-cell.ts', [home], NOBODY);
    const answer = await program.next();
    expect(answer).toMatchObject({ uid: 65_534 });
    expect(await ask(String(answer['controlUrl']), 'SELECT 1')).toEqual([1]);
    expect((await stat(join(home, 'postgres', 'data'))).uid).toBe(65_534);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    program.child.stdin?.end();
    expect(await program.next()).toEqual({ stopped: true });
    expect(await ended(program.child)).toBe(0);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
