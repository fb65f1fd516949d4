import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiKey, AuditVerification, CellCheck, MigrationList } from '@tenantry/contract';
import { startTestServer, type TestServer } from '../support/server.ts';
import { commandLine, endConnections, type Run } from './support.ts';

let server: TestServer;
let run: Run;
let directory: string;

beforeAll(async () => {
  server = await startTestServer();
  run = commandLine(server);
  directory = await mkdtemp(join(tmpdir(), 'tenantry cli '));
  await run(['tenant', 'create', 'acme', '--no-wait']);
});

afterAll(async () => {
  await endConnections();
  await server.stop();
  await rm(directory, { recursive: true });
});

test('audit export writes JSON Lines and CSV, to stdout or into a file of its owner', async () => {
  const jsonl = await run(['audit', 'export']);
  const seqs = jsonl.lines<{ seq: number }>().map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, at) => at + 1));
  const file = join(directory, 'audit.csv');
  const saved = await run(['audit', 'export', '--format', 'csv', '--output', file, '--from', '1h', '--json']);
  const text = await readFile(file, 'utf8');
  expect(saved.json()).toEqual({ file, format: 'csv', bytes: Buffer.byteLength(text) });
  expect(text).toMatch(/^seq,id,at,/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('an export that cannot be written leaves no half of it', async () => {
  const missing = await run(['audit', 'export', '--output', join(directory, 'no', 'such', 'file')]);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('FILE_NOT_WRITTEN')]);
  const refused = await run([
    'audit',
    'export',
    '--tenant',
    'nobody',
    '--output',
    join(directory, 'refused'),
  ]);
  expect([0, 5]).toContain(refused.code);
  const cutOff = await run(['audit', 'export', '--output', join(directory, 'cut-off')], {
    fetch: async (url, init) => {
      await fetch(url, init).then((response) => response.body?.cancel());
      return new Response(
        new ReadableStream({
          start: (stream) => stream.enqueue(new TextEncoder().encode('{"seq":1}\n')),
          pull: (stream) => stream.error(new TypeError('terminated')),
        }),
      );
    },
  });
  expect(cutOff.code).toBe(3);
  expect((await readdir(directory)).filter((name) => name.startsWith('cut-off'))).toEqual([]);
});

test('a reader that goes away ends an export quietly', async () => {
  const closed = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  const ran = await run(['audit', 'export'], {
    stdout: {
      write: () => {
        throw closed;
      },
    },
  });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
});

test('cell list and check', async () => {
  expect((await run(['cell', 'list'])).stdout).toMatch(/^default \(default\) +external/m);
  const check = await run(['cell', 'check', 'default', '--json']);
  expect(check.code).toBe(0);
  expect(check.json<CellCheck>().ok).toBe(true);
  expect((await run(['cell', 'check', 'default'])).stdout).toMatch(/^ok +version/m);
  expect((await run(['cell', 'check', 'nowhere'])).code).toBe(5);
});

test('cell add takes its connection string from a variable or stdin, and never shows it', async () => {
  const url = await secondDatabase();
  const added = await run(['cell', 'add', 'second', '--url-env', 'SECOND', '--json'], {
    env: { SECOND: url },
  });
  expect(added.code).toBe(0);
  expect(added.json()).toMatchObject({ name: 'second', kind: 'external' });
  expect(added.stdout + added.stderr).not.toContain('control-password');

  const wrong = url.replace('control-password', 'wrong-secret');
  const stdin = Object.assign(
    (async function* () {
      yield Buffer.from(`${wrong}\n`);
    })(),
    { isTTY: false },
  );
  const refused = await run(['cell', 'add', 'third'], { stdin });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('CELL_LOGIN_REFUSED');
  expect(refused.stdout + refused.stderr).not.toContain('wrong-secret');

  expect((await run(['cell', 'add', 'fourth'])).code).toBe(2);
  expect((await run(['cell', 'add', 'fourth', '--url-env', 'NOT_SET'])).code).toBe(2);
});

async function secondDatabase(): Promise<string> {
  await server.superuser.query('CREATE DATABASE second OWNER tenantry_control');
  const url = new URL(server.controlUrl);
  url.pathname = '/second';
  return url.href;
}

test('a key works until it is revoked, and can do no more than its role', async () => {
  const created = await run([
    'key',
    'create',
    '--name',
    'ci',
    '--role',
    'developer',
    '--expires',
    '30d',
    '--json',
  ]);
  const { key, token } = created.json<{ key: ApiKey; token: string }>();
  expect(Date.parse(key.expiresAt!)).toBeGreaterThan(Date.now() + 29 * 86_400_000);
  const as = { env: { TENANTRY_TOKEN: token } };
  expect((await run(['tenant', 'get', 'acme'], as)).code).toBe(0);
  const forbidden = await run(['tenant', 'suspend', 'acme'], as);
  expect([forbidden.code, forbidden.stderr]).toEqual([4, expect.stringContaining('error FORBIDDEN')]);
  expect((await run(['key', 'list'])).stdout).toMatch(new RegExp(`^${key.id} +ci +developer +valid`, 'm'));
  expect((await run(['key', 'revoke', key.id])).stdout).toMatch(/^state +revoked$/m);
  const after = await run(['tenant', 'get', 'acme'], as);
  expect([after.code, after.stderr]).toEqual([4, expect.stringContaining('error UNAUTHENTICATED')]);
  expect(after.stdout + after.stderr).not.toContain(token);
});

test('key create --quiet prints the token alone', async () => {
  const ran = await run([
    'key',
    'create',
    '--name',
    'script',
    '--role',
    'tenant',
    '--tenant',
    'acme',
    '--quiet',
  ]);
  expect(ran.stderr).toBe('');
  expect(
    (await run(['tenant', 'list', '--quiet'], { env: { TENANTRY_TOKEN: ran.stdout.trim() } })).code,
  ).toBe(0);
  const scoped = ['key', 'create', '--name', 'x', '--role', 'operator'];
  expect((await run([...scoped, '--scope', 'everything'])).code).toBe(2);
  const narrow = await run([...scoped, '--scope', 'tenants:read', '--scope', 'operations:read', '--json']);
  expect(narrow.json()).toMatchObject({ key: { scopes: ['tenants:read', 'operations:read'] } });
});

test('migration list and lint', async () => {
  const list = await run(['migration', 'list', '--json']);
  expect(list.json<MigrationList>()).toMatchObject({ schemaVersion: '18' });
  expect((await run(['migration', 'list'])).stdout).toMatch(/^1 +accounts +V1__accounts\.sql/m);
  expect((await run(['migration', 'lint'])).code).toBe(0);
});

test('demo fills the fleet, and running it again changes nothing', async () => {
  const argv = ['demo', '--tenants', '5', '--data', '2', '--json'];
  const first = (await run(argv)).json();
  expect(first).toMatchObject({
    created: 5,
    existing: 0,
    data: { loaded: ['alder-finch', 'bluewater-freight'], reason: null },
    suspended: 'cobalt-robotics',
    archived: 'dune-analytics',
  });
  const again = (await run(argv)).json();
  expect(again).toMatchObject({
    created: 0,
    existing: 5,
    data: { loaded: [], before: ['alder-finch', 'bluewater-freight'] },
    suspended: 'cobalt-robotics',
    archived: 'dune-analytics',
  });
  const [seeded] = first['tenants'] as { id: string }[];
  const counted = await server.superuser.query<{ count: string }>(`SELECT count(*) FROM ${seeded!.id}.tasks`);
  expect(Number(counted.rows[0]!.count)).toBeGreaterThan(10);
  const people = await run(['demo', '--tenants', '5', '--data', '2']);
  expect(people.stdout).toMatch(/^existing +5 were there already/m);
  expect(people.stderr).toContain('tenantry audit verify');
});

// Last, because it breaks the chain.
test('audit verify is quiet about a whole chain and names the row that a superuser changed', async () => {
  const whole = await run(['audit', 'verify', '--json']);
  expect([whole.code, whole.json<AuditVerification>().ok]).toEqual([0, true]);
  await server.superuser.query(
    `SET session_replication_role = replica; UPDATE tenantry_audit.events SET action = 'tenant.nothing' WHERE seq = 2`,
  );
  const broken = await run(['audit', 'verify', '--json']);
  expect(broken.code).toBe(1);
  expect(broken.json<AuditVerification>()).toMatchObject({
    ok: false,
    broken: { seq: 2, problem: 'changed' },
  });
  expect((await run(['audit', 'verify'])).stdout).toMatch(/^broken +row 2: /m);
});
