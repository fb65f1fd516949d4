import type { Client, DatabaseError } from 'pg';

import { ScriptFailure, ScriptQuery } from '../script-query.ts';
import type { StatementRows } from '../script-query.ts';
import type { Log } from './log.ts';
import type { Entry, Message } from './message.ts';
import { resultTable } from './result-table.ts';

/** A message that the server refused: which of its statements, and why. */
export class MessageFailure extends Error {
  readonly failed: Message;
  readonly entry: Entry | undefined;
  readonly error: DatabaseError | Error;
  /** Index of the statement among the message's. */
  readonly index: number;

  constructor(message: Message, index: number, error: DatabaseError | Error) {
    super(error.message, { cause: error });
    this.name = 'MessageFailure';
    this.failed = message;
    this.entry = message.entries[index];
    this.index = index;
    this.error = error;
  }
}

/** Called for each statement that is done, with the first column of its last row. */
export type EntryDone = (entry: Entry, value: string | null) => void;

interface Notice {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

/**
 * Sends messages over one connection and logs what scripts say: notices and the rows of their queries, as Flyway does.
 * Several messages may be on their way at once; they are answered in order.
 */
export class Wire {
  readonly client: Client;
  #log: Log;
  #running: { readonly message: Message; readonly query: ScriptQuery }[] = [];
  #onNotice = (notice: Notice) => this.#notice(notice);
  // pg tells of a lost connection by an event too, which ends the process where nobody listens; the query fails anyway.
  #onError = () => {};

  constructor(client: Client, log: Log) {
    this.client = client;
    this.#log = log;
    client.on('notice', this.#onNotice);
    client.on('error', this.#onError);
  }

  /** Sends a message; the promise fails with MessageFailure. */
  async send(message: Message, onDone: EntryDone = () => {}): Promise<void> {
    const announce = (index: number) => {
      const line = message.announcements.get(index);
      if (line !== undefined) this.#log.info(line);
    };
    const query = new ScriptQuery(message.text, message.copyData, (index, value, rows) => {
      const entry = message.entries[index];
      if (entry === undefined) return;
      if (entry.kind === 'statement' && rows !== null) this.#rows(rows);
      onDone(entry, value);
      announce(index + 1);
    });
    const running = { message, query };
    this.#running.push(running);
    announce(0);
    this.client.query(query);
    try {
      await query.done;
    } catch (error) {
      throw error instanceof ScriptFailure ? new MessageFailure(message, error.index, error.error) : error;
    } finally {
      this.#running.splice(this.#running.indexOf(running), 1);
    }
  }

  /**
   * Ends whatever transaction is open. After an error it is always asked for: pg tells of the error before the server has
   * told the state of the transaction.
   */
  async rollback(): Promise<void> {
    // Where the connection is gone, so is the transaction, and the first error is the one to report.
    await this.client.query('ROLLBACK').catch(() => {});
  }

  close(): void {
    this.client.off('notice', this.#onNotice);
    this.client.off('error', this.#onError);
  }

  #rows(rows: StatementRows): void {
    this.#log.info(resultTable(rows));
  }

  #notice({ code, message }: Notice): void {
    const running = this.#running.find(({ message: m, query }) => query.finished < m.entries.length);
    const entry = running?.message.entries[running.query.finished];
    // Notices of our own statements tell nobody anything.
    if (entry?.kind !== 'statement') return;
    const text = message ?? '';
    if (code === undefined || code === '00000') this.#log.info(`DB: ${text}`);
    else this.#log.warn(`DB: ${text} (SQL State: ${code} - Error Code: 0)`);
  }
}
