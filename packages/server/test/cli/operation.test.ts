import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Operation, Tenant } from '@tenantry/contract';
import { startTestServer, withDatabase, type TestServer } from '../support/server.ts';
import { addressOf, commandLine, endConnections, migrationDirectory, type Run } from './support.ts';

const gate = 4711;
let server: TestServer;
let run: Run;
let migrations: string;
let holder: pg.Client;

// Provisioning stops at the gate for as long as a test holds it.
beforeAll(async () => {
  migrations = await migrationDirectory({
    'V1__notes.sql': 'CREATE TABLE notes (id bigint PRIMARY KEY);\n',
    'V2__gate.sql': `SELECT pg_advisory_xact_lock_shared(${gate});\n`,
  });
  server = await startTestServer({ migrations });
  run = commandLine(server);
  holder = new pg.Client(withDatabase(server.postgres.superuserUrl, 'tenantry'));
  await holder.connect();
});

afterEach(() => holder.query('SELECT pg_advisory_unlock_all()'));

afterAll(async () => {
  await holder.end();
  await endConnections();
  await server.stop();
  await rm(migrations, { recursive: true });
});

const closeGate = () => holder.query(`SELECT pg_advisory_lock(${gate})`);
const openGate = () => holder.query('SELECT pg_advisory_unlock_all()');

async function start(slug: string): Promise<string> {
  const ran = await run(['tenant', 'create', slug, '--no-wait', '--json']);
  return ran.json<{ operation: { id: string } }>().operation.id;
}

/** A fetch that calls back when the event stream has been opened. */
function onListening(act: () => void): typeof fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (addressOf(url).includes('/v1/events')) act();
    return response;
  };
}

test('watch prints the steps as they happen and ends with the operation', async () => {
  await closeGate();
  const id = await start('watched');
  const ran = await run(['operation', 'watch', id, '--json'], { fetch: onListening(() => void openGate()) });
  expect(ran.code).toBe(0);
  const lines = ran.lines<{ type: string; step: { name: string; state: string }; operation: Operation }>();
  const steps = lines.filter(({ type }) => type === 'step').map(({ step }) => `${step.name} ${step.state}`);
  for (const step of ['build succeeded', 'probe succeeded', 'activate succeeded'])
    expect(steps).toContain(step);
  expect(new Set(steps).size).toBe(steps.length);
  expect(lines.at(-1)).toMatchObject({ type: 'operation', operation: { id, state: 'succeeded' } });
});

test('watch for people shows how long each step took', async () => {
  const id = await start('watched-by-people');
  await server.finished(id);
  const ran = await run(['operation', 'watch', id]);
  expect(ran.stdout).toMatch(/^succeeded +[\d.]+ m?s {2}\S.*\n(.*\n)*op_\w+ succeeded [\d.]+ m?s\n$/);
});

test('Ctrl-C stops the waiting, not the operation', async () => {
  await closeGate();
  let interrupt = () => {};
  const ran = await run(['tenant', 'create', 'interrupted'], {
    onInterrupt: (listener) => (interrupt = listener),
    fetch: onListening(() => interrupt()),
  });
  expect(ran.code).toBe(130);
  expect(ran.stdout).toBe('');
  const id = /tenantry operation watch (op_\w+)/.exec(ran.stderr)?.[1];
  await openGate();
  expect((await server.finished(id!)).state).toBe('succeeded');
});

test('--timeout stops the waiting, not the operation', async () => {
  await closeGate();
  const ran = await run(['tenant', 'create', 'slow', '--timeout', '50ms', '--json']);
  expect(ran.code).toBe(1);
  expect(ran.error()).toMatchObject({
    code: 'WAIT_TIMEOUT',
    next: expect.stringContaining('operation watch op_'),
  });
  await openGate();
});

test('a stream that breaks is resumed after its last event, and reading goes on meanwhile', async () => {
  await closeGate();
  const id = await start('broken-stream');
  const resumedAfter: (string | null)[] = [];
  const ran = await run(['operation', 'watch', id], {
    fetch: async (url, init) => {
      if (!addressOf(url).includes('/v1/events')) return fetch(url, init);
      resumedAfter.push(new Headers(init?.headers).get('last-event-id'));
      if (resumedAfter.length === 1)
        return new Response('id: 1\nevent: operation.step\ndata: {}\n\nid: 2\ndata: {');
      if (resumedAfter.length === 2) throw new TypeError('fetch failed');
      await openGate();
      return fetch(url, init);
    },
  });
  expect(ran.code).toBe(0);
  // Event 2 had only begun when the stream broke.
  expect(resumedAfter.slice(0, 3)).toEqual([null, '1', '1']);
});

test('a control plane that is away for a moment is waited for', async () => {
  await closeGate();
  const id = await start('away');
  let failures = 0;
  const ran = await run(['operation', 'watch', id], {
    fetch: async (url, init) => {
      if (!addressOf(url).includes('/v1/events') && failures < 3) {
        failures += 1;
        if (failures === 3) await openGate();
        throw new TypeError('fetch failed');
      }
      return fetch(url, init);
    },
  });
  expect([ran.code, failures]).toEqual([0, 3]);
});

test('cancel --wait ends when everything is undone', async () => {
  await closeGate();
  const id = await start('cancelled');
  const ran = await run(['operation', 'cancel', id, '--wait', '--json']);
  expect(ran.code).toBe(0);
  expect(ran.lines().at(-1)).toMatchObject({ operation: { state: 'cancelled' } });
  expect((await run(['tenant', 'get', 'cancelled'])).code).toBe(5);
  expect((await run(['operation', 'cancel', id])).code).toBe(6);
  expect((await run(['operation', 'watch', id])).code).toBe(1);
  await openGate();
  const retried = await run(['operation', 'retry', id, '--wait']);
  expect(retried.code).toBe(0);
  expect((await run(['tenant', 'get', 'cancelled', '--json'])).json<Tenant>().state).toBe('active');
});

test('a failure says where it happened and what to do, and a mended file makes the retry succeed', async () => {
  const file = join(migrations, 'V3__broken.sql');
  await writeFile(file, '-- one\n\nCREATE TABLE broken (id nonsense);\n');
  const ran = await run(['tenant', 'create', 'failing']);
  expect(ran.code).toBe(1);
  expect(ran.stdout).toBe('');
  expect(ran.stderr).toMatch(/^error MIGRATION_FAILED: /);
  expect(ran.stderr).toContain('at V3__broken.sql:3');
  expect(ran.stderr).toContain('SQLSTATE 42704');
  const id = /tenantry operation retry (op_\w+)/.exec(ran.stderr)?.[1];
  expect((await run(['tenant', 'create', 'failing', '--json'])).error()).toMatchObject({
    code: 'MIGRATION_FAILED',
    file: 'V3__broken.sql',
    line: 3,
    sqlState: '42704',
    operation: { state: 'failed' },
  });
  const shown = await run(['operation', 'get', id!]);
  expect(shown.stdout).toMatch(/^file +V3__broken.sql:3$/m);
  await rm(file);
  expect((await run(['operation', 'retry', id!, '--wait'])).code).toBe(0);
});

test('list filters by state and tenant', async () => {
  const id = await start('listed');
  await server.finished(id);
  const ran = await run(['operation', 'list', '--tenant', 'listed', '--state', 'succeeded', '--json']);
  expect(ran.json<{ items: Operation[] }>().items.map((item) => item.id)).toEqual([id]);
  expect((await run(['operation', 'list'])).stdout).toContain(id);
  expect((await run(['operation', 'watch', 'op_none'])).code).toBe(5);
});
