import { once } from 'node:events';
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresProcess } from '../../src/embedded/index.ts';
import {
  clusterVersion,
  freePort,
  initCluster,
  processIdentity,
  startPostgres,
} from '../../src/embedded/index.ts';
import { settingArguments, socketDirectory } from '../../src/embedded/settings.ts';

const superuserPassword = "it's a \\ password";
const started: PostgresProcess[] = [];
let directory = '';
let dataDirectory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenantry process "test" '));
  await chmod(directory, 0o711);
  dataDirectory = await initCluster({
    dataDirectory: join(directory, 'data'),
    superuserPassword,
    sync: false,
  });
});
afterAll(async () => {
  for (const server of started) await server.stop('immediate');
  await rm(directory, { recursive: true, force: true });
});

async function start(
  port?: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresProcess> {
  const server = await startPostgres({
    dataDirectory,
    port: port ?? (await freePort()),
    settings: { fsync: 'off', shared_buffers: '32MB', ...settings },
  });
  started.push(server);
  return server;
}

async function askOn(host: string, port: number): Promise<readonly unknown[]> {
  const client = new pg.Client({
    host,
    port,
    user: 'postgres',
    password: superuserPassword,
    database: 'postgres',
  });
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: 'SELECT 1', rowMode: 'array' });
    return rows.flat();
  } finally {
    await client.end();
  }
}

test('initCluster leaves a closed directory and no password file, and is not run twice', async () => {
  expect((await stat(dataDirectory)).mode & 0o777).toBe(0o700);
  expect(await readdir(directory)).toEqual(['data']);
  expect(await clusterVersion(dataDirectory)).toBe('18');
  await expect(initCluster({ dataDirectory, superuserPassword })).rejects.toMatchObject({
    code: 'EMBEDDED_HOME_UNUSABLE',
  });
  expect(await clusterVersion(dataDirectory)).toBe('18');
});

test('it serves on 127.0.0.1 and on its socket, and both stops end it', async () => {
  for (const mode of ['fast', 'immediate'] as const) {
    const server = await start();
    expect(await askOn('127.0.0.1', server.port)).toEqual([1]);
    expect(await askOn(server.dataDirectory, server.port)).toEqual([1]);
    expect(server.running).toBe(true);
    await Promise.all([server.stop(mode), server.stop('fast')]);
    await server.stop();
    expect(server.running).toBe(false);
    expect(await server.exited).toMatchObject({ signal: null });
    expect(await processIdentity(server.pid)).toBeUndefined();
  }
});

test('a fast stop does not wait for clients that stay connected', async () => {
  const server = await start();
  const client = new pg.Client({
    host: '127.0.0.1',
    port: server.port,
    user: 'postgres',
    password: superuserPassword,
  });
  // A second error, the end of the socket, follows the server's own words.
  const cut = new Promise<unknown>((resolve) => client.on('error', resolve));
  await client.connect();
  await server.stop('fast');
  expect(await cut).toMatchObject({ code: '57P01' });
});

test.runIf(process.platform === 'linux')(
  'Ctrl-C in a terminal does not reach it: it leads a session of its own',
  async () => {
    const server = await start();
    const fields = (await readFile(`/proc/${String(server.pid)}/stat`, 'utf8')).split(') ')[1]?.split(' ');
    expect(fields?.slice(2, 4)).toEqual([String(server.pid), String(server.pid)]);
    await server.stop();
  },
);

describe('a start that cannot succeed says why', () => {
  test('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start(port)).rejects.toMatchObject({ code: 'EMBEDDED_PORT_TAKEN' });
    other.close();
  });

  test('a directory that is served already', async () => {
    const server = await start();
    await expect(start()).rejects.toMatchObject({ code: 'EMBEDDED_ALREADY_RUNNING', pid: server.pid });
    expect(await askOn('127.0.0.1', server.port)).toEqual([1]);
    await server.stop();
  });

  test('a setting that PostgreSQL refuses', async () => {
    await expect(start(undefined, { max_connections: 'many' })).rejects.toMatchObject({
      code: 'EMBEDDED_START_FAILED',
      message: expect.stringContaining('invalid value for parameter "max_connections"') as string,
    });
  });

  test('a directory without a cluster, and one of another major version', async () => {
    const options = { port: 1, dataDirectory: join(directory, 'nothing') };
    await expect(startPostgres(options)).rejects.toMatchObject({ code: 'EMBEDDED_HOME_UNUSABLE' });
    await writeFile(join(dataDirectory, 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(/made by PostgreSQL 17; this is PostgreSQL 18/);
    await writeFile(join(dataDirectory, 'PG_VERSION'), '18\n');
  });
});

test('a path too long for a socket means no socket, and callers cannot open the server to the network', () => {
  expect(socketDirectory('/srv/a "b"', 5432)).toBe('"/srv/a ""b"""');
  expect(socketDirectory(`/${'ü'.repeat(45)}`, 5432)).toBe('');
  const settings = settingArguments('/data', 5432, { listen_addresses: '*', jit: 'on' });
  expect(settings).toContain('listen_addresses=127.0.0.1');
  expect(settings).not.toContain('listen_addresses=*');
  expect(settings).toContain('jit=on');
});
