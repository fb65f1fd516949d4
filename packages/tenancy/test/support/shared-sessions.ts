import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A message of PostgreSQL's protocol, its type in the first byte. */
type Message = Buffer;

const typeOf = (message: Message): string => String.fromCharCode(message[0]!);

/** Cuts what a socket receives into messages. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);

  *read(data: Buffer): Generator<Message> {
    this.#rest = Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 5) {
      const length = this.#rest.readInt32BE(1) + 1;
      if (this.#rest.length < length) return;
      yield this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
    }
  }
}

/** One connection to PostgreSQL, with all clients that have the same login. */
class SharedSession {
  readonly #server: Socket;
  readonly #tellsRealPid: boolean;
  /** What the first client was told after its login; the next ones are told the same, and log in as nobody. */
  readonly #greeting: Message[] = [];
  /** Whose answers come next. */
  readonly #asked: Socket[] = [];
  #isReady = false;

  constructor(server: Socket, first: Socket, startup: Buffer, tellsRealPid: boolean) {
    this.#server = server;
    this.#tellsRealPid = tellsRealPid;
    server.on('error', () => {});
    server.write(startup);
    const messages = new Messages();
    server.on('data', (data: Buffer) => {
      for (const message of messages.read(data)) this.#answer(message, first);
    });
  }

  join(client: Socket): void {
    client.write(Buffer.concat(this.#greeting));
    this.listen(client);
  }

  listen(client: Socket): void {
    const messages = new Messages();
    let batch: Message[] = [];
    client.on('data', (data: Buffer) => {
      for (const message of messages.read(data)) {
        if (!this.#isReady) this.#server.write(message);
        else if (typeOf(message) !== 'X') batch.push(message);
        // Up to a Sync, or a simple query, it is one client's turn.
        if (!this.#isReady || !'SQ'.includes(typeOf(message))) continue;
        this.#asked.push(client);
        this.#server.write(Buffer.concat(batch));
        batch = [];
      }
    });
  }

  #answer(message: Message, first: Socket): void {
    if (this.#isReady) {
      this.#asked[0]?.write(message);
      if (typeOf(message) === 'Z') this.#asked.shift();
      return;
    }
    const isOk = typeOf(message) === 'R' && message.readInt32BE(5) === 0;
    const told = typeOf(message) === 'K' && !this.#tellsRealPid ? withPid(message, 1) : message;
    if (isOk || this.#greeting.length > 0) this.#greeting.push(Buffer.from(told));
    first.write(told);
    if (typeOf(message) === 'Z') this.#isReady = true;
  }
}

export interface SharedSessionsOptions {
  /** Passes on the process id of the backend, which no pooler does: its clients' cancels would hit each other. */
  readonly tellsRealPid?: boolean;
}

/** What a transaction pooler comes to, in small: all clients of one login share one session of PostgreSQL. */
export class SharedSessions {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Map<string, SharedSession>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(
    port: number,
    { tellsRealPid = false }: SharedSessionsOptions = {},
  ): Promise<SharedSessions> {
    const server = createServer();
    const pooler = new SharedSessions(server);
    server.on('connection', (client) => {
      client.on('error', () => {});
      pooler.#sockets.add(client);
      client.once('data', (startup: Buffer) => {
        const login = /user\0([^\0]*)/.exec(startup.toString('latin1'))?.[1] ?? '';
        const session = pooler.#sessions.get(login);
        if (session !== undefined) return session.join(client);
        const backend = connect({ host: '127.0.0.1', port });
        pooler.#sockets.add(backend);
        const opened = new SharedSession(backend, client, startup, tellsRealPid);
        opened.listen(client);
        pooler.#sessions.set(login, opened);
      });
    });
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return pooler;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** BackendKeyData with another process id. */
function withPid(message: Message, pid: number): Message {
  const changed = Buffer.from(message);
  changed.writeInt32BE(pid, 5);
  return changed;
}
