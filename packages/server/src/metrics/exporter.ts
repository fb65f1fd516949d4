import type { Logger } from 'pino';
import type { SecurityCounters } from '../security/counters.ts';
import type { MetricSink } from './cloudwatch.ts';
import type { Datum } from './datum.ts';
import { isolationData, type IsolationFacts } from './isolation-data.ts';
import { securityData, securityTotals } from './security-data.ts';

export interface ExporterOptions {
  readonly sink: MetricSink;
  /** Seconds between two times. */
  readonly every: number;
  readonly counters: SecurityCounters;
  readonly readIsolation: () => Promise<IsolationFacts>;
  readonly clock: () => Date;
  readonly log: Logger;
}

/**
 * Sends metrics at regular times, the heartbeat among them whatever else can be read. Nothing waits for it; what could not be sent is
 * added to what is sent the next time, as far as it is a count.
 */
export class MetricExporter {
  readonly #options: ExporterOptions;
  readonly #stop = new AbortController();
  #sent: ReturnType<typeof securityTotals> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #failing = false;

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), this.#options.every * 1000).unref();
    this.#tick();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#sending;
    this.#options.sink.close();
  }

  /** One at a time: where CloudWatch is slow, a time is left out. */
  #tick(): void {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  async #send(): Promise<void> {
    const { sink, counters, clock, log } = this.#options;
    const at = clock();
    const totals = securityTotals(counters);
    const data: readonly Datum[] = [
      { metric: 'Heartbeat', value: 1 },
      ...(await this.#isolation(at)),
      // Last: where a later request fails, nothing of an earlier one that is sent again may count twice.
      ...securityData(totals, this.#sent),
    ];
    try {
      await sink.send(data, at, this.#stop.signal);
      this.#sent = totals;
      if (this.#failing) log.info({ event: 'metrics_sent' }, 'Metrics reach CloudWatch again');
      this.#failing = false;
    } catch (err) {
      if (this.#stop.signal.aborted) return;
      // Once, and not every minute for as long as it lasts: silence is what the alarms are for.
      if (!this.#failing)
        log.error({ err, event: 'metrics_not_sent' }, 'Metrics could not be sent to CloudWatch');
      this.#failing = true;
    }
  }

  async #isolation(at: Date): Promise<readonly Datum[]> {
    const { readIsolation, log } = this.#options;
    try {
      return isolationData(await readIsolation(), at);
    } catch (err) {
      // Nothing is sent about what nobody knows, and the alarms take that for a failure.
      log.warn({ err, event: 'isolation_unknown' }, 'How isolation stands could not be read for CloudWatch');
      return [];
    }
  }
}
