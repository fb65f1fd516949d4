import pg from 'pg';
import type { Wire } from './wire.ts';

type Message = Record<string, unknown>;

/** What `pg.Query` has and its types leave out, or get wrong. */
interface QueryInternals {
  readonly text?: string;
  submit(connection: pg.Connection): void;
  values: unknown;
  rows: unknown;
  readonly name?: string;
  callback: Settle;
  requiresPreparation(): boolean;
  prepare(connection: Wire): void;
  handleDataRow(message: Message): void;
  handleCommandComplete(message: Message, connection: Wire): void;
  handleError(error: Error, connection: Wire): void;
  handleCopyInResponse(connection: Wire): void;
}

/** Called once, with what a statement came to. */
export type Settle = (error: Error | null | undefined, result?: pg.QueryResult) => void;

const Query = pg.Query as unknown as new (config: string | pg.QueryConfig) => QueryInternals;

/**
 * One statement of a tenant, always by the extended protocol: several in one text are refused by PostgreSQL.
 *
 * With a prefix, another statement goes before it in the same message and up to the same Sync: when that one fails
 * PostgreSQL skips this one. So a BEGIN costs no round trip and no statement runs outside its transaction, and a COMMIT
 * can be made to depend on an assertion.
 */
export class TenantQuery extends Query {
  prefix: string | undefined;
  /** The prefix asserts whose session it is. */
  isAssertion = false;
  /** The pool's own, not a tenant's. */
  isOurs = false;
  /** It wanted rows from the client. */
  isCopy = false;
  /** Told when it could not be sent at all: no answer will come. */
  unsent: (() => void) | undefined;
  #inPrefix = false;

  constructor(config: string | pg.QueryConfig, values: unknown) {
    super(config);
    // How many to fetch at a time; all come in the end. The driver refuses that where statements are sent behind each other.
    this.rows = undefined;
    if (values !== undefined && values !== null) this.values = values;
  }

  /** Its prefix is not answered yet, or was refused. */
  get isInPrefix(): boolean {
    return this.#inPrefix;
  }

  set settle(settle: Settle) {
    this.callback = settle;
  }

  override requiresPreparation(): boolean {
    return true;
  }

  override submit(connection: pg.Connection): Error | null {
    // It gives an error, whatever the types say.
    const failure = super.submit(connection) as unknown as Error | null;
    if (failure !== null) this.unsent?.();
    return failure;
  }

  override prepare(connection: Wire): void {
    if (this.prefix !== undefined) {
      this.#inPrefix = true;
      connection.parse({ text: this.prefix });
      connection.bind({});
      connection.execute({});
    }
    super.prepare(connection);
  }

  override handleDataRow(message: Message): void {
    if (!this.#inPrefix) super.handleDataRow(message);
  }

  override handleCommandComplete(message: Message, connection: Wire): void {
    if (!this.#inPrefix) return super.handleCommandComplete(message, connection);
    this.#inPrefix = false;
  }

  override handleError(error: Error, connection: Wire): void {
    // The driver took the prefix's ParseComplete for that of the named statement.
    if (this.prefix !== undefined && this.name !== undefined) delete connection.parsedStatements[this.name];
    super.handleError(error, connection);
  }

  /** There is nothing to copy. PostgreSQL has swallowed the Sync that came with the statement, and waits for one behind this. */
  override handleCopyInResponse(connection: Wire): void {
    this.isCopy = true;
    super.handleCopyInResponse(connection);
    connection.sync();
  }
}
