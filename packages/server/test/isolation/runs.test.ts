import { faults } from '@tenantry/isolation';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { systemActor } from '../../src/db/context.ts';
import { Cells } from '../../src/db/cells/registry.ts';
import { openControlDatabase } from '../../src/db/database.ts';
import { injectInto } from '../../src/isolation/run-faults.ts';
import { sampleMigrations } from '../../src/main/control-plane.ts';
import type { TenantContext } from '../../src/tenants/context.ts';
import { MigrationSource } from '../../src/tenants/migration-source.ts';
import { send } from '../support/call.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { harden, runIsolation } from './support.ts';

let server: TestServer;
let acme: Tenant;
beforeAll(async () => {
  server = await startTestServer();
  await harden(server);
  acme = await provision(server, 'acme');
  await provision(server, 'globex');
});
afterAll(() => server.stop());

describe('a run', () => {
  test('of audit and oracle finds nothing on a cell that is as it should be', async () => {
    const run = await runIsolation(server, { parts: ['audit', 'oracle'], reason: 'look' });
    const { items } = await server.admin.call('listFindings', { query: {} });
    expect(items.map(({ check, subject }) => `${check} ${subject}`)).toEqual([]);
    expect(run).toMatchObject({ state: 'succeeded', clean: true, tenants: 2, trigger: 'request' });
    expect(run.checks.length).toBeGreaterThan(50);
    expect(run.checks.every(({ state }) => state === 'passed')).toBe(true);
    expect(run.results.map(({ part }) => part)).toEqual(['audit', 'oracle']);
    const [event] = await auditOf(server, { action: 'isolation.run' });
    expect(event).toMatchObject({
      target: { kind: 'isolation-run', id: run.id },
      reason: 'look',
      after: { parts: ['audit', 'oracle'], operation: run.operation },
    });
    expect(acme.schema).toMatch(/^t_/);
  });

  test('of probes is a matrix of attacks that were refused, and of controls on which they succeed', async () => {
    const run = await runIsolation(server, { parts: ['probes'] });
    expect(run.results.map(({ error }) => error)).toEqual([null]);
    expect(run.positiveControls.filter(({ ok }) => !ok)).toEqual([]);
    const odd = run.matrix.filter(
      ({ kind, verdict }) => kind !== 'control' && (verdict === 'hit' || verdict === 'unexpected'),
    );
    expect(odd.map(({ attack, target, actual, message }) => [attack, target, actual, message])).toEqual([]);
    expect(run.attacks).toMatchObject({ succeeded: 0, unexpected: 0 });
    expect(run.attacks!.refused).toBeGreaterThan(100);
    expect(run.attacks!.controls.hit).toBe(run.attacks!.controls.expected);
    expect(new Set(run.matrix.map(({ target }) => target))).toEqual(
      new Set(['login', 'sealed', 'leased', 'auto', 'search_path', 'set role', 'http']),
    );
    expect(run.matrix.filter(({ target }) => target === 'http').length).toBeGreaterThan(20);
    // They come by the hundred from the address of people who share it, and use up nobody's allowance, nor their own.
    expect(run.matrix.filter(({ message }) => /rate limit/.test(message ?? ''))).toEqual([]);
    expect(await send(server, '/v1/me', { token: null })).toMatchObject({ status: 401 });
    expect((await server.admin.call('listTenants', { query: {} })).total).toBe(2);
    const { rows } = await server.superuser.query(`SELECT rolname FROM pg_roles WHERE rolname ~ 'canary'`);
    expect(rows).toEqual([]);
    // The last of the three parts that a verdict needs.
    const summary = await server.admin.call('getIsolation', {});
    expect(summary).toMatchObject({
      verdict: 'verified',
      reasons: [],
      tenants: { registered: 2, covered: 2 },
    });
    expect(summary.attacks).toMatchObject({ run: run.id, succeeded: 0 });
    expect(summary.parts.map(({ part, late }) => [part, late])).toEqual([
      ['audit', false],
      ['oracle', false],
      ['probes', false],
      ['faults', false],
    ]);
  }, 400_000);

  test('of faults weakens a cell of its own, and goes with the run', async () => {
    const { operation } = await server.admin.call('startIsolationRun', { body: { parts: ['faults'] } });
    const params = { operation: operation.id };
    const detail = await until(
      'some faults were noticed',
      async () => {
        const { steps } = await server.admin.call('getOperation', { params });
        const now = steps[0]!.detail as { readonly tried?: number; readonly found?: number } | null;
        return (now?.tried ?? 0) >= 20 && now;
      },
      120_000,
    );
    expect(detail).toMatchObject({ faults: faults.length, found: detail!.tried });
    await server.admin.call('cancelOperation', { params });
    expect((await server.finished(operation.id)).state).toBe('cancelled');
  }, 180_000);
});

describe('the throw-away cell', () => {
  test('is a cell as this installation makes one, and what weakens it is noticed', async () => {
    const control = openControlDatabase(server.controlUrl, 2);
    const credentialKey = randomBytes(32);
    const cells = new Cells({ db: control.db, credentialKey, defaultUrl: server.controlUrl, size: 2 });
    const ctx: TenantContext = {
      control,
      cells,
      migrations: new MigrationSource([sampleMigrations], {}),
      jobs: { enqueueOperation: () => Promise.resolve(), startSoon: () => {}, replenishSoon: () => {} },
      events: { wake: () => {} },
      actor: systemActor('test'),
      onlyTenant: null,
      requestId: null,
      sourceIp: null,
      clock: () => new Date(),
      log: pino({ level: 'silent' }),
    };
    try {
      // One of each family: all of them are the package's own test.
      const some = faults.filter(
        ({ family }, at) => faults.findIndex((each) => each.family === family) === at,
      );
      const outcome = await injectInto(ctx, some, new AbortController().signal, () => {});
      expect(outcome.missed).toEqual([]);
      expect(outcome.found).toBeGreaterThan(15);
    } finally {
      await cells.close();
      await control.close();
    }
  }, 120_000);
});
