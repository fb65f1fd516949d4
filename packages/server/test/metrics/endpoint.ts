import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A request of the SDK, as CloudWatch would see it. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  /** Bytes on the wire, perhaps compressed. */
  readonly size: number;
  readonly namespace: string;
  readonly data: readonly ReceivedDatum[];
}

export interface ReceivedDatum {
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly Timestamp: number;
  readonly Unit: string;
  readonly Value: number;
}

/**
 * What CloudWatch documents for PutMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 * and API_MetricDatum.html, API_Dimension.html beside it.
 */
const limits = {
  metrics: 1_000,
  bytes: 1_048_576,
  dimensions: 30,
  value: 2 ** 360,
  pastSeconds: 14 * 86_400,
  futureSeconds: 2 * 3_600,
} as const;

const units = new Set([
  'Seconds',
  'Microseconds',
  'Milliseconds',
  'Bytes',
  'Percent',
  'Count',
  'Count/Second',
  'None',
]);

/** A CloudWatch on this machine, which refuses what the real one documents that it refuses. */
export class CloudWatchEndpoint {
  readonly received: Received[] = [];
  /** What a request broke, in words; none of ours must ever be here. */
  readonly broken: string[] = [];
  /** Statuses of the next answers, in order; 200 when there are none left. */
  readonly answers: number[] = [];
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<CloudWatchEndpoint> {
    const server = createServer();
    const endpoint = new CloudWatchEndpoint(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const status = endpoint.answers.shift() ?? 200;
        const body = Buffer.concat(chunks);
        const problem = status === 200 ? endpoint.#take(request.headers, body) : undefined;
        const type = { 'content-type': 'application/x-amz-json-1.0' };
        if (status !== 200)
          response.writeHead(status, type).end('{"__type":"InternalServiceFault","message":"away"}');
        else if (problem === undefined) response.writeHead(200, type).end('{}');
        else
          response
            .writeHead(400, type)
            .end(JSON.stringify({ __type: 'InvalidParameterValue', message: problem }));
        for (const wake of endpoint.#waiting.splice(0)) wake();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async until(fits: () => boolean): Promise<void> {
    while (!fits()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(headers: IncomingHttpHeaders, body: Buffer): string | undefined {
    const problem = this.#check(headers, body);
    if (problem !== undefined) this.broken.push(problem);
    return problem;
  }

  #check(headers: IncomingHttpHeaders, body: Buffer): string | undefined {
    if (headers['x-amz-target'] !== 'GraniteServiceVersion20100801.PutMetricData') return 'not PutMetricData';
    if (
      !/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/monitoring\/aws4_request/.test(
        headers.authorization ?? '',
      )
    )
      return 'not signed';
    if (body.length > limits.bytes) return `${body.length} bytes`;
    const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const { Namespace, MetricData } = JSON.parse(text.toString('utf8')) as {
      readonly Namespace: string;
      readonly MetricData: readonly ReceivedDatum[];
    };
    this.received.push({ headers, size: body.length, namespace: Namespace, data: MetricData });
    if (!/^[0-9A-Za-z._\-/#:]{1,255}$/.test(Namespace) || /^(?:AWS\/|:)/.test(Namespace))
      return `namespace ${Namespace}`;
    if (MetricData.length > limits.metrics) return `${MetricData.length} metrics`;
    for (const datum of MetricData) {
      const problem = problemOf(datum);
      if (problem !== undefined) return `${datum.MetricName}: ${problem}`;
    }
    return undefined;
  }
}

/** What CloudWatch refuses of a datum. */
export function problemOf({
  MetricName,
  Dimensions,
  Timestamp,
  Unit,
  Value,
}: ReceivedDatum): string | undefined {
  if (!/^[\x20-\x7e]{1,255}$/.test(MetricName)) return 'its name';
  if (Dimensions.length > limits.dimensions) return `${Dimensions.length} dimensions`;
  for (const dimension of Dimensions) {
    if (!/^(?!:)(?=.*\S)[\x20-\x7e]{1,255}$/.test(dimension.Name)) return `the dimension ${dimension.Name}`;
    if (!/^(?!:)(?=.*\S)[\x20-\x7e]{1,1024}$/.test(dimension.Value)) return `the value of ${dimension.Name}`;
  }
  if (new Set(Dimensions.map(({ Name }) => Name)).size !== Dimensions.length) return 'a dimension twice';
  if (typeof Value !== 'number' || !Number.isFinite(Value) || Math.abs(Value) > limits.value)
    return `the value ${String(Value)}`;
  if (!units.has(Unit)) return `the unit ${Unit}`;
  const age = Date.now() / 1000 - Timestamp;
  return age > limits.pastSeconds || -age > limits.futureSeconds ? `the time ${Timestamp}` : undefined;
}
