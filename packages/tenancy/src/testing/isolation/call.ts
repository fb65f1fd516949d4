import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { TestingError } from '../errors.ts';
import type { Answer } from './canary.ts';
import type { Target } from './options.ts';

/** A request, before it is known how it is sent. */
export interface Call {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Names in lower case; a name may stand more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

/** Sends a request and reads all of the answer. Rejects with TESTING_OPTION where there is none. */
export async function send(target: Target, call: Call, timeoutMs: number): Promise<Answer> {
  try {
    return await (target.send === undefined
      ? overNetwork(target.url, call, timeoutMs)
      : inProcess(target.send, call, timeoutMs));
  } catch (cause) {
    throw new TestingError(
      'TESTING_OPTION',
      `${call.method} ${call.path} got no answer: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

async function inProcess(
  handler: NonNullable<Target['send']>,
  { method, path, headers, body }: Call,
  timeoutMs: number,
): Promise<Answer> {
  const host = headers.find(([name]) => name === 'host')?.[1] ?? 'localhost';
  const request = new Request(`http://${host}${path}`, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body === undefined ? {} : { body }),
  });
  const late = AbortSignal.timeout(timeoutMs);
  const response = await within(late, handler(request));
  const bytes = Buffer.from(await within(late, response.arrayBuffer()));
  const pairs = [...response.headers];
  return {
    status: response.status,
    statusText: response.statusText,
    headers: pairs,
    body: decoded(bytes, pairs),
  };
}

function within<T>(late: AbortSignal, work: T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onLate = (): void => reject(late.reason as Error);
    late.addEventListener('abort', onLate, { once: true });
    Promise.resolve(work)
      .finally(() => late.removeEventListener('abort', onLate))
      .then(resolve, reject);
  });
}

/** Not with `fetch`, which sends no Host of ours. */
function overNetwork(url: string, { method, path, headers, body }: Call, timeoutMs: number): Promise<Answer> {
  const base = new URL(url);
  const request = base.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const flat: Record<string, string | string[]> = {};
    for (const [name, value] of headers) {
      // Only what is sent twice is a list: of Host and some others there cannot be two.
      flat[name] = name in flat && name !== 'host' ? [flat[name]!, value].flat() : value;
    }
    const sent = request(
      new URL(base.pathname.replace(/\/$/, '') + path, base),
      { method, headers: flat, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const pairs = pairsOf(response.rawHeaders);
          resolve({
            status: response.statusCode ?? 0,
            statusText: response.statusMessage ?? '',
            headers: pairs,
            body: decoded(Buffer.concat(chunks), pairs),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function pairsOf(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]!] as const] : []));
}

function decoded(body: Buffer, headers: Answer['headers']): Buffer {
  const encodings = headers.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1] ?? '';
  let bytes = body;
  for (const encoding of encodings
    .split(',')
    .map((text) => text.trim().toLowerCase())
    .toReversed()) {
    if (bytes.length > 0) bytes = (decoders[encoding] ?? ((same: Buffer) => same))(bytes);
  }
  return bytes;
}

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gunzipSync(bytes),
  deflate: (bytes) => inflateSync(bytes),
  br: (bytes) => brotliDecompressSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
};
