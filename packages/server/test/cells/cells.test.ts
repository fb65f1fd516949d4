import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '@tenantry/contract';
import { scramVerifier } from '@tenantry/tenancy';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { problemOf, send, statusesOf } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { createControlRole, startTestServer, withDatabase, type TestServer } from '../support/server.ts';
import { auditOf, census, provision } from '../support/tenant.ts';
import { startOldPostgres } from '../support/old-postgres.ts';
import { until } from '../support/until.ts';

const password = 'a-secret-that-nobody-may-see';
let server: TestServer;
let files: MigrationFiles;
let second: TestPostgres;
let secondUrl: string;
let superuser: pg.Client;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  second = await startTestPostgres();
  secondUrl = await createControlRole(second.superuserUrl, 'tenants');
  superuser = new pg.Client(second.superuserUrl);
  await superuser.connect();
  // Its groups belong to its first control role; every other login meets that, whichever test runs first.
  await server.admin.call('addCell', { body: { name: 'first-of-second', url: secondUrl } });
});
afterAll(async () => {
  await superuser.end();
  await server.stop();
  await second.stop();
  await files.clean();
});

/** A database with a login of its own on the second server. */
async function database(name: string, attributes: string, owner = name): Promise<string> {
  const role = pg.escapeIdentifier(name);
  const verifier = pg.escapeLiteral(await scramVerifier(password));
  await superuser.query(`CREATE ROLE ${role} LOGIN ${attributes} PASSWORD ${verifier}`);
  await superuser.query(`CREATE DATABASE ${role} OWNER ${pg.escapeIdentifier(owner)}`);
  const url = new URL(withDatabase(second.superuserUrl, name));
  url.username = name;
  url.password = password;
  return url.href;
}

/** A database of the second server's control role. */
async function emptyDatabase(name: string): Promise<string> {
  await superuser.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER tenantry_control`);
  return withDatabase(secondUrl, name);
}

const add = (name: string, url: string, allowedExtensions: string[] = []) =>
  server.admin.call('addCell', {
    body: { name, url, allowedExtensions },
    headers: { 'x-request-id': `add-${name}` },
  });
/** The SQL at the end of each complaint. */
const mendingSql = (problem: Problem) =>
  (problem.errors ?? []).map(({ message }) => /((?:ALTER|GRANT) .*;)$/.exec(message)?.[1] ?? `-- ${message}`);

/** Adds a cell, running as a superuser first what the refusal of it says. */
async function addMended(name: string, url: string) {
  for (const sql of mendingSql(await problemOf(add(name, url)))) await superuser.query(sql);
  return add(name, url);
}

const cellNames = async () => (await server.admin.call('listCells', {})).items.map(({ name }) => name);

test('the default cell is there from the start, named without its password', async () => {
  const { items } = await server.admin.call('listCells', {});
  expect(items[0]).toMatchObject({
    name: 'default',
    kind: 'external',
    isDefault: true,
    host: `127.0.0.1:${server.postgres.port}/tenantry`,
    login: 'tenantry_control',
    serverVersion: expect.stringMatching(/^18/),
  });
  const added = (await auditOf(server, { action: 'cell.add' }))[0];
  expect(added).toMatchObject({ outcome: 'success', actor: { kind: 'system', id: 'system:startup' } });
});

test('a database of another server becomes a cell, and a tenant is provisioned there', async () => {
  const cell = await add('second', await emptyDatabase('pupils'), ['pgcrypto']);
  expect(cell).toMatchObject({
    name: 'second',
    kind: 'external',
    isDefault: false,
    host: `127.0.0.1:${second.port}/pupils`,
    login: 'tenantry_control',
    allowedExtensions: ['pgcrypto'],
    tenants: 0,
  });
  expect((await auditOf(server, { action: 'cell.add' })).at(-1)).toMatchObject({
    outcome: 'success',
    actor: { kind: 'apiKey', name: 'local administrator' },
    target: { kind: 'cell', id: cell.id },
    before: null,
    after: { name: 'second' },
    requestId: 'add-second',
  });
  const tenant = await provision(server, 'abroad', { cell: 'second' });
  expect(tenant).toMatchObject({ cell: 'second', state: 'active', schemaVersion: '2' });
  const there = new pg.Client(withDatabase(second.superuserUrl, 'pupils'));
  await there.connect();
  const { rowCount } = await there.query('SELECT FROM pg_namespace WHERE nspname = $1', [tenant.schema]);
  await there.end();
  expect(rowCount).toBe(1);
  expect(
    (await server.superuser.query('SELECT FROM pg_namespace WHERE nspname = $1', [tenant.schema])).rowCount,
  ).toBe(0);
  expect(
    (await server.admin.call('listCells', {})).items.find(({ name }) => name === 'second')?.tenants,
  ).toBe(1);
  for (const verb of ['suspendTenant', 'resumeTenant', 'deleteTenant'] as const) {
    await server.admin.call(verb, { params: { tenant: 'abroad' } });
  }
  const { operation } = await server.admin.call('purgeTenant', {
    params: { tenant: 'abroad' },
    body: { confirm: 'abroad', force: true },
  });
  expect(await server.finished(operation.id)).toMatchObject({ state: 'succeeded' });
  expect((await superuser.query('SELECT FROM pg_roles WHERE rolname = $1', [tenant.schema])).rowCount).toBe(
    0,
  );
});

describe('a database that is a cell already', () => {
  const aliasOf = (given: string) => given.replace('127.0.0.1', 'localhost');

  test('is refused under another name and address, and stays as it was', async () => {
    const before = [await census(server), await cellNames()];
    for (const [url, cell] of [
      [secondUrl, 'first-of-second'],
      [aliasOf(secondUrl), 'first-of-second'],
      [server.controlUrl, 'default'],
    ] as const) {
      const problem = await problemOf(add('once-more', url));
      expect(problem).toMatchObject({ code: 'CELL_DATABASE_TAKEN', status: 409 });
      expect(problem.detail).toContain(`"${cell}"`);
    }
    expect([await census(server), await cellNames()]).toEqual(before);
  });

  test('of five that add one at once, one does', async () => {
    const url = await emptyDatabase('wanted');
    const before = (await cellNames()).length;
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((i) =>
        send(server, '/v1/cells', { method: 'POST', body: { name: `wanted-${i}`, url } }),
      ),
    );
    expect(statusesOf(answers)).toEqual([201, 409, 409, 409, 409]);
    expect((await cellNames()).length).toBe(before + 1);
  });

  test('a copy of a server is not taken for the server', async () => {
    const url = await emptyDatabase('tenantry');
    await server.superuser.query(
      `UPDATE tenantry.cells SET system_identifier = (SELECT system_identifier FROM tenantry.cells WHERE name = 'first-of-second')
        WHERE name = 'default'`,
    );
    expect(await add('copied', url)).toMatchObject({ name: 'copied' });
  });
});

describe('a database that is not fit is refused with the SQL that mends it, and then accepted', () => {
  const faults: readonly [name: string, attributes: string, owner: string | undefined, item: string][] = [
    ['no_createrole', '', undefined, 'create-role'],
    ['not_owner', 'CREATEROLE', 'postgres', 'owns-database'],
    ['bypass', 'CREATEROLE BYPASSRLS', undefined, 'no-bypass'],
    ['replication', 'CREATEROLE REPLICATION', undefined, 'no-bypass'],
  ];
  test.each(faults)('%s', async (name, attributes, owner, item) => {
    const url = await database(name, attributes, owner);
    const before = [await census(server), await cellNames()];
    const problem = await problemOf(add(name.replace('_', '-'), url));
    expect(problem).toMatchObject({ code: 'CELL_UNFIT', status: 422 });
    expect(problem.errors?.map(({ path }) => path)).toContain(item);
    expect([await census(server), await cellNames()]).toEqual(before);
    for (const sql of mendingSql(problem)) await superuser.query(sql);
    expect(await add(name.replace('_', '-'), url)).toMatchObject({ login: name });
    const check = await server.admin.call('checkCell', { params: { cell: name.replace('_', '-') } });
    expect(check).toMatchObject({ ok: true });
  });

  test('a superuser', async () => {
    const url = await database('super', 'SUPERUSER');
    const problem = await problemOf(add('super', url));
    expect(problem).toMatchObject({ code: 'CELL_UNFIT', status: 422 });
    expect(problem.errors?.map(({ path }) => path)).toContain('not-superuser');
    expect(await problemOf(add('postgres', withDatabase(second.superuserUrl, 'super')))).toMatchObject({
      code: 'CELL_UNFIT',
    });
  });

  test('a cell that loses a privilege later shows it in its check', async () => {
    const url = await database('loses', 'CREATEROLE');
    await addMended('loses', url);
    await superuser.query('ALTER ROLE loses NOCREATEROLE');
    const lost = await server.admin.call('checkCell', { params: { cell: 'loses' } });
    expect(lost.ok).toBe(false);
    const item = lost.items.find(({ name }) => name === 'create-role');
    expect(item).toMatchObject({ ok: false, severity: 'error', sql: 'ALTER ROLE "loses" CREATEROLE;' });
    await superuser.query(item!.sql!);
    expect(await server.admin.call('checkCell', { params: { cell: 'loses' } })).toMatchObject({ ok: true });
  });
});

describe('refused, and nothing is stored', () => {
  const refuse = async (body: object, status: number, code: string) => {
    const before = [await census(server), await cellNames()];
    const answer = await send(server, '/v1/cells', { method: 'POST', body });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(JSON.stringify(answer.body)).not.toContain(password);
    expect([await census(server), await cellNames()]).toEqual(before);
  };
  const url = (change: (url: URL) => void) => {
    const given = new URL(secondUrl);
    given.password = password;
    change(given);
    return given.href;
  };

  test('a wrong password', () => refuse({ name: 'wrong', url: url(() => {}) }, 422, 'CELL_LOGIN_REFUSED'));
  test('an unknown login', () =>
    refuse({ name: 'wrong', url: url((u) => (u.username = 'nobody')) }, 422, 'CELL_LOGIN_REFUSED'));
  test('an unknown database', () =>
    refuse(
      { name: 'wrong', url: url((u) => ((u.pathname = '/nowhere'), (u.password = 'control-password'))) },
      422,
      'CELL_LOGIN_REFUSED',
    ));
  test('a port where nobody listens', () =>
    refuse({ name: 'wrong', url: url((u) => (u.port = '1')) }, 503, 'CELL_UNREACHABLE'));
  test('a name that does not resolve', () =>
    refuse(
      { name: 'wrong', url: url((u) => (u.hostname = 'no-such-host.invalid')) },
      503,
      'CELL_UNREACHABLE',
    ));
  test('an HTTP server', () =>
    refuse({ name: 'wrong', url: url((u) => (u.port = new URL(server.url).port)) }, 503, 'CELL_UNREACHABLE'));
  test.each(['require', 'verify-full', 'no-verify'])(
    'sslmode=%s, where the server has no TLS',
    async (mode) => {
      const given = url((u) => u.searchParams.set('sslmode', mode));
      await refuse({ name: 'wrong', url: given }, 503, 'CELL_UNREACHABLE');
      const { body } = await send(server, '/v1/cells', {
        method: 'POST',
        body: { name: 'wrong', url: given },
      });
      expect(body.detail).toBe('The cell wrong cannot be reached. Check host, port, network and sslmode.');
    },
  );
  test('sslmode=require, where an HTTP server listens', () =>
    refuse(
      {
        name: 'wrong',
        url: url((u) => ((u.port = new URL(server.url).port), (u.search = 'sslmode=require'))),
      },
      503,
      'CELL_UNREACHABLE',
    ));
  test('a name that is taken', () => refuse({ name: 'default', url: secondUrl }, 409, 'CELL_NAME_TAKEN'));
  test.each(['dblink', 'postgres_fdw', 'file_fdw', 'xml2', 'tablefunc'])('the extension %s', (extension) =>
    refuse({ name: 'wrong', url: secondUrl, allowedExtensions: [extension] }, 400, 'VALIDATION'),
  );
  test('an extension that the server does not have', () =>
    refuse({ name: 'wrong', url: secondUrl, allowedExtensions: ['timescaledb'] }, 422, 'CELL_UNFIT'));
  test.each([
    ['no URL', `not a url ${password}`],
    ['another protocol', `http://a:${password}@localhost/x`],
    ['MySQL', `mysql://a:${password}@localhost/x`],
    ['no login', `postgresql://localhost/x?note=${password}`],
    ['no database', `postgresql://a:${password}@localhost`],
    ['a socket directory', `postgresql:///x?host=/tmp&password=${password}`],
    ['a port that is none', `postgresql://a:${password}@localhost:99999999/x`],
    ['NUL', `postgresql://a:${password}@localhost/x\0`],
  ])('%s', (_, given) => refuse({ name: 'wrong', url: given }, 400, 'VALIDATION'));
  test.each(['', 'Upper', 'a b', 'a'.repeat(64), '-a', 'a_b'])('the name "%s"', (name) =>
    refuse({ name, url: secondUrl }, 400, 'VALIDATION'),
  );
  test('an unknown cell cannot be checked', async () => {
    for (const cell of ['nowhere', 'DEFAULT']) {
      const problem = await problemOf(server.admin.call('checkCell', { params: { cell } }));
      expect(problem).toMatchObject({ code: 'CELL_NOT_FOUND', status: 404 });
    }
    expect((await send(server, '/v1/cells/def%00ault/check', { method: 'POST' })).status).toBe(400);
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!openssl)(
  `TLS${openssl ? '' : ' (skipped: there is no openssl to make a certificate)'}`,
  () => {
    let directory: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'cell tls '));
      const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
      const subject = ['-subj', '/CN=elsewhere.example', '-days', '2'];
      const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', key];
      execFileSync('openssl', [...words, '-out', certificate], { stdio: 'ignore' });
      // PostgreSQL reads a key of its own account only.
      const { uid, gid } = await stat(second.dataDirectory);
      await chmod(key, 0o600);
      for (const path of [key, certificate, directory]) await chown(path, uid, gid);
      for (const [setting, value] of [
        ['ssl_cert_file', certificate],
        ['ssl_key_file', key],
        ['ssl', 'on'],
      ] as const) {
        await superuser.query(`ALTER SYSTEM SET ${setting} = ${pg.escapeLiteral(value)}`);
      }
      await superuser.query('SELECT pg_reload_conf()');
      await until('the server has TLS', async () => {
        const client = new pg.Client({
          connectionString: second.superuserUrl,
          ssl: { rejectUnauthorized: false },
        });
        await client.connect();
        await client.end();
        return true;
      });
    });
    afterAll(async () => {
      for (const setting of ['ssl', 'ssl_cert_file', 'ssl_key_file']) {
        await superuser.query(`ALTER SYSTEM RESET ${setting}`);
      }
      await superuser.query('SELECT pg_reload_conf()');
      await rm(directory, { recursive: true, force: true });
    });

    test('a certificate that nobody vouches for is refused; without a look at it the server is reached', async () => {
      const given = new URL(await emptyDatabase('sealed_in_transit'));
      given.search = 'sslmode=verify-full';
      const problem = await problemOf(add('tls', given.href));
      expect(problem).toMatchObject({ code: 'CELL_UNREACHABLE', status: 503 });
      expect(problem.detail).toContain('sslmode');
      expect(JSON.stringify(problem)).not.toContain('control-password');
      given.search = 'sslmode=no-verify';
      expect(await add('tls', given.href)).toMatchObject({ name: 'tls' });
    });
  },
);

test('a cell that is away is known by its address, and keeps no other from being added', async () => {
  const url = await emptyDatabase('away');
  const way = createServer((socket) => {
    const onward = connect(second.port, '127.0.0.1');
    for (const end of [socket, onward]) end.on('error', () => {});
    socket.pipe(onward).pipe(socket);
    sockets.push(socket, onward);
  });
  const sockets: Socket[] = [];
  await once(way.listen(0, '127.0.0.1'), 'listening');
  const roundabout = new URL(url);
  roundabout.port = String((way.address() as AddressInfo).port);
  await add('away', roundabout.href);
  way.close();
  for (const socket of sockets) socket.destroy();

  const problem = await problemOf(add('away-again', url));
  expect(problem).toMatchObject({ code: 'CELL_DATABASE_TAKEN', status: 409 });
  expect(problem.detail).toContain('"away"');
  expect(await add('near', await emptyDatabase('near'))).toMatchObject({ name: 'near' });
});

test('PostgreSQL 15 is refused by its version', { timeout: 60_000 }, async ({ skip }) => {
  const old = await startOldPostgres();
  if (old === undefined) return skip('there is no PostgreSQL 15 in /usr/lib/postgresql/15/bin');
  try {
    const problem = await problemOf(add('old', old.url));
    expect(problem).toMatchObject({ code: 'CELL_VERSION_UNSUPPORTED', status: 422 });
    expect(problem.detail).toMatch(/15\.\d+.* 16 or newer/);
  } finally {
    await old.stop();
  }
});

test('no connection string’s password is in an answer, an event, the audit or the database', async () => {
  await addMended('vault', await database('vault', 'CREATEROLE'));
  const cells = await send<unknown>(server, '/v1/cells');
  const audit = await send<string>(server, '/v1/audit/export');
  expect(JSON.stringify([cells.body, audit.body])).not.toContain(password);
  const { rows } = await server.superuser.query<{ sql: string }>(
    `SELECT format('SELECT count(*)::int AS n FROM %s t WHERE t::text LIKE $1', c.oid::regclass) AS sql
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('tenantry', 'tenantry_audit', 'pgboss', 'public')`,
  );
  for (const { sql } of rows) {
    for (const text of [password, Buffer.from(password).toString('hex')]) {
      expect((await server.superuser.query<{ n: number }>(sql, [`%${text}%`])).rows[0]?.n, sql).toBe(0);
    }
  }
  // It can still be used after a restart: it is stored, encrypted.
  await server.restart();
  expect(await server.admin.call('checkCell', { params: { cell: 'vault' } })).toMatchObject({ ok: true });
});
