import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FindingPage, IsolationRunPage, IsolationSummary, Tenant } from '@tenantry/contract';
import { directArguments } from '../../src/cli/isolation.ts';
import { tenantry, type Ran } from '../cli/support.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';
import { harden } from './support.ts';

let server: TestServer;
let acme: Tenant;
let directory: string;
beforeAll(async () => {
  server = await startTestServer();
  await harden(server);
  acme = await provision(server, 'acme');
  directory = await mkdtemp(join(tmpdir(), 'tenantry isolation '));
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const isolation = (...argv: string[]): Promise<Ran> =>
  tenantry(['isolation', ...argv], { env: { TENANTRY_URL: server.url, TENANTRY_TOKEN: server.token } });

describe('tenantry isolation', () => {
  test.each([
    [['isolation', 'verify'], {}, undefined],
    [['isolation', 'verify', '--url', 'postgresql://x'], {}, ['verify', '--url', 'postgresql://x']],
    [
      ['--url=postgres://x', 'isolation', 'verify', '--json'],
      {},
      ['--url=postgres://x', 'verify', '--format', 'json'],
    ],
    [['isolation', 'attack', '--only', 'read'], {}, ['attack', '--only', 'read']],
    [['isolation', 'faults', '--throw-away'], {}, ['faults', '--throw-away']],
    [['isolation', 'verify'], { TENANTRY_ISOLATION_URL: 'postgresql://x' }, ['verify']],
    [['isolation', 'report', 'saved.json'], {}, ['report', 'saved.json']],
    [['--url', 'http://plane', 'isolation', 'verify'], {}, undefined],
    [['isolation', 'status'], { TENANTRY_ISOLATION_URL: 'postgresql://x' }, undefined],
    [['tenant', 'get', 'isolation'], {}, undefined],
    [[], {}, undefined],
  ])('%j', (argv, env, expected) => {
    expect(directArguments(argv, env)).toEqual(expected);
  });

  test('verify asks the control plane, and exits with what it found', async () => {
    const good = await isolation('verify', '--reason', 'before the release');
    expect([good.code, good.stderr]).toEqual([0, '']);
    await server.superuser.query(`GRANT USAGE ON SCHEMA ${acme.schema} TO tenantry_tenants`);
    try {
      const file = join(directory, 'found.sarif');
      const bad = await isolation('verify', '--format', 'junit', '--output', file);
      expect(bad.code).toBe(1);
      expect(bad.stdout).toContain('<testsuites');
      expect(bad.stdout).toContain(acme.schema);
      const sarif = JSON.parse(await readFile(file, 'utf8')) as { runs: { results: unknown[] }[] };
      expect(sarif.runs[0]!.results.length).toBeGreaterThan(0);
      const json = await isolation('verify', '--json', '--fail-on', 'critical');
      expect(json.json<{ findings: { severity: string }[] }>().findings.length).toBeGreaterThan(0);
      const list = await isolation('findings', '--json');
      const [finding] = list.json<FindingPage>().items;
      const table = await isolation('findings');
      expect(table.stdout).toContain(finding!.id);
      expect((await isolation('finding', finding!.id)).stdout).toContain(finding!.subject);
      const accepted = await isolation('accept', finding!.id, '--reason', 'known', '--until', '30d');
      expect(accepted.code).toBe(0);
      expect(accepted.stdout).toMatch(/accepted until \d{4}/);
      expect((await isolation('reopen', finding!.id, '--quiet')).stdout).toBe(`${finding!.id} open\n`);
      expect((await isolation('accept', finding!.id, '--reason', 'x', '--until', 'soon')).code).toBe(2);
      const status = await isolation('status');
      expect(status.code).toBe(1);
      expect(status.stdout).toContain('failing');
      expect((await isolation('status', '--quiet')).stdout).toBe('failing\n');
    } finally {
      await server.superuser.query(`REVOKE USAGE ON SCHEMA ${acme.schema} FROM tenantry_tenants`);
    }
    expect((await isolation('verify')).code).toBe(0);
    const summary = (await isolation('status', '--json')).json<IsolationSummary>();
    expect(summary.findings.open).toEqual({ critical: 0, high: 0, medium: 0, low: 0 });
    const runs = (await isolation('runs', '--json')).json<IsolationRunPage>();
    expect(runs.items.length).toBeGreaterThanOrEqual(4);
    const run = await isolation('run', runs.items[0]!.id, '--all');
    expect(run.stdout).toContain('registry.open');
  }, 120_000);

  test('verify works on a database by itself, and says what it lacks', async () => {
    const direct = await tenantry(['isolation', 'verify', '--quiet', '--url', server.controlUrl]);
    expect([direct.code, direct.stderr]).toEqual([0, '']);
    const nowhere = await tenantry(['isolation', 'verify', '--url', 'postgresql://x:y@127.0.0.1:1/z']);
    expect(nowhere.code).toBe(3);
  }, 60_000);
});
