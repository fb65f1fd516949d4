import { connect } from 'node:net';
import type pg from 'pg';

/** The parts of a `pg` connection that its types leave out. */
export interface Wire {
  readonly stream: { destroy(): void; cork(): void; uncork(): void };
  parsedStatements: Record<string, string>;
  submittedNamedStatements: Record<string, string>;
  query(text: string): void;
  parse(message: { readonly text: string }): void;
  bind(message: object): void;
  execute(message: object): void;
  close(message: { readonly type: 'S'; readonly name: string }): void;
  sync(): void;
  on(event: 'commandComplete', listener: (message: { readonly text: string }) => void): void;
  on(event: 'readyForQuery', listener: (message: { readonly status: string }) => void): void;
  on(
    event: 'errorMessage',
    listener: (said: { readonly code?: string; readonly message: string; readonly routine?: string }) => void,
  ): void;
  on(
    event: 'parameterStatus',
    listener: (message: { readonly parameterName: string; readonly parameterValue: string }) => void,
  ): void;
}

/** The parts of a `pg` client that its types leave out. */
export interface ClientInternals {
  readonly connection: Wire;
  readonly processID: number;
  readonly secretKey: number;
  pipeline: boolean;
}

export function internalsOf(client: pg.Client): ClientInternals {
  return client as unknown as ClientInternals;
}

/** Options of `pg.Client` that its types leave out: statements are sent without waiting for the answer to the last. */
export const pipelined: object = { pipeline: true };

/**
 * Asks the server to cancel what a backend runs, over a connection of its own, as the protocol wants it: no login, and no
 * answer. It is harmless where it comes too late.
 */
export function sendCancel(client: pg.Client, timeoutMs: number): void {
  const { processID, secretKey } = internalsOf(client);
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(80_877_102, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  const socket = connect({ host: client.host, port: client.port });
  socket.setTimeout(timeoutMs, () => socket.destroy());
  socket.on('error', () => {});
  socket.on('connect', () => socket.end(message));
  socket.unref();
}
