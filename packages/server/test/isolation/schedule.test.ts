import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { IsolationRun } from '@tenantry/contract';
import { readConfig } from '../../src/config.ts';
import { startControlPlane, type ControlPlane } from '../../src/main/control-plane.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';
import { until } from '../support/until.ts';
import { harden, runIsolation, verdictOf } from './support.ts';

let server: TestServer;
let second: ControlPlane | undefined;
beforeAll(async () => {
  server = await startTestServer();
  await harden(server);
});
afterEach(async () => {
  await second?.stop();
  second = undefined;
});
afterAll(() => server.stop());

async function runs(): Promise<readonly IsolationRun[]> {
  return (await server.admin.call('listIsolationRuns', { query: { limit: 100 } })).items;
}

describe('the schedule', () => {
  test('is off where every interval is 0s', async () => {
    expect(await runs()).toEqual([]);
    const { parts } = await server.admin.call('getIsolation', {});
    expect(parts.map(({ every }) => every)).toEqual([null, null, null, null]);
  });

  test('notices what was planted by itself, and that it is gone, also with two control planes', async () => {
    const acme = await provision(server, 'acme');
    const globex = await provision(server, 'globex');
    await server.restart({ isolationAuditEvery: '1s' });
    const flags = { home: server.home, databaseUrl: server.controlUrl, port: '0', warmPool: '0' };
    const off = { isolationProbesEvery: '0s', isolationFaultsEvery: '0s', isolationAuditEvery: '1s' };
    second = await startControlPlane(readConfig({}, { ...flags, ...off }), pino({ level: 'silent' }), 'test');
    await until('the first run is done', async () => (await runs()).some(({ clean }) => clean));
    await server.superuser.query(`GRANT USAGE ON SCHEMA ${acme.schema} TO ${globex.schema}`);
    await until('the verdict fails', async () => (await verdictOf(server)) === 'failing', 60_000);
    await server.superuser.query(`REVOKE USAGE ON SCHEMA ${acme.schema} FROM ${globex.schema}`);
    await until('it does not fail any more', async () => (await verdictOf(server)) !== 'failing', 60_000);
    await until(
      'there are some runs',
      async () => (await runs()).filter(({ clean }) => clean).length > 4,
      60_000,
    );
    const all = await runs();
    expect(new Set(all.map(({ trigger }) => trigger))).toContain('schedule');
    expect(all.every(({ actor }) => actor.kind === 'system')).toBe(true);
    // One at a time on a cell, whoever has started it.
    const { rows } = await server.superuser.query(`
      SELECT a.id, b.id FROM tenantry.isolation_runs a JOIN tenantry.isolation_runs b ON a.id < b.id
        JOIN tenantry.operations x ON x.id = a.operation_id JOIN tenantry.operations y ON y.id = b.operation_id
       WHERE tstzrange(x.created_at, x.finished_at) && tstzrange(y.created_at, y.finished_at)`);
    expect(rows).toEqual([]);
    const audited = await auditOf(server, { action: 'isolation.run' });
    expect(audited).toEqual([]);
  }, 240_000);

  test('looks soon after a tenant has changed, once for several', async () => {
    await server.restart({ isolationAuditEvery: '1h' });
    await until('nothing is under way', async () => (await runs()).every(({ finishedAt }) => finishedAt));
    const before = (await runs()).length;
    await Promise.all(['one', 'two', 'three'].map((slug) => provision(server, slug)));
    await until(
      'the change was looked at',
      async () => (await runs()).some(({ trigger, clean }) => trigger === 'change' && clean !== null),
      60_000,
    );
    const after = await runs();
    expect(after.length - before).toBeLessThanOrEqual(2);
    expect(after[0]).toMatchObject({ trigger: 'change', parts: ['audit', 'oracle'], clean: true });
  }, 120_000);
});

describe('silence', () => {
  test('is a verdict and a finding, until somebody has looked', async () => {
    await server.restart({ isolationAuditEvery: '0s' });
    await runIsolation(server, { parts: ['audit', 'oracle'] });
    expect(await verdictOf(server)).toBe('unverified');
    await server.superuser.query(
      `UPDATE tenantry.isolation_results SET finished_at = finished_at - interval '3 days' WHERE part = 'audit'`,
    );
    const summary = await server.admin.call('getIsolation', {});
    expect(summary.verdict).toBe('stale');
    expect(summary.parts.find(({ part }) => part === 'audit')).toMatchObject({ late: true });
    expect(summary.reasons.join(' ')).toContain('nobody has looked in time: audit');
    const late = await until('it is a finding', async () => {
      const { items } = await server.admin.call('listFindings', { query: { check: 'run.late' } });
      return items[0];
    });
    expect(late).toMatchObject({ severity: 'high', subject: 'audit of cell default', state: 'open' });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('tenantry_isolation_verdict{verdict="stale"} 1');
    expect(metrics).toContain('tenantry_isolation_late{part="audit"} 1');
    expect(metrics).toContain('tenantry_isolation_findings{state="open",severity="high"} 1');
    expect(Number(/last_run_age_seconds\{part="audit"\} (\S+)/.exec(metrics)?.[1])).toBeGreaterThan(200_000);
    await runIsolation(server, { parts: ['audit'] });
    expect(await verdictOf(server)).toBe('unverified');
    const gone = await server.admin.call('getFinding', { params: { finding: late.id } });
    expect(gone.state).toBe('resolved');
  }, 60_000);
});
