import { Gauge, type Registry } from 'prom-client';
import { isolationVerdicts, type IsolationSummary } from '@tenantry/contract';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Adds what isolation verification shows to Prometheus; it is read once for each scrape. */
export function registerIsolationMetrics(
  registry: Registry,
  read: () => Promise<IsolationSummary>,
  clock: () => Date,
): void {
  let reading: Promise<IsolationSummary> | undefined;
  // All gauges are collected at the same moment: they share one reading.
  const summary = () => (reading ??= read().finally(() => (reading = undefined)));
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    samples: (now: IsolationSummary) => readonly Sample[],
  ) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames,
        registers: [],
        async collect() {
          const now = await summary();
          this.reset();
          for (const [labels, value] of samples(now)) this.set(labels, value);
        },
      }),
    );

  gauge(
    'tenantry_isolation_verdict',
    '1 for the verdict that holds, 0 for the others',
    ['verdict'],
    ({ verdict }) => isolationVerdicts.map((name) => [{ verdict: name }, Number(name === verdict)]),
  );
  gauge(
    'tenantry_isolation_findings',
    'Findings by state and severity',
    ['state', 'severity'],
    ({ findings }) => [...samplesOf('open', findings.open), ...samplesOf('accepted', findings.accepted)],
  );
  gauge(
    'tenantry_isolation_last_run_age_seconds',
    'Seconds since a part came to an end, on the cell where that is longest ago; -1 where it never has',
    ['part'],
    ({ parts }) => parts.map(({ part, lastGoodAt }) => [{ part }, ageOf(lastGoodAt, clock())]),
  );
  gauge('tenantry_isolation_late', '1 where a part is late', ['part'], ({ parts }) =>
    parts.map(({ part, late }) => [{ part }, Number(late)]),
  );
  gauge(
    'tenantry_isolation_attacks',
    'Attacks of the last run by what became of them',
    ['outcome'],
    ({ attacks }) => {
      if (attacks === null) return [];
      const { refused, succeeded, unexpected, residual, skipped, controls } = attacks;
      const missed = controls.expected - controls.hit;
      return outcomes({ refused, succeeded, unexpected, residual, skipped, control_missed: missed });
    },
  );
  gauge(
    'tenantry_isolation_faults',
    'Faults of the last run by whether they were noticed',
    ['outcome'],
    ({ faults }) =>
      faults === null ? [] : outcomes({ found: faults.found, missed: faults.total - faults.found }),
  );
  gauge(
    'tenantry_isolation_tenants',
    'Tenants that are registered, and those that the last audits looked at',
    ['kind'],
    ({ tenants }) => Object.entries(tenants).map(([kind, value]): Sample => [{ kind }, value]),
  );
}

function samplesOf(state: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([severity, count]): Sample => [{ state, severity }, count]);
}

function outcomes(counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([outcome, count]): Sample => [{ outcome }, count]);
}

function ageOf(at: string | null, now: Date): number {
  return at === null ? -1 : (now.getTime() - new Date(at).getTime()) / 1000;
}
