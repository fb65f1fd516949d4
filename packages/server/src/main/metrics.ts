import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { IsolationContext } from '../isolation/context.ts';
import { listIsolationChecks } from '../isolation/checks.ts';
import { getIsolation } from '../isolation/summary.ts';
import { cloudWatchSink } from '../metrics/cloudwatch.ts';
import { MetricExporter } from '../metrics/exporter.ts';
import type { IsolationFacts } from '../metrics/isolation-data.ts';
import type { SecurityCounters } from '../security/counters.ts';
import type { Shutdown } from './shutdown.ts';

export interface MetricParts {
  readonly config: Config;
  readonly counters: SecurityCounters;
  readonly contextFor: (job: string) => IsolationContext;
  readonly log: Logger;
}

/** Sends metrics to CloudWatch, where a region is configured. */
export async function startMetrics(parts: MetricParts, shutdown: Shutdown): Promise<void> {
  const { config, counters, contextFor, log } = parts;
  if (config.cloudWatchRegion === undefined) return;
  const sink = await cloudWatchSink({
    region: config.cloudWatchRegion,
    namespace: config.cloudWatchNamespace,
    environment: config.cloudWatchEnvironment,
    endpoint: config.cloudWatchEndpoint,
  });
  const ctx = contextFor('metrics');
  const exporter = new MetricExporter({
    sink,
    every: config.cloudWatchInterval,
    counters,
    readIsolation: () => readIsolation(ctx),
    clock: ctx.clock,
    log,
  });
  shutdown.add('metrics', () => exporter.stop());
  exporter.start();
}

async function readIsolation(ctx: IsolationContext): Promise<IsolationFacts> {
  const [summary, checks] = await Promise.all([getIsolation(ctx), listIsolationChecks(ctx, {})]);
  return { summary, checksRun: checks.items.filter(({ state }) => state !== 'unknown').length };
}
