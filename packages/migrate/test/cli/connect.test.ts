import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connect, ConnectError } from '../../src/cli/connect.ts';
import { defaultConnection } from '../../src/config/connection-keys.ts';
import { connectionTarget } from '../../src/config/target.ts';
import type { ConnectionTarget } from '../../src/config/target.ts';
import { startServer } from './support.ts';
import type { Server } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const once = { retries: 0, interval: 0 };

/** A target on the test's server, in the JDBC driver's way of writing it. */
function target(query = '', change: (url: URL) => void = () => undefined): ConnectionTarget {
  const url = new URL(server.url);
  change(url);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const jdbc = `jdbc:postgresql://${url.host}${url.pathname}${query}`;
  return connectionTarget({ ...defaultConnection, url: jdbc, user, password: password || null }, {});
}

async function asked(wanted: ConnectionTarget, sql: string): Promise<unknown> {
  const client = await connect(wanted, once);
  try {
    const { rows } = await client.query<{ value: unknown }>(`SELECT ${sql} AS value`);
    return rows[0]?.value;
  } finally {
    await client.end();
  }
}

async function failure(wanted: ConnectionTarget): Promise<ConnectError> {
  const outcome: unknown = await connect(wanted, once).then(
    async (client) => client.end().then(() => new Error('It was connected.')),
    (error: unknown) => error,
  );
  if (outcome instanceof ConnectError) return outcome;
  throw outcome;
}

describe('a connection', () => {
  test('goes without TLS where the server has none and nobody insists', async () => {
    expect(await asked(target(), `current_setting('application_name')`)).toBe('tenantry-migrate');
    expect(await asked(target('?sslmode=allow'), '1')).toBe(1);
    expect((await failure(target('?sslmode=require'))).hint).toContain('The server has no TLS');
    expect((await failure(target('?ssl=true'))).hint).toContain('The server has no TLS');
  });

  test('takes options by their JDBC names', async () => {
    const wanted = target('?currentSchema=%22a%20b%22,c&ApplicationName=me&options=-c%20lock_timeout=7s');
    expect(await asked(wanted, `current_setting('search_path')`)).toBe('"a b",c');
    expect(await asked(wanted, `current_setting('lock_timeout')`)).toBe('7s');
    expect(await asked(wanted, `current_setting('application_name')`)).toBe('me');
  });

  test('tries one host after the other', async () => {
    const wanted = target();
    const servers = [{ host: '127.0.0.1', port: 1 }, ...wanted.servers];
    expect(await asked({ ...wanted, servers }, '1')).toBe(1);
    expect(await asked({ ...wanted, servers: servers.toReversed() }, '1')).toBe(1);
  });

  test('that cannot be: a database, a login', async () => {
    const database = await failure(target('', (url) => (url.pathname = '/nowhere')));
    expect([database.sqlState, database.hint]).toEqual([
      '3D000',
      expect.stringContaining('Make the database'),
    ]);
    const login = await failure({ ...target(), user: 'nobody_here', password: 'hunter2' });
    expect(['28P01', '28000']).toContain(login.sqlState);
    expect(login.message).not.toContain('hunter2');
  });

  test('is not tried again where it would fail in the same way', async () => {
    const tries: string[] = [];
    const wanted = target('', (url) => (url.pathname = '/nowhere'));
    const policy = { retries: 5, interval: 0, onRetry: (message: string) => void tries.push(message) };
    await expect(connect(wanted, policy)).rejects.toBeInstanceOf(ConnectError);
    expect(tries).toEqual([]);
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!openssl)(
  `TLS${openssl ? '' : ' (skipped: there is no openssl to make a certificate)'}`,
  () => {
    let folder: string;
    let certificate: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'migrate-tls-'));
      certificate = join(folder, 'server.crt');
      const key = join(folder, 'server.key');
      const subject = '-nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost';
      const words = `req -new -x509 ${subject} -out ${certificate} -keyout ${key}`.split(' ');
      execFileSync('openssl', words, { stdio: 'ignore' });
      const { rows } = await server.client.query<{ data_directory: string }>('SHOW data_directory');
      const { uid, gid } = await stat(rows[0]!.data_directory);
      await chmod(key, 0o600);
      for (const path of [key, certificate, folder]) await chown(path, uid, gid);
      await server.client.query(`ALTER SYSTEM SET ssl_cert_file = '${certificate}'`);
      await server.client.query(`ALTER SYSTEM SET ssl_key_file = '${key}'`);
      await server.client.query('ALTER SYSTEM SET ssl = on');
      await server.client.query('SELECT pg_reload_conf()');
      const wanted = target('?sslmode=require');
      // The postmaster reads its configuration when it comes to it.
      await vi.waitFor(() => asked(wanted, '1'), { timeout: 10_000 });
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const isUsed = '(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())';
    const byName = (query: string) => target(query, (url) => (url.hostname = 'localhost'));

    test('is used without being asked for', async () => {
      expect(await asked(target(), isUsed)).toBe(true);
      expect(await asked(target('?sslmode=disable'), isUsed)).toBe(false);
    });

    test('verify-full wants a known certificate for that name, verify-ca a known one', async () => {
      const root = `&sslrootcert=${encodeURIComponent(certificate)}`;
      expect(await asked(byName(`?sslmode=verify-full${root}`), isUsed)).toBe(true);
      expect(await asked(target(`?sslmode=verify-ca${root}`), isUsed)).toBe(true);
      expect((await failure(target(`?sslmode=verify-full${root}`))).message).toContain('127.0.0.1');
      expect((await failure(byName('?sslmode=verify-full'))).message).toMatch(/self.signed certificate/);
    });
  },
);
