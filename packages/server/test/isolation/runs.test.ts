import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';
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
    expect(run.attacks).toMatchObject({ succeeded: 0, unexpected: 0 });
    expect(run.attacks!.refused).toBeGreaterThan(100);
    expect(run.attacks!.controls.hit).toBe(run.attacks!.controls.expected);
    expect(new Set(run.matrix.map(({ target }) => target))).toEqual(
      new Set(['login', 'sealed', 'leased', 'auto', 'search_path', 'set role']),
    );
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
  }, 180_000);

  test('of faults weakens a copy, and every fault is noticed', async () => {
    const run = await runIsolation(server, { parts: ['faults'] });
    expect(run.results.map(({ error }) => error)).toEqual([null]);
    expect(run.missedFaults).toEqual([]);
    expect(run.faults!.total).toBeGreaterThan(79);
    expect(run.faults!.found).toBe(run.faults!.total);
  }, 300_000);
});
