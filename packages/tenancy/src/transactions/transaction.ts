import type pg from 'pg';
import { sqlStateOf, TenancyError } from '../errors.ts';
import { isBoundary } from '../pool/statements.ts';
import { TenantQuery } from '../pool/tenant-query.ts';
import { textOf, type TenantClient } from '../pool/tenant-client.ts';

/** What runs in a transaction: statements, and parts that may fail by themselves. */
export interface Transaction {
  /** As `query` of `pg`, as a promise. Throws TENANCY_CLOSED after the end of the transaction. */
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(
    config: string | pg.QueryConfig,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<R>>;
  /**
   * Runs a part whose failure undoes that part alone. One at a time, or one within another; throws TENANCY_OPTION where the first
   * of two that were begun at once has ended the second.
   */
  savepoint<T>(fn: (tx: Transaction) => Promise<T>): Promise<T>;
}

/**
 * One attempt at a transaction on a client that the caller holds. BEGIN goes in one message with the first statement: no
 * round trip, and where it fails PostgreSQL skips the statement.
 */
export class Attempt implements Transaction {
  readonly #client: TenantClient;
  readonly #begin: string;
  #state: 'fresh' | 'begun' | 'over' = 'fresh';
  #depth = 0;

  constructor(client: TenantClient, begin: string) {
    this.#client = client;
    this.#begin = begin;
  }

  /** True when something was sent: there is a transaction to end. */
  get isBegun(): boolean {
    return this.#state === 'begun';
  }

  query<R extends pg.QueryResultRow = pg.QueryResultRow>(
    config: string | pg.QueryConfig,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<R>> {
    if (this.#state === 'over') return Promise.reject(isOver());
    const text = textOf(config);
    if (isBoundary(text)) return Promise.reject(notYours());
    const query = new TenantQuery(config, values);
    if (this.#state === 'fresh') query.prefix = [this.#begin];
    this.#state = 'begun';
    return new Promise<pg.QueryResult<R>>((resolve, reject) => {
      this.#client.send(query, text, (error, result) =>
        error ? reject(error) : resolve(result as pg.QueryResult<R>),
      );
    }).catch((error: Error) => {
      Error.captureStackTrace(error);
      throw error;
    });
  }

  async savepoint<T>(fn: (tx: Transaction) => Promise<T>): Promise<T> {
    const name = `tenantry_${(this.#depth += 1)}`;
    await this.query(`SAVEPOINT ${name}`);
    try {
      const result = await fn(this);
      await this.query(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      try {
        await this.#ask(`ROLLBACK TO SAVEPOINT ${name}`);
      } catch (failure) {
        throw sqlStateOf(failure) === noSuchSavepoint ? atOnce(failure) : failure;
      }
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  /** Makes the work durable; a statement that has failed before makes PostgreSQL roll back, which is an error here. */
  async commit(): Promise<void> {
    const wasBegun = this.#state === 'begun';
    this.#state = 'over';
    if (!wasBegun) return;
    const { command } = await this.#ask('COMMIT');
    if (command === 'COMMIT') return;
    throw new TenancyError(
      'TENANCY_OPTION',
      'A statement of the transaction failed and its error was not passed on, so PostgreSQL rolled all of it back. ' +
        'Let the error through, or put the statement into tx.savepoint(…).',
    );
  }

  async rollback(): Promise<void> {
    const wasBegun = this.#state === 'begun';
    this.#state = 'over';
    if (wasBegun) await this.#ask('ROLLBACK');
  }

  #ask(text: string): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      const query = new TenantQuery(text, undefined);
      this.#client.send(query, text, (error, result) => (error ? reject(error) : resolve(result!)));
    });
  }
}

const noSuchSavepoint = '3B001';

function atOnce(cause: unknown): TenancyError {
  return new TenancyError(
    'TENANCY_OPTION',
    'Two savepoints were begun at once, and the end of one was the end of the other. Await the first before the next.',
    { cause },
  );
}

function isOver(): TenancyError {
  return new TenancyError(
    'TENANCY_CLOSED',
    'The transaction is over. Await every statement before its function returns.',
  );
}

function notYours(): TenancyError {
  return new TenancyError(
    'TENANCY_OPTION',
    'The transaction begins and ends by itself: return to commit, throw to roll back, and use tx.savepoint(…) for a part.',
  );
}
