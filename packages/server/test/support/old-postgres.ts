import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import pg from 'pg';

const bin = '/usr/lib/postgresql/15/bin';
/** PostgreSQL refuses to run as root. */
const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A PostgreSQL that is too old, where Debian's package of it is installed; else undefined. */
export async function startOldPostgres(): Promise<
  { readonly url: string; stop(): Promise<void> } | undefined
> {
  if (!existsSync(join(bin, 'postgres'))) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'old-postgres-'));
  if (account.uid !== undefined) chownSync(directory, account.uid, account.gid);
  const data = join(directory, 'data');
  const init = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'old', '-A', 'trust', '--no-sync'], account);
  if (init.status !== 0) throw new Error(`initdb: ${String(init.stderr)}`);
  const port = await freePort();
  const settings = [
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=${directory}`,
    '-c',
    'fsync=off',
  ];
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings], {
    ...account,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await saysReady(server);
  const client = new pg.Client(`postgresql://old@127.0.0.1:${port}/postgres`);
  await client.connect();
  await client.query('CREATE ROLE tenantry_control LOGIN CREATEROLE');
  await client.query('CREATE DATABASE tenantry OWNER tenantry_control');
  await client.end();
  return {
    url: `postgresql://tenantry_control:none@127.0.0.1:${port}/tenantry`,
    async stop() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function saysReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stderr?.on('data', (chunk: Buffer) => {
      said += String(chunk);
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(said)));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
