import type { CloudWatchClient, MetricDatum } from '@aws-sdk/client-cloudwatch';
import { cloudWatchMetrics } from './catalogue.ts';
import { dimensionValue, inBatches, isSendable, type Datum } from './datum.ts';

export interface CloudWatchOptions {
  readonly region: string;
  readonly namespace: string;
  /** The dimension Environment. */
  readonly environment: string;
  /** Another address than CloudWatch's own. */
  readonly endpoint: string | undefined;
}

/** Sends values. */
export interface MetricSink {
  /** Rejects when CloudWatch did not take them, after the SDK's own attempts. */
  send(data: readonly Datum[], at: Date, signal: AbortSignal): Promise<void>;
  close(): void;
}

/**
 * CloudWatch takes 1,000 metrics and 1 MB in a request. With at most two dimensions, of 2 kB together, 250 stay far below both; larger
 * requests the SDK compresses.
 */
const mostInRequest = 250;

/**
 * PutMetricData with the SDK of AWS, which finds credentials by itself (environment, profile, the role of the task or the instance) and
 * tries again, with pauses, what failed in passing. Loaded only where it is used.
 */
export async function cloudWatchSink(options: CloudWatchOptions): Promise<MetricSink> {
  const { CloudWatchClient, PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const client: CloudWatchClient = new CloudWatchClient({
    region: options.region,
    maxAttempts: 3,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
  });
  return {
    async send(data, at, signal) {
      const sendable = data.filter(isSendable).map((datum) => toMetricDatum(datum, options.environment, at));
      for (const batch of inBatches(sendable, mostInRequest)) {
        await client.send(
          new PutMetricDataCommand({ Namespace: options.namespace, MetricData: [...batch] }),
          { abortSignal: signal },
        );
      }
    },
    close: () => client.destroy(),
  };
}

function toMetricDatum({ metric, cell, value }: Datum, environment: string, at: Date): MetricDatum {
  return {
    MetricName: metric,
    Dimensions: [
      { Name: 'Environment', Value: environment },
      ...(cell === undefined ? [] : [{ Name: 'Cell', Value: dimensionValue(cell) }]),
    ],
    Timestamp: at,
    Unit: cloudWatchMetrics[metric].unit,
    Value: value,
  };
}
