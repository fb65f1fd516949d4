import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Gives the way to stop a server that is about to listen: requests that are being answered are answered, for up to
 * `graceMs` milliseconds, and nothing else is waited for.
 *
 * Browsers and HTTP clients open connections ahead of need. Node does not count one that never carried a request as idle, so
 * without this a stop would last until its headers time out, which takes a minute.
 */
export function prepareClose(app: FastifyInstance, graceMs: number): () => Promise<void> {
  const unused = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }) => unused.delete(socket));
  return async () => {
    const closed = app.close();
    for (const socket of unused) socket.destroy();
    const timer = setTimeout(() => app.server.closeAllConnections(), graceMs);
    try {
      await closed;
    } finally {
      clearTimeout(timer);
    }
  };
}
