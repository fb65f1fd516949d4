import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Running } from './web-suite.ts';

/** A server of Node around a request listener. */
export async function listen(listener: RequestListener): Promise<Running> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
