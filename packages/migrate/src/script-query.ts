import type { Connection, DatabaseError, Submittable } from 'pg';

/** The part of pg's connection that a simple-protocol message with inline COPY data needs. */
interface Wire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
}

interface DataRow {
  readonly fields: readonly (string | null)[];
}

interface RowDescription {
  readonly fields: readonly { readonly name: string }[];
}

/** What one statement gave back; no more rows than are worth showing. */
export interface StatementRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly total: number;
}

/** Called for every finished statement with its index in the message and the first column of its last row. */
export type StatementDone = (index: number, value: string | null, rows: StatementRows | null) => void;

/** A statement of the message failed; `index` says which. */
export class ScriptFailure extends Error {
  readonly index: number;
  readonly error: DatabaseError | Error;

  constructor(index: number, error: DatabaseError | Error) {
    super(error.message, { cause: error });
    this.name = 'ScriptFailure';
    this.index = index;
    this.error = error;
  }
}

const COPY_CHUNK = 65_536;
const ROWS_KEPT = 200;

/**
 * Many statements in one simple-protocol message, as a query object that pg's `client.query` accepts. Counting the
 * answers tells which statement failed; data for COPY … FROM STDIN is sent as the server asks for it.
 *
 * One message instead of one for each statement, because every message is a round trip and a snapshot of its own:
 * statement by statement the same DDL took 2.4 to 8 times as long.
 */
export class ScriptQuery implements Submittable {
  readonly done: Promise<void>;
  /** pg wraps this when the client has a query_timeout. */
  callback: (error?: Error) => void = () => {};
  #text: string;
  #copyData: readonly string[];
  #onDone: StatementDone;
  #finished = 0;
  #copied = 0;
  #value: string | null = null;
  #columns: readonly string[] | null = null;
  #rows: (readonly (string | null)[])[] = [];
  #total = 0;
  #thrown: Error | null = null;
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor(text: string, copyData: readonly string[], onDone: StatementDone) {
    this.#text = text;
    this.#copyData = copyData;
    this.#onDone = onDone;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    wire(connection).query(this.#text);
  }

  /** Statements of the message that are done. */
  get finished(): number {
    return this.#finished;
  }

  handleRowDescription(description: RowDescription): void {
    this.#value = null;
    this.#columns = description.fields.map(({ name }) => name);
    this.#rows = [];
    this.#total = 0;
  }

  handleDataRow(row: DataRow): void {
    this.#value = row.fields[0] ?? null;
    this.#total++;
    if (this.#rows.length < ROWS_KEPT) this.#rows.push(row.fields);
  }

  handleCommandComplete(): void {
    const value = this.#value;
    const columns = this.#columns;
    const rows = columns === null ? null : { columns, rows: this.#rows, total: this.#total };
    this.#value = null;
    this.#columns = null;
    // A throw here would surface in pg's socket handler; it is kept for the end of the message.
    try {
      this.#onDone(this.#finished, value, rows);
    } catch (error) {
      this.#thrown ??= error instanceof Error ? error : new Error(String(error));
    }
    this.#finished++;
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: Connection): void {
    const data = Buffer.from(this.#copyData[this.#copied++] ?? '', 'utf8');
    for (let at = 0; at < data.length; at += COPY_CHUNK) {
      wire(connection).sendCopyFromChunk(data.subarray(at, at + COPY_CHUNK));
    }
    wire(connection).endCopyFrom();
  }

  /** Rows of COPY … TO STDOUT go nowhere. */
  handleCopyData(): void {}

  handleError(error: DatabaseError | Error): void {
    this.callback(error);
    this.#reject(new ScriptFailure(this.#finished, error));
  }

  handleReadyForQuery(): void {
    this.callback();
    if (this.#thrown === null) this.#resolve();
    else this.#reject(this.#thrown);
  }
}

function wire(connection: Connection): Wire {
  // pg's own types leave out the COPY half of its connection, which pg-copy-streams has used for a decade.
  return connection as unknown as Wire;
}
