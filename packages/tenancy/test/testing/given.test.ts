import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../src/embedded/index.ts';
import { checkServer } from '../../src/testing/cell/server-check.ts';
import {
  expectIsolated,
  startTestTenants,
  type TestTenants,
  type TestTenantsOptions,
} from '../../src/testing/index.ts';
import { as, correctApp, schema } from './apps.ts';

let server: TestPostgres;
let superuser: pg.Client;
let developer: string;
beforeAll(async () => {
  server = await startTestPostgres();
  superuser = new pg.Client(server.superuserUrl);
  await superuser.connect();
  await superuser.query(
    `CREATE ROLE developer LOGIN CREATEROLE CREATEDB PASSWORD 'developer'; CREATE ROLE nobody LOGIN PASSWORD 'nobody'`,
  );
  developer = urlAs('developer');
});
afterAll(async () => {
  await superuser?.end();
  await server?.stop();
});

function urlAs(role: string): string {
  const url = new URL(server.superuserUrl);
  [url.username, url.password] = [role, role];
  return url.href;
}

const start = (url: string, more: Partial<TestTenantsOptions> = {}): Promise<TestTenants> =>
  startTestTenants({ schema, postgres: { url }, ...more });

/** What kits have left on the server. */
async function left(): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles WHERE rolname ~ '^(t_|tenantry)' UNION ALL SELECT datname FROM pg_database WHERE datname ~ '^tenantry' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

describe.each(['a superuser', 'a role with CREATEROLE and CREATEDB'])('as %s', (who) => {
  const url = (): string => (who === 'a superuser' ? server.superuserUrl : developer);

  test.each(['auto', 'sealed', 'leased'] as const)(
    'three kits share a server on %s, and leave nothing',
    async (lane) => {
      const kits = await Promise.all([1, 2, 3].map(() => start(url(), { lane, spares: 1 })));
      await Promise.all(
        kits.map(async (kit) => {
          const pair = await kit.pair();
          const app = correctApp(kit);
          await expectIsolated({
            tenants: pair,
            send: (request) => app.fetch(request),
            as,
            pairs: 3,
            routes: ['GET /notes', 'POST /notes'],
          });
          const { rows } = await pair[0].query(
            'SELECT current_user AS me, rolsuper FROM pg_roles WHERE rolname = session_user',
          );
          expect(rows).toEqual([{ me: pair[0].tenant, rolsuper: false }]);
        }),
      );
      await kits[0]!.stop();
      // The first has left what the others need.
      await expect((await kits[1]!.create()).query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
      await Promise.all(kits.map((kit) => kit.stop()));
      expect(await left()).toEqual([]);
    },
  );
});

test('a container that was started is asked for its address', async () => {
  const kit = await startTestTenants({ schema, postgres: { getConnectionUri: () => developer } });
  await expect((await kit.create()).query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
  expect(kit.superuserUrl).toBeUndefined();
  await kit.stop();
});

test('what a process that was killed has left is removed by the next', async () => {
  const program = fileURLToPath(new URL('given-process.ts', import.meta.url));
  const child = spawn(process.execPath, [program, developer], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const before = await left();
  expect(before.some((name) => name.startsWith('t_'))).toBe(true);
  const databases = before.filter((name) => name.startsWith('tenantry_test_'));
  expect(databases).toHaveLength(1);
  // Its backends end when they notice.
  await expect
    .poll(
      async () =>
        (await superuser.query('SELECT FROM pg_stat_activity WHERE datname = $1', [databases[0]])).rowCount,
    )
    .toBe(0);
  const kit = await start(developer, { spares: 0, lane: 'leased' });
  const names = await left();
  expect(names.filter((name) => name.startsWith('t_'))).toEqual([]);
  expect(names).not.toContain(databases[0]);
  await expect((await kit.create()).query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
  await kit.stop();
  expect(await left()).toEqual([]);
});

describe('a server that will not do is refused, with what to do', () => {
  test('no right to make roles and databases', async () => {
    await expect(start(urlAs('nobody'))).rejects.toMatchObject({
      code: 'TESTING_SERVER',
      message: expect.stringContaining('ALTER ROLE "nobody" CREATEROLE CREATEDB;') as string,
    });
  });

  test('a version before 16, or a replica', async () => {
    // The server is real; only what it says of itself is not.
    await superuser.query(`
      CREATE SCHEMA old; CREATE FUNCTION old.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT '150008' $$;
      CREATE SCHEMA replica; CREATE FUNCTION replica.pg_is_in_recovery() RETURNS bool LANGUAGE sql AS 'SELECT true'`);
    await superuser.query('SET search_path = old, pg_catalog');
    await expect(checkServer(superuser, [])).rejects.toMatchObject({
      code: 'TESTING_SERVER',
      message: expect.stringContaining('too old: test tenants need 16 or newer') as string,
    });
    await superuser.query('SET search_path = replica, pg_catalog');
    await expect(checkServer(superuser, [])).rejects.toThrow('read-only replica');
    await superuser.query('RESET search_path');
    await expect(checkServer(superuser, [])).resolves.toBeUndefined();
  });

  test('a login that is not let in; the password is not told', async () => {
    const failure = await start(urlAs('somebody')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'TESTING_SERVER', sqlState: '28P01' });
    const wrong = await start('postgresql://x:secret-word@127.0.0.1:1/y').catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: 'TESTING_SERVER' });
    expect(String(wrong)).not.toContain('secret-word');
  });

  test('an extension that is not there', async () => {
    await expect(start(developer, { extensions: ['no_such_extension'] })).rejects.toMatchObject({
      code: 'TESTING_SERVER',
      message: expect.stringContaining('no_such_extension') as string,
    });
    expect(await left()).toEqual([]);
  });

  test('kits of another login, whose passwords it does not know', async () => {
    const kit = await start(developer);
    await expect(start(server.superuserUrl)).rejects.toMatchObject({
      code: 'TESTING_SERVER',
      message: expect.stringContaining('another login or password') as string,
    });
    await expect((await kit.create()).query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
    await kit.stop();
  });

  test('a control plane lives there, and nothing of it is touched', async () => {
    await superuser.query('CREATE ROLE tenantry_tenants');
    await expect(start(server.superuserUrl)).rejects.toMatchObject({
      code: 'TESTING_SERVER',
      message: expect.stringContaining('control plane') as string,
    });
    expect(await left()).toEqual(['tenantry_tenants']);
    await superuser.query('DROP ROLE tenantry_tenants');
  });
});

test('extensions are made in their schema', async () => {
  const kit = await start(server.superuserUrl, {
    extensions: ['pgcrypto'],
    schema: (client) =>
      client.query(
        `CREATE TABLE t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), hash text DEFAULT crypt('a', gen_salt('md5')))`,
      ),
  });
  await expect((await kit.create()).query('INSERT INTO t DEFAULT VALUES')).resolves.toMatchObject({
    rowCount: 1,
  });
  await kit.stop();
});
