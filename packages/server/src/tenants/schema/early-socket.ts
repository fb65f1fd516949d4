import { Socket } from 'node:net';

/**
 * A connection that is made before the driver asks for it. PostgreSQL starts a backend as soon as it accepts one and
 * need not know yet who will log in, so that the backend of a new tenant's first login starts while its schema is
 * still being checked.
 *
 * The server waits for `authentication_timeout`; one that was not used by then is `destroyed`.
 */
export class EarlySocket extends Socket {
  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    super();
    // The driver listens as soon as it has it. Until then a failure only means that there is none.
    this.on('error', () => {});
    super.connect(port, host);
  }

  /** The driver's call; where the connection stands already, its event comes again. */
  override connect(): this {
    if (!this.connecting) process.nextTick(() => this.emit('connect'));
    return this;
  }
}
