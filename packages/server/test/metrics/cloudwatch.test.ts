import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { pino } from 'pino';
import type { IsolationSummary } from '@tenantry/contract';
import { readConfig } from '../../src/config.ts';
import { cloudWatchMetrics } from '../../src/metrics/catalogue.ts';
import { cloudWatchSink } from '../../src/metrics/cloudwatch.ts';
import { MetricExporter, type ExporterOptions } from '../../src/metrics/exporter.ts';
import { SecurityCounters } from '../../src/security/counters.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';
import { CloudWatchEndpoint, problemOf, type ReceivedDatum } from './endpoint.ts';

let endpoint: CloudWatchEndpoint;
beforeAll(() => {
  // The first that the SDK's chain of credentials looks at. Nothing here leaves this machine.
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDTEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-secret');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterAll(() => vi.unstubAllEnvs());
beforeEach(async () => {
  endpoint = await CloudWatchEndpoint.start();
});
afterEach(() => endpoint.stop());

const none = { critical: 0, high: 0, medium: 0, low: 0 };
const at = '2026-05-05T10:00:00.000Z';
const now = new Date('2026-05-05T10:10:00.000Z');
const part = (name: IsolationSummary['parts'][number]['part'], lastGoodAt: string | null) => ({
  part: name,
  every: 300,
  lastRun: null,
  lastGoodAt,
  nextDueAt: null,
  late: lastGoodAt === null,
});
const summary = (more: Partial<IsolationSummary> = {}): IsolationSummary => ({
  verdict: 'verified',
  since: at,
  reasons: [],
  findings: { open: none, accepted: none },
  parts: [
    part('audit', at),
    part('oracle', at),
    part('probes', '2026-05-05T09:00:00.000Z'),
    part('faults', at),
  ],
  attacks: {
    run: 'ir_x',
    at,
    total: 40,
    refused: 37,
    succeeded: 0,
    unexpected: 0,
    residual: 3,
    skipped: 0,
    controls: { expected: 16, hit: 16 },
  },
  faults: { run: 'ir_y', at, total: 79, found: 79, foundByOracle: 40, skipped: 0 },
  tenants: { registered: 5, covered: 5 },
  cells: [
    {
      cell: 'default',
      verdict: 'verified',
      openFindings: 0,
      tenants: { registered: 5, covered: 5 },
      lastAuditAt: at,
    },
  ],
  asOf: at,
  ...more,
});

const sinkOf = () =>
  cloudWatchSink({
    region: 'eu-central-1',
    namespace: 'Tenantry',
    environment: 'prod',
    endpoint: endpoint.url,
  });

async function exporterOf(more: Partial<ExporterOptions> = {}) {
  const counters = new SecurityCounters();
  const exporter = new MetricExporter({
    sink: await sinkOf(),
    every: 0.05,
    counters,
    readIsolation: async () => ({ summary: summary(), checksRun: 60 }),
    clock: () => new Date(),
    log: pino({ level: 'silent' }),
    ...more,
  });
  return { exporter, counters };
}

const valuesOf = (data: readonly ReceivedDatum[], cell?: string): Record<string, number> =>
  Object.fromEntries(
    data
      .filter(({ Dimensions }) => Dimensions.find(({ Name }) => Name === 'Cell')?.Value === cell)
      .map(({ MetricName, Value }) => [MetricName, Value]),
  );

describe('the SDK of AWS', () => {
  test('sends every metric of the catalogue, signed, with Environment and Cell as only dimensions', async () => {
    const { exporter } = await exporterOf({ clock: () => now, every: 60 });
    // The endpoint refuses times that are too far away, and this one is fixed.
    vi.useFakeTimers({ now, toFake: ['Date'] });
    try {
      exporter.start();
      await endpoint.until(() => endpoint.received.length === 1);
      await exporter.stop();
    } finally {
      vi.useRealTimers();
    }
    expect(endpoint.broken).toEqual([]);
    const [request] = endpoint.received;
    expect(request!.namespace).toBe('Tenantry');
    expect(new Set(request!.data.map(({ MetricName }) => MetricName))).toEqual(
      new Set(Object.keys(cloudWatchMetrics)),
    );
    for (const { MetricName, Unit, Dimensions } of request!.data) {
      expect(Unit).toBe(cloudWatchMetrics[MetricName as keyof typeof cloudWatchMetrics].unit);
      expect(['Environment', 'Environment,Cell']).toContain(Dimensions.map(({ Name }) => Name).join(','));
      expect(Dimensions[0]!.Value).toBe('prod');
    }
    expect(valuesOf(request!.data)).toMatchObject({
      Heartbeat: 1,
      IsolationViolations: 0,
      VerificationAgeSeconds: 4_200,
      ChecksRun: 60,
      AttacksRefused: 37,
      AttacksSucceeded: 0,
      ControlsMissed: 0,
      FaultsMissed: 0,
      TenantsVerified: 5,
      DeniedStatements: 0,
    });
    expect(valuesOf(request!.data, 'default')).toEqual({ IsolationViolations: 0, AuditAgeSeconds: 600 });
  });

  test('thousands of cells go in requests that CloudWatch takes, compressed where that helps, whatever they are called', async () => {
    const cells = Array.from({ length: 1_500 }, (_, i) => ({
      cell: i === 0 ? ':' : i === 1 ? ' ' : `Zelle ü ${i} ${'x'.repeat(1_100)}`,
      verdict: 'failing' as const,
      openFindings: i,
      tenants: { registered: 1, covered: 1 },
      lastAuditAt: new Date().toISOString(),
    }));
    const { exporter } = await exporterOf({
      every: 60,
      readIsolation: async () => ({ summary: summary({ cells }), checksRun: 60 }),
    });
    exporter.start();
    await endpoint.until(() => endpoint.received.reduce((sum, { data }) => sum + data.length, 0) > 3_000);
    await exporter.stop();
    expect(endpoint.broken).toEqual([]);
    expect(Math.max(...endpoint.received.map(({ data }) => data.length))).toBeLessThanOrEqual(1_000);
    expect(endpoint.received.some(({ headers }) => headers['content-encoding'] === 'gzip')).toBe(true);
  });

  test('a value that CloudWatch does not take does not cost the others', async () => {
    const sink = await sinkOf();
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 361].map((value) => ({
      metric: 'ChecksRun' as const,
      value,
    }));
    await sink.send([...bad, { metric: 'Heartbeat', value: 1 }], new Date(), new AbortController().signal);
    sink.close();
    expect(endpoint.broken).toEqual([]);
    expect(endpoint.received[0]!.data.map(({ MetricName }) => MetricName)).toEqual(['Heartbeat']);
  });

  test('an outage is tried again, and counts are not lost by a longer one', async () => {
    endpoint.answers.push(500, 503);
    const { exporter, counters } = await exporterOf();
    const refusal = {
      kind: 'denied' as const,
      tenantId: null,
      cell: null,
      lane: null,
      sqlState: '42501',
      fingerprint: null,
      firstAt: now,
      lastAt: now,
      count: 5,
    };
    counters.add(refusal, 'lane');
    exporter.start();
    await endpoint.until(() => endpoint.received.length >= 1);
    // Longer than the SDK tries.
    endpoint.answers.push(...Array.from({ length: 9 }, () => 500));
    counters.add({ ...refusal, count: 2 }, 'lane');
    await endpoint.until(() => endpoint.answers.length === 0);
    const before = endpoint.received.length;
    await endpoint.until(() => endpoint.received.length > before + 1);
    await exporter.stop();
    expect(endpoint.broken).toEqual([]);
    const sent = endpoint.received.flatMap(({ data }) =>
      data.filter(({ MetricName }) => MetricName === 'DeniedStatements'),
    );
    expect(sent.reduce((sum, { Value }) => sum + Value, 0)).toBe(7);
  }, 60_000);

  test('an endpoint that never answers holds nobody up', async () => {
    endpoint.answers.push(...Array.from({ length: 100 }, () => 500));
    const { exporter } = await exporterOf();
    exporter.start();
    await endpoint.until(() => endpoint.answers.length < 100);
    const started = performance.now();
    await exporter.stop();
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe('what nobody knows is not sent, since a zero would say that all is well', () => {
  const sentWith = async (readIsolation: ExporterOptions['readIsolation']) => {
    const { exporter } = await exporterOf({ every: 60, readIsolation });
    exporter.start();
    await endpoint.until(() => endpoint.received.length === 1);
    await exporter.stop();
    expect(endpoint.broken).toEqual([]);
    return valuesOf(endpoint.received[0]!.data);
  };

  test('never verified', async () => {
    const parts = [part('audit', at), part('oracle', at), part('probes', null), part('faults', null)];
    const values = await sentWith(async () => ({
      summary: summary({ verdict: 'unverified', parts, attacks: null, faults: null }),
      checksRun: 30,
    }));
    expect(values['Heartbeat']).toBe(1);
    expect(values['VerificationsLate']).toBe(2);
    for (const name of ['IsolationViolations', 'VerificationAgeSeconds', 'AttacksSucceeded', 'FaultsMissed'])
      expect(values).not.toHaveProperty(name);
  });

  test('a violation is told even so', async () => {
    const parts = [part('audit', at), part('oracle', at), part('probes', null), part('faults', null)];
    const findings = { open: { ...none, critical: 2, low: 1 }, accepted: none };
    const values = await sentWith(async () => ({
      summary: summary({ verdict: 'failing', parts, findings }),
      checksRun: 30,
    }));
    expect(values).toMatchObject({ IsolationViolations: 3, OpenCriticalFindings: 2, OpenLowFindings: 1 });
  });

  test('the database is away', async () => {
    const values = await sentWith(() => Promise.reject(new Error('away')));
    expect(values['Heartbeat']).toBe(1);
    expect(values).not.toHaveProperty('IsolationViolations');
  });
});

test('the endpoint refuses what CloudWatch documents that it refuses', () => {
  const good: ReceivedDatum = {
    MetricName: 'A',
    Dimensions: [{ Name: 'Environment', Value: 'prod' }],
    Timestamp: Date.now() / 1000,
    Unit: 'Count',
    Value: 1,
  };
  expect(problemOf(good)).toBeUndefined();
  for (const bad of [
    { MetricName: '' },
    { MetricName: 'ü' },
    { Value: 2 ** 361 },
    { Unit: 'Apples' },
    { Timestamp: Date.now() / 1000 - 15 * 86_400 },
    { Timestamp: Date.now() / 1000 + 3 * 3_600 },
    { Dimensions: [{ Name: 'Environment', Value: ' ' }] },
    { Dimensions: [{ Name: ':x', Value: 'y' }] },
    { Dimensions: Array.from({ length: 31 }, (_, i) => ({ Name: `d${i}`, Value: 'x' })) },
  ])
    expect(problemOf({ ...good, ...bad }), JSON.stringify(bad).slice(0, 60)).toBeDefined();
});

test.each([
  ['TENANTRY_CLOUDWATCH_NAMESPACE', 'AWS/Tenantry'],
  ['TENANTRY_CLOUDWATCH_NAMESPACE', ':x'],
  ['TENANTRY_CLOUDWATCH_NAMESPACE', 'a b'],
  ['TENANTRY_CLOUDWATCH_ENVIRONMENT', 'ü'],
  ['TENANTRY_CLOUDWATCH_INTERVAL', '0s'],
])('%s=%s is refused at the start', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(name);
});

describe('a control plane', () => {
  let server: TestServer;
  let files: MigrationFiles;
  beforeEach(async () => {
    files = await migrationFiles();
    server = await startTestServer({
      migrations: files.path,
      cloudWatchRegion: 'eu-central-1',
      cloudWatchEndpoint: endpoint.url,
      cloudWatchEnvironment: 'test',
      cloudWatchInterval: '1s',
    });
  }, 60_000);
  afterEach(async () => {
    await server?.stop();
    await files?.clean();
  });

  test('sends what it knows, and never a tenant', async () => {
    const tenant = await provision(server, 'acme');
    const moment = new Date().toISOString();
    await server.admin.call('reportSecurityEvents', {
      body: {
        report: randomUUID(),
        source: 'lane',
        dropped: 0,
        events: [
          {
            kind: 'denied',
            tenantId: tenant.id,
            cell: null,
            lane: 'sealed',
            sqlState: '42501',
            fingerprint: null,
            count: 4,
            firstAt: moment,
            lastAt: moment,
          },
        ],
      },
    });
    const denied = () =>
      endpoint.received.flatMap(({ data }) =>
        data.filter(({ MetricName }) => MetricName === 'DeniedStatements'),
      );
    await endpoint.until(() => denied().some(({ Value }) => Value === 4));
    await endpoint.until(() =>
      endpoint.received.some(({ data }) => valuesOf(data)['TenantsRegistered'] === 1),
    );
    expect(endpoint.broken).toEqual([]);
    expect(JSON.stringify(endpoint.received)).not.toContain(tenant.id);
    expect(JSON.stringify(endpoint.received)).not.toContain('acme');
  }, 60_000);
});
