import { type Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly ms: number;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: unknown;
  readonly agent?: Agent;
  /** The body is sent in two pieces. */
  readonly slowly?: boolean;
}

/** One request with exactly these headers, the Host header included. */
export async function call(
  url: string,
  { method = 'GET', headers = {}, body, agent, slowly }: Call = {},
): Promise<Answer> {
  const start = performance.now();
  const payload = body === undefined ? '' : JSON.stringify(body);
  const json =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(payload.length) };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = httpRequest(url, { method, agent, headers: { ...json, ...headers } }, (response) => {
    text(response).then(
      (answer) =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: answer,
          ms: performance.now() - start,
        }),
      reject,
    );
  });
  sent.on('error', reject);
  if (slowly) {
    const half = payload.length >> 1;
    sent.write(payload.slice(0, half), () => setImmediate(() => sent.end(payload.slice(half))));
  } else sent.end(payload);
  return promise;
}

/** Sends bytes as they are, and gives the status line that came back. */
export async function raw(url: string, lines: readonly string[]): Promise<string> {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write([...lines, 'Connection: close', '', ''].join('\r\n'));
  return (await text(socket)).split('\r\n')[0]!;
}
