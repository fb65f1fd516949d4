import { request as httpRequest, Agent as HttpAgent } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import type { HttpAnswer, HttpCall, HttpSpec } from './spec.ts';

/** What a stream says in this time is what it is judged by. */
const streamMs = 400;
/** No answer is looked at beyond this. */
const most = 8 * 1024 * 1024;

/** An application over the network: connections are kept open and shared by both tenants, as a proxy does it. */
export class HttpDoor {
  readonly #base: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #timeoutMs: number;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, timeoutMs = 10_000, headers = {} }: Pick<HttpSpec, 'url' | 'timeoutMs' | 'headers'>) {
    this.#base = new URL(url);
    this.#timeoutMs = timeoutMs;
    this.#headers = headers;
    const options = { keepAlive: true, maxSockets: 16 };
    this.#agent = this.#base.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /**
   * Not with `fetch`, which mends paths and sends no Host of ours. Rejects where there is no answer: an application that is away
   * is not one that held.
   */
  send(call: HttpCall, signal?: AbortSignal): Promise<HttpAnswer> {
    const { protocol, hostname, port, pathname } = this.#base;
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    const headers: Record<string, string | string[]> = { 'accept-encoding': 'identity', ...this.#headers };
    for (const [name, value] of call.headers) {
      // Only what is sent twice is a list; of Host there can be one.
      headers[name] = name in headers && name !== 'host' ? [headers[name]!, value].flat() : value;
    }
    const late = AbortSignal.timeout(this.#timeoutMs);
    return new Promise((resolve, reject) => {
      const sent = send(
        {
          hostname: hostname.replace(/^\[|\]$/g, ''),
          port,
          method: call.method,
          path: pathname.replace(/\/$/, '') + call.path,
          headers,
          agent: this.#agent,
          signal: signal === undefined ? late : AbortSignal.any([late, signal]),
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          const done = (): void => {
            const { statusCode = 0, rawHeaders } = response;
            const pairs = rawHeaders.flatMap((name, i) =>
              i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1]!] as const] : [],
            );
            resolve({ status: statusCode, headers: pairs, body: Buffer.concat(chunks).toString() });
          };
          const enough = call.stream === true ? setTimeout(stop, streamMs) : undefined;
          function stop(): void {
            done();
            sent.destroy();
          }
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            if ((size += chunk.length) > most) stop();
          });
          response.on('end', () => {
            clearTimeout(enough);
            done();
          });
          response.on('error', (error) => {
            clearTimeout(enough);
            reject(error);
          });
        },
      );
      sent.on('error', reject);
      sent.end(call.body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
