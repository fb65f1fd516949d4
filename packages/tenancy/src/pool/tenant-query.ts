import pg from 'pg';
import type { Wire } from './wire.ts';

type Message = Record<string, unknown>;

/** What `pg.Query` has and its types leave out, or get wrong. */
interface QueryInternals {
  readonly text?: string;
  submit(connection: pg.Connection): void;
  values: unknown;
  rows: unknown;
  name?: string | undefined;
  callback: Settle;
  requiresPreparation(): boolean;
  prepare(connection: Wire): void;
  handleDataRow(message: Message): void;
  handleCommandComplete(message: Message, connection: Wire): void;
  handleReadyForQuery(connection: Wire): void;
  handleError(error: Error, connection: Wire): void;
  handleCopyInResponse(connection: Wire): void;
}

/** Called once, with what a statement came to. */
export type Settle = (error: Error | null | undefined, result?: pg.QueryResult) => void;

const Query = pg.Query as unknown as new (config: string | pg.QueryConfig) => QueryInternals;

/** What the driver makes of a value to send; its types leave it out. */
const { prepareValue } = (
  pg as unknown as { readonly utils: { readonly prepareValue: (value: unknown) => unknown } }
).utils;

/**
 * One statement of a tenant, always by the extended protocol: several in one text are refused by PostgreSQL.
 *
 * With a prefix, other statements go before it in the same message and up to the same Sync: when one of them fails
 * PostgreSQL skips what follows. So a BEGIN costs no round trip and no statement runs outside its transaction, and a COMMIT
 * can be made to depend on an assertion.
 */
export class TenantQuery extends Query {
  prefix: readonly string[] = [];
  /** The prefix asserts whose session it is. */
  isAssertion = false;
  /** The pool's own, not a tenant's. */
  isOurs = false;
  /** It leaves nothing in its session, so that others may be sent behind it, and may be run in a transaction with what goes before it. */
  isPlain = false;
  /** It wanted rows from the client. */
  isCopy = false;
  /** Told when it could not be sent at all: no answer will come. */
  unsent: (() => void) | undefined;
  /** Statements of the prefix that are not answered. */
  #inPrefix = 0;
  /** It brings the text that its name stands for. */
  #isNaming = false;
  /** Why its prefix alone was sent. */
  #failure: Error | undefined;

  constructor(config: string | pg.QueryConfig, values: unknown) {
    super(config);
    // How many to fetch at a time; all come in the end. The driver refuses that where statements are sent behind each other.
    this.rows = undefined;
    if (values !== undefined && values !== null) this.values = values;
  }

  /** Its prefix is not answered yet, or was refused. */
  get isInPrefix(): boolean {
    return this.#inPrefix > 0;
  }

  /** Nothing of its prefix went well. */
  get hasWholePrefix(): boolean {
    return this.#inPrefix === this.prefix.length;
  }

  set settle(settle: Settle) {
    this.callback = settle;
  }

  override requiresPreparation(): boolean {
    return true;
  }

  override submit(connection: pg.Connection): Error | null {
    this.#failure = undefined;
    // It gives an error, whatever the types say.
    const failure = this.#prepareValues() ?? (super.submit(connection) as unknown as Error | null);
    if (failure === null) return null;
    if (this.prefix.length === 0) {
      this.unsent?.();
      return failure;
    }
    // What comes behind it relies on the prefix, as on a BEGIN.
    this.#failure = failure;
    this.name = undefined;
    this.#sendPrefix(connection as unknown as Wire);
    (connection as unknown as Wire).sync();
    return null;
  }

  /** Before anything is sent: the driver finds out between two messages, and takes the statement of that name away. */
  #prepareValues(): Error | null {
    if (!Array.isArray(this.values)) return null;
    try {
      this.values = this.values.map((value) => prepareValue(value));
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  override prepare(connection: Wire): void {
    this.#sendPrefix(connection);
    if (this.name && connection.parsedStatements[this.name] === undefined)
      this.#startNaming(connection, this.name);
    super.prepare(connection);
  }

  #sendPrefix(connection: Wire): void {
    this.#inPrefix = this.prefix.length;
    for (const text of this.prefix) {
      connection.parse({ text });
      connection.bind({});
      connection.execute({});
    }
  }

  /** Another of that name may be under way, and fail: this one does not rely on it, and puts itself in its place. */
  #startNaming(connection: Wire, name: string): void {
    this.#isNaming = true;
    connection.close({ type: 'S', name });
    delete connection.submittedNamedStatements[name];
  }

  override handleDataRow(message: Message): void {
    if (!this.isInPrefix) super.handleDataRow(message);
  }

  override handleCommandComplete(message: Message, connection: Wire): void {
    if (!this.isInPrefix) return super.handleCommandComplete(message, connection);
    this.#inPrefix -= 1;
  }

  override handleReadyForQuery(connection: Wire): void {
    if (this.#failure !== undefined) return this.handleError(this.#failure, connection);
    super.handleReadyForQuery(connection);
  }

  override handleError(error: Error, connection: Wire): void {
    // It may have failed before it was parsed, and the driver takes the answer to a prefix for one to the statement.
    if (this.#isNaming) delete connection.parsedStatements[this.name!];
    super.handleError(error, connection);
  }

  /** There is nothing to copy. PostgreSQL has swallowed the Sync that came with the statement, and waits for one behind this. */
  override handleCopyInResponse(connection: Wire): void {
    this.isCopy = true;
    super.handleCopyInResponse(connection);
    connection.sync();
  }
}
