import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { cloudWatchMetrics } from '../../src/metrics/catalogue.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), 'utf8');
const page = read('docs/monitoring-isolation.md');

type Properties = Readonly<Record<string, unknown>> & { readonly MetricName: string };

describe('the alarms of CloudWatch', () => {
  const template = JSON.parse(read('deploy/cloudwatch/alarms.json')) as {
    readonly Parameters: Readonly<Record<string, unknown>>;
    readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Properties }>>;
  };
  const alarms = Object.entries(template.Resources);

  test.each(alarms)(
    '%s is about a metric that is sent, and takes silence for failure',
    (_name, { Type, Properties }) => {
      expect(Type).toBe('AWS::CloudWatch::Alarm');
      expect(Object.keys(cloudWatchMetrics)).toContain(Properties.MetricName);
      const metric = cloudWatchMetrics[Properties.MetricName as keyof typeof cloudWatchMetrics];
      expect(Properties).toMatchObject({
        Namespace: { Ref: 'Namespace' },
        Statistic: metric.statistic,
        Dimensions: [{ Name: 'Environment', Value: { Ref: 'Environment' } }],
        TreatMissingData: 'breaching',
        AlarmActions: [{ Ref: 'Topic' }],
      });
      // Longer than one interval of the exporter, so that a single late request is no alarm.
      expect(Properties['Period']).toBeGreaterThanOrEqual(120);
    },
  );

  test('are there for what must never happen', () => {
    const of = (metric: string) =>
      alarms.find(([, { Properties }]) => Properties.MetricName === metric)?.[1].Properties;
    expect(of('IsolationViolations')).toMatchObject({
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
    });
    expect(of('VerificationAgeSeconds')).toMatchObject({ Threshold: { Ref: 'OldestVerification' } });
    expect(of('DeniedStatements')).toMatchObject({ Threshold: { Ref: 'DeniedSpike' } });
    expect(of('Heartbeat')).toMatchObject({ Threshold: 1, ComparisonOperator: 'LessThanThreshold' });
  });

  test('refer to parameters that there are', () => {
    const refs = Array.from(
      read('deploy/cloudwatch/alarms.json').matchAll(/"Ref": "(\w+)"/g),
      ([, name]) => name!,
    );
    for (const name of new Set(refs)) expect(Object.keys(template.Parameters)).toContain(name);
    const used = new Set([...refs, 'Environment']);
    expect(Object.keys(template.Parameters).filter((name) => !used.has(name))).toEqual([]);
  });

  test('are on the page, and so is every metric', () => {
    for (const [name] of alarms) expect(page).toContain(`\`${name}\``);
    for (const [name, { meaning }] of Object.entries(cloudWatchMetrics)) {
      expect(page).toContain(`| \`${name}\``);
      expect(page).toContain(meaning);
    }
  });
});

describe('the alerts of Prometheus', () => {
  const { groups } = parse(read('deploy/prometheus/alerts.yml')) as {
    readonly groups: readonly {
      readonly rules: readonly {
        readonly alert: string;
        readonly expr: string;
        readonly annotations: { readonly summary: string };
      }[];
    }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  let server: TestServer;
  let files: MigrationFiles;
  let shown: string;
  beforeAll(async () => {
    files = await migrationFiles();
    server = await startTestServer({ migrations: files.path });
    shown = await (await fetch(`${server.url}/metrics`)).text();
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await files?.clean();
  });

  test.each(rules)('$alert is about metrics and labels that are shown', ({ expr, annotations }) => {
    expect(annotations.summary.length).toBeGreaterThan(20);
    const selectors = [...expr.matchAll(/(tenantry_[a-z_]+)(?:\{([^}]*)\})?/g)];
    expect(selectors.length).toBeGreaterThan(0);
    for (const [, metric, labels = ''] of selectors) {
      expect(shown).toContain(`# HELP ${metric} `);
      const samples = shown.split('\n').filter((line) => line.startsWith(`${metric}{`));
      for (const [, label, operator, value] of labels.matchAll(/(\w+)(=~?)"([^"]*)"/g)) {
        // What has never been run has no samples; its labels are checked where there are some.
        if (samples.length === 0) continue;
        const pattern = new RegExp(
          `${label}="(?:${operator === '=~' ? value : value!.replaceAll('.', '\\.')})"`,
        );
        expect(
          samples.some((line) => pattern.test(line)),
          `${metric}: ${label} ${value}`,
        ).toBe(true);
      }
    }
  });

  test('are the same as those of CloudWatch where both can be', () => {
    const names = rules.map(({ alert }) => alert);
    for (const name of [
      'IsolationViolated',
      'VerificationTooOld',
      'AttackSucceeded',
      'ProofMissing',
      'DeniedStatementsSpike',
      'LaneViolated',
      'RefusedLoginsSpike',
    ])
      expect(names).toContain(`Tenantry${name}`);
    for (const name of names) expect(page).toContain(`\`${name}\``);
  });

  test('take silence for failure', () => {
    for (const name of [
      'TenantryIsolationViolated',
      'TenantryVerificationTooOld',
      'TenantryDeniedStatementsSpike',
    ])
      expect(rules.find(({ alert }) => alert === name)?.expr).toContain('absent(');
  });

  test('and a spike is seen from its first moment: the counters are there before it', () => {
    for (const labels of [
      'kind="denied",sqlstate="42501",source="lane"',
      'kind="login-refused",sqlstate="28P01",source="log"',
    ])
      expect(shown).toContain(`tenantry_security_events_total{${labels}} 0`);
  });
});
