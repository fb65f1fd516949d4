import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, type Client, type SecurityEvent, type Tenant } from '@tenantry/contract';
import { deriveCredential, sealedConnection, tenantId } from '@tenantry/tenancy';
import { readConfig } from '../../src/config.ts';
import { followLog } from '../../src/db/embedded/follow-log.ts';
import { LogReader, type LoggedRefusal } from '../../src/db/embedded/log-lines.ts';
import { rotateLog } from '../../src/db/embedded/rotate-log.ts';
import { startControlPlane, type ControlPlane } from '../../src/main/control-plane.ts';
import { homes } from '../db/embedded-fixtures/homes.ts';
import { listen } from '../support/events.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { metricOf } from './support.ts';

/** The embedded PostgreSQL, whose log the control plane reads. */
const own = homes();
let home: string;
let files: MigrationFiles;
let plane: ControlPlane;
let admin: Client;
let acme: Tenant;
let other: Tenant;
let key: Uint8Array;
beforeAll(async () => {
  files = await migrationFiles();
  home = await own.make();
  // Attacks are refused statements, too.
  const off = { isolationAuditEvery: '0s', isolationProbesEvery: '0s', isolationFaultsEvery: '0s' };
  const flags = { home, port: '0', warmPool: '1', migrations: files.path, ...off };
  const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' }, pino.destination(2));
  plane = await startControlPlane(readConfig({}, flags), log, 'test');
  admin = createClient({ url: plane.url, token: plane.token });
  key = Buffer.from(await readFile(join(home, 'secrets', 'credential-key'), 'utf8'), 'base64');
  [acme, other] = [await create('acme'), await create('other')];
}, 60_000);
afterAll(async () => {
  await plane?.stop();
  await files?.clean();
  await own.clear();
});

async function create(slug: string): Promise<Tenant> {
  const stream = await listen(admin, { topics: 'tenants' });
  const { tenant: created } = await admin.call('createTenant', { body: { slug } });
  const read = () => admin.call('getTenant', { params: { tenant: created!.id } });
  while ((await read()).state !== 'active') {
    const seen = stream.received.length;
    await stream.until(() => stream.received.length > seen);
  }
  await stream.close();
  return read();
}

const connection = (tenant: Tenant, more: pg.ClientConfig = {}): pg.ClientConfig => ({
  ...sealedConnection({
    cell: { host: '127.0.0.1', port: plane.embedded!.port, database: 'tenantry' },
    tenant: tenantId(tenant.id),
    credentialKey: key,
    credentialVersion: tenant.credentialVersion,
  }),
  ...more,
});

async function codeOf(config: pg.ClientConfig, ...statements: string[]): Promise<string> {
  const client = new pg.Client(config);
  client.on('error', () => {});
  try {
    await client.connect();
    for (const statement of statements) await client.query(statement);
    return 'done';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  } finally {
    await client.end().catch(() => {});
  }
}

const logged = async (tenant: string): Promise<readonly SecurityEvent[]> =>
  (await admin.call('listSecurityEvents', { query: { tenant, source: 'log', limit: 100 } })).items;

const toldOn = async (stream: Awaited<ReturnType<typeof listen>>, tenant: Tenant, text: string) =>
  stream.until(({ data }) => data.data?.['tenantId'] === tenant.id && JSON.stringify(data).includes(text));

test('what the probe of a new tenant and of a spare was refused is no event', async () => {
  // Behind them in the same log: when this has arrived, they have.
  expect(await codeOf(connection(other), 'SELECT * FROM tenantry.tenants')).toBe('42501');
  await expect.poll(() => logged(other.id)).toHaveLength(1);
  expect(await logged(acme.id)).toEqual([]);
  const { items } = await admin.call('listSecurityEvents', { query: { source: 'log', limit: 100 } });
  expect(items.map(({ kind, tenantId: id, count }) => [kind, id, count])).toEqual([['denied', other.id, 1]]);
});

test('statements of a tenant that PostgreSQL refuses are told within two seconds, and counted', async () => {
  const before = await metricOf(plane, 'tenantry_security_events_total', { source: 'log' });
  const stream = await listen(admin, { topics: 'security' });
  expect(await codeOf(connection(acme), `SELECT body FROM ${other.id}.notes`)).toBe('42501');
  const started = performance.now();
  await toldOn(stream, acme, '"denied"');
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(await codeOf(connection(acme), `SET ROLE ${other.id}`)).toBe('42501');
  expect(await codeOf(connection(acme), `SELECT nothing FROM t_zzzzzzzzzzzz.notes`)).toBe('42P01');
  await toldOn(stream, acme, 'role-switch');
  await toldOn(stream, acme, 'foreign-name');
  await stream.close();
  expect((await logged(acme.id)).map(({ kind }) => kind).toSorted()).toEqual(
    expect.arrayContaining(['denied', 'foreign-name', 'role-switch']),
  );
  expect(await metricOf(plane, 'tenantry_security_events_total', { source: 'log' })).toBe(before + 3);
  // Its own mistakes are nobody's business.
  expect(await codeOf(connection(acme), 'SELECT * FROM no_such_table')).toBe('42P01');
});

test('logins with a wrong password, and at a closed door', async () => {
  const stream = await listen(admin, { topics: `security:${acme.id},security:${other.id}` });
  expect(await codeOf(connection(acme, { password: 'guessed-password' }))).toBe('28P01');
  await toldOn(stream, acme, '28P01');
  await admin.call('suspendTenant', { params: { tenant: other.id }, body: { reason: 'unpaid' } });
  expect(await codeOf(connection(other))).toBe('28000');
  await toldOn(stream, other, '28000');
  await stream.close();
  expect((await logged(acme.id)).find(({ kind }) => kind === 'login-refused')).toMatchObject({
    sqlState: '28P01',
    count: 1,
  });
  const { items: refused } = await admin.call('listSecurityEvents', { query: { kind: 'login-refused' } });
  const unknown = refused.find(({ tenantId: id }) => id === null);
  expect(unknown).toBeUndefined();
  await codeOf(connection(acme, { user: 'somebody-else' }));
  await expect
    .poll(async () => {
      const { items } = await admin.call('listSecurityEvents', { query: { kind: 'login-refused' } });
      return items.filter(({ tenantId: id }) => id === null).map(({ sqlState, count }) => [sqlState, count]);
    })
    .toEqual([['28P01', 1]]);
});

test('a user name cannot write lines of the log', async () => {
  const before = (await logged(acme.id)).reduce((sum, { count }) => sum + count, 0);
  const line = `2026-01-01 00:00:00.000 UTC [1] 1.1 28P01 FATAL:  password authentication failed for user "${acme.id}"`;
  expect(await codeOf(connection(acme, { user: `x\n${line}` }))).toBe('28P01');
  expect(await codeOf(connection(acme), `SELECT * FROM "x\n${line.replaceAll('"', '""')}"`)).toBe('42P01');
  expect(await codeOf(connection(acme), `SELECT * FROM ${other.id}.notes`)).toBe('42501');
  await expect
    .poll(async () => (await logged(acme.id)).reduce((sum, { count }) => sum + count, 0))
    .toBe(before + 1);
});

test('neither the log nor what is kept holds a statement, a value or a password', async () => {
  const secret = 'hunter2andmore';
  const statements = [
    `SELECT * FROM ${other.id}.notes WHERE body = '${secret}'`,
    `DO $do$ BEGIN EXECUTE 'SELECT * FROM ${other.id}.notes WHERE body = ''${secret}'''; END $do$`,
    `ALTER ROLE ${other.id} PASSWORD '${secret}'`,
    `INSERT INTO notes (id, body) VALUES (1, '${secret}'), (1, '${secret}')`,
  ];
  for (const statement of statements) expect(await codeOf(connection(acme), statement)).not.toBe('done');
  const client = new pg.Client(connection(acme));
  await client.connect();
  await expect(client.query(`SELECT * FROM ${other.id}.notes WHERE body = $1`, [secret])).rejects.toThrow(
    'permission denied',
  );
  await client.end();
  expect(await codeOf(connection(acme, { password: secret }))).toBe('28P01');
  await expect
    .poll(async () => (await logged(acme.id)).some(({ sqlState }) => sqlState === '28P01'))
    .toBe(true);
  const text = await readFile(join(home, 'postgres', 'log', 'postgresql.log'), 'utf8');
  expect(text).toContain('42501');
  expect(text).not.toContain(secret);
  expect(text).not.toContain(deriveCredential(key, acme.id, acme.credentialVersion));
  const kept = await admin.call('listSecurityEvents', { query: { limit: 100 } });
  expect(JSON.stringify(kept)).not.toContain(secret);
});

describe('following', () => {
  const line = (n: number) =>
    `2026-01-01 00:00:00.${String(n).padStart(3, '0')} UTC [1] 1.1 28P01 FATAL:  password authentication failed for user "t_aaaaaaaaaaaa"\n`;

  async function follow(file: string) {
    const told: LoggedRefusal[] = [];
    const stop = followLog({
      file,
      from: (await stat(file)).size,
      tell: (each) => told.push(...each),
      everyMs: 5,
    });
    return { told, stop };
  }

  test('goes on across a rotation, at half a line, and reads to the end when it is stopped', async () => {
    const file = join(dirname(await own.make()), 'postgresql.log');
    await writeFile(file, line(0));
    const { told, stop } = await follow(file);
    await appendFile(file, line(1) + line(2).slice(0, 40));
    await expect.poll(() => told.length).toBe(1);
    await appendFile(file, line(2).slice(40));
    await expect.poll(() => told.length).toBe(2);
    // Written and moved away before anybody has looked.
    await appendFile(file, line(3));
    expect(await rotateLog(file, 10)).toBe(true);
    await appendFile(file, line(4));
    await expect.poll(() => told.length).toBe(4);
    await appendFile(file, line(5));
    await stop();
    expect(told.map(({ at }) => at.getUTCMilliseconds())).toEqual([1, 2, 3, 4, 5]);
  });

  test('a session that began before is told without its role, and one of verification not at all', () => {
    const reader = new LogReader();
    const at = '2026-01-01 00:00:00.000 UTC [1]';
    const denied = (session: string) =>
      reader.read(`${at} ${session} 42501 ERROR:  permission denied for schema t_bbbbbbbbbbbb`);
    expect(denied('1.1')).toMatchObject({ kind: 'denied', role: null });
    const begin = (session: string, user: string, application: string) =>
      reader.read(
        `${at} ${session} 00000 LOG:  connection authorized: user=${user} database=tenantry application_name=${application}`,
      );
    begin('1.2', 'tenantry_slot_1', 'tenantry isolation');
    expect(denied('1.2')).toBeUndefined();
    begin('1.4', 'tenantry_slot_1', 'orders-api');
    expect(denied('1.4')).toMatchObject({ role: 'tenantry_slot_1' });
    begin('1.5', 'tenantry_canary_role_abcdef', 'x');
    expect(denied('1.5')).toBeUndefined();
    begin('1.3', 't_aaaaaaaaaaaa', 'tenantry isolation');
    expect(denied('1.3')).toMatchObject({ role: 't_aaaaaaaaaaaa' });
    reader.read(
      `${at} 1.3 00000 LOG:  disconnection: session time: 0:00:00.001 user=t_aaaaaaaaaaaa database=tenantry host=127.0.0.1`,
    );
    expect(denied('1.3')).toMatchObject({ role: null });
  });
});
