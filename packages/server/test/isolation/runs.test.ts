import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';
import { runIsolation } from './support.ts';

let server: TestServer;
let acme: Tenant;
beforeAll(async () => {
  server = await startTestServer();
  acme = await provision(server, 'acme');
  await provision(server, 'globex');
});
afterAll(() => server.stop());

describe('a run', () => {
  test('of audit and oracle finds nothing on a cell that is as it should be', async () => {
    const run = await runIsolation(server, { parts: ['audit', 'oracle'], reason: 'look' });
    const { items } = await server.admin.call('listFindings', { query: {} });
    expect(items).toEqual([]);
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
});
