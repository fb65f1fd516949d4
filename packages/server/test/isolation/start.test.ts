import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StartIsolationRun } from '@tenantry/contract';
import { problemOf } from '../support/call.ts';
import { listen } from '../support/events.ts';
import { createControlRole, startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { harden, runIsolation, verdictOf } from './support.ts';

let server: TestServer;
let second: TestPostgres;
beforeAll(async () => {
  [server, second] = await Promise.all([startTestServer(), startTestPostgres()]);
  await harden(server);
});
afterAll(async () => {
  await server.stop();
  await second.stop();
});

const start = (body: StartIsolationRun, idempotencyKey?: string) =>
  server.admin.call('startIsolationRun', {
    body,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });

describe('starting a run', () => {
  test('with a key twice, also at once, is one run', async () => {
    const body: StartIsolationRun = { parts: ['audit'] };
    const all = await Promise.all([start(body, 'once'), start(body, 'once'), start(body, 'once')]);
    expect(new Set(all.map(({ run }) => run.id)).size).toBe(1);
    expect((await start(body, 'once')).operation.id).toBe(all[0].operation.id);
    expect((await problemOf(start({ parts: ['oracle'] }, 'once'))).code).toBe('IDEMPOTENCY_KEY_REUSED');
    await server.finished(all[0].operation.id);
    const { total } = await server.admin.call('listIsolationRuns', { query: {} });
    expect(total).toBe(1);
  });

  test('names a cell that there is, and needs the permission', async () => {
    expect((await problemOf(start({ cell: 'nowhere' }))).code).toBe('CELL_NOT_FOUND');
    for (const role of ['auditor', 'developer'] as const) {
      const caller = await server.as(role);
      expect((await problemOf(caller.call('startIsolationRun', { body: {} }))).code).toBe('FORBIDDEN');
      expect((await caller.call('getIsolation', {})).cells).toHaveLength(1);
    }
  });

  test('is told on the stream, with what was found', async () => {
    const stream = await listen(server.admin, { topics: 'isolation,operations' });
    try {
      await server.superuser.query('CREATE ROLE stranger LOGIN SUPERUSER');
      const { operation } = await start({ parts: ['audit'] });
      const found = await stream.until(({ event }) => event === 'isolation.findings');
      expect(found.data.data).toMatchObject({ part: 'audit' });
      await stream.until(({ event }) => event === 'isolation.failing');
      await stream.until(
        ({ event, data }) => event === 'operation.succeeded' && data.data?.['operation'] === operation.id,
      );
      await server.superuser.query('DROP ROLE stranger');
      await runIsolation(server, { parts: ['audit'] });
      await stream.until(({ event }) => event === 'isolation.unverified');
    } finally {
      await stream.close();
    }
  }, 120_000);
});

describe('several cells', () => {
  test('are looked at one by one, and one that is away keeps no other from it', async () => {
    const url = await createControlRole(second.superuserUrl, 'elsewhere');
    await server.admin.call('addCell', { body: { name: 'elsewhere', url } });
    const both = await runIsolation(server, { parts: ['audit'] });
    expect(both.results.map(({ cell, state }) => [cell, state])).toEqual([
      ['default', 'succeeded'],
      ['elsewhere', 'succeeded'],
    ]);
    const { items } = await server.admin.call('listFindings', { query: { cell: 'elsewhere' } });
    // Nobody has hardened that server.
    expect(items.map(({ check }) => check)).toContain('privilege.other-database');
    const { cells } = await server.admin.call('getIsolation', {});
    expect(cells.map(({ cell, verdict }) => [cell, verdict])).toEqual([
      ['default', 'unverified'],
      ['elsewhere', 'failing'],
    ]);
    expect(await verdictOf(server)).toBe('failing');
    await second.kill();
    const one = await runIsolation(server, { parts: ['audit'] });
    expect(one).toMatchObject({ state: 'failed', clean: null });
    expect(one.results.map(({ cell, state }) => [cell, state])).toEqual([
      ['default', 'succeeded'],
      ['elsewhere', 'failed'],
    ]);
    // Nobody has looked: nothing is taken for mended.
    const after = await server.admin.call('listFindings', { query: { cell: 'elsewhere' } });
    expect(after.total).toBe(items.length);
    await second.restart();
    await until('the cell is there again', async () => {
      const { state } = await runIsolation(server, { parts: ['audit'], cell: 'elsewhere' });
      return state === 'succeeded';
    });
  }, 90_000);
});
