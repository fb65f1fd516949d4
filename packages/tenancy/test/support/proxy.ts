import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between clients and a server, on a port of its own, and can keep the server's answers to itself. */
export class Proxy {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #muted: string | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server);
    server.on('connection', (client) => proxy.#pass(client, connect({ host: '127.0.0.1', port })));
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on those whose login begins like this hear nothing more; the server goes on hearing them. */
  mute(login: string): void {
    this.#muted = login;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const client of this.#clients) client.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(client: Socket, server: Socket): void {
    let login = '';
    this.#clients.add(client);
    client.once(
      'data',
      (startup: Buffer) => (login = /user\0([^\0]*)/.exec(startup.toString('latin1'))?.[1] ?? ''),
    );
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      if (this.#muted === undefined || !login.startsWith(this.#muted)) client.write(data);
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
    client.on('close', () => this.#clients.delete(client));
  }
}
