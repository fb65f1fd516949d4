import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A reverse proxy in front of the control plane, whose network can fail. */
export interface Proxy {
  /** With the prefix, without a slash at the end. */
  readonly url: string;
  /** Where requests are passed on to from now on. */
  pointTo(target: string): void;
  /** Drops what is connected, and refuses what wants to connect, until `restore`. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  /** Path under which the control plane is served, as `/ops/tenantry`; taken away before a request is passed on. */
  readonly prefix?: string;
}

/** It may be started before what it stands in front of; see `pointTo`. */
export async function startProxy(options: ProxyOptions = {}): Promise<Proxy> {
  const { prefix = '' } = options;
  let target = '';
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => pass(request, response, target, prefix));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const port = await listen(0);
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    pointTo: (url) => void (target = url),
    cut: close,
    async restore() {
      await listen(port);
    },
    stop: close,
  };
}

function pass(request: IncomingMessage, response: ServerResponse, target: string, prefix: string): void {
  const path = request.url ?? '/';
  if (!path.startsWith(prefix)) {
    response.writeHead(404).end('Nothing is served outside of the prefix.');
    return;
  }
  const rest = path.slice(prefix.length);
  const upstream = send(target + (rest.startsWith('/') ? rest : `/${rest}`), {
    method: request.method,
    headers: {
      ...request.headers,
      'x-forwarded-host': request.headers.host,
      'x-forwarded-proto': 'http',
      ...(prefix === '' ? {} : { 'x-forwarded-prefix': prefix }),
    },
  });
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
  });
  upstream.on('error', () => {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  // A browser that goes away ends the request behind, too: event streams would pile up.
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}
