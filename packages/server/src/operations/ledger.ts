import { sql } from 'kysely';
import type { OperationError, OperationState, StepState } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { emit, type EventInput } from '../db/emit.ts';
import type { Database, Tx } from '../db/database.ts';
import { announceOperation, operationEvent, stepEvent } from './announce.ts';
import type { OperationRecord, StepRecord } from './rows.ts';

/** Another worker has taken the operation: whatever this one was about to write is no longer its business. */
export class SupersededError extends Error {
  constructor(operation: string) {
    super(`The operation ${operation} is run by another worker now.`);
    this.name = 'SupersededError';
  }
}

/**
 * PostgreSQL crashed and forgot that this worker took the operation: taking it does not wait for the disk. It is to be
 * taken again.
 */
export class ForgottenError extends Error {
  constructor(operation: string) {
    super(`PostgreSQL crashed and forgot that the operation ${operation} was begun.`);
    this.name = 'ForgottenError';
  }
}

interface StepChange {
  readonly state?: StepState;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
  readonly error?: OperationError;
}

/**
 * The rows of one operation as its worker writes them. Every write checks that the operation still belongs to this
 * worker, by the number of the run.
 */
export class Ledger {
  readonly #ctx: Context;
  operation: OperationRecord;
  steps: StepRecord[];

  private constructor(ctx: Context, operation: OperationRecord, steps: StepRecord[]) {
    this.#ctx = ctx;
    this.operation = operation;
    this.steps = steps;
  }

  /** Takes the operation for this worker; undefined when it is finished or gone. */
  static async take(ctx: Context, id: string): Promise<Ledger | undefined> {
    return ctx.control.db.transaction().execute(async (tx) => {
      const taken = await tx
        .updateTable('operations')
        .set({
          // More than one further: a number that was forgotten in a crash must not be given to another worker, or each
          // of the two would take the operation for its own.
          run: sql<number>`run + 1 + floor(random() * 1000)::int`,
          started_at: sql<Date>`coalesce(started_at, clock_timestamp())`,
          state: sql<OperationState>`CASE state WHEN 'queued' THEN 'running' ELSE state END`,
        })
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .returningAll()
        .returning(progressOnly)
        .executeTakeFirst();
      if (!taken) return undefined;
      const { progress: _, ...operation } = taken;
      const steps = await tx
        .selectFrom('operation_steps')
        .selectAll()
        .where('operation_id', '=', id)
        .orderBy('position')
        .execute();
      await announceOperation(tx, operation);
      return new Ledger(ctx, operation, steps);
    });
  }

  step(name: string): StepRecord | undefined {
    return this.steps.find((step) => step.name === name);
  }

  /** Throws SupersededError when another worker has taken the operation, ForgottenError when nobody has. */
  async expectOwn(): Promise<void> {
    this.#check(await this.#unfinished(this.#ctx.control.db, false).executeTakeFirst());
  }

  #unfinished(db: Database, progress: boolean) {
    return db
      .selectFrom('operations')
      .select(['run', ...(progress ? [progressOnly] : [])])
      .where('id', '=', this.operation.id)
      .where('finished_at', 'is', null);
  }

  #check(row: { readonly run: number } | undefined): void {
    if (row?.run === this.operation.run) return;
    if (row && row.run < this.operation.run) throw new ForgottenError(this.operation.id);
    throw new SupersededError(this.operation.id);
  }

  async isCancelled(): Promise<boolean> {
    const row = await this.#ctx.control.db
      .selectFrom('operations')
      .select('state')
      .where('id', '=', this.operation.id)
      .executeTakeFirst();
    return row?.state === 'cancelling';
  }

  /** Writes what became of steps, as progress: it may be lost in a crash, since a step that is run again says it again. */
  async write(changes: readonly (readonly [name: string, change: StepChange])[]): Promise<void> {
    await this.transact(true, async (tx) => {
      await emit(tx, ...(await this.#writeSteps(tx, changes)));
    });
  }

  /** Adds a step that was not planned, as the rollback. */
  async add(name: string, title: string): Promise<void> {
    const position = Math.max(-1, ...this.steps.map((step) => step.position)) + 1;
    const step = await this.transact(false, async (tx) => {
      const row = await tx
        .insertInto('operation_steps')
        .values({
          operation_id: this.operation.id,
          position,
          name,
          title,
          state: 'running',
          started_at: new Date(),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await emit(tx, stepEvent(this.operation, row));
      return row;
    });
    this.steps = [...this.steps, step];
  }

  /** Ends the operation; `also` runs in the same transaction, before the events. */
  async finish(
    state: 'succeeded' | 'failed' | 'cancelled',
    error: OperationError | null,
    last: readonly (readonly [name: string, change: StepChange])[],
    also: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    await this.transact(false, async (tx) => {
      await also(tx);
      const events = await this.#writeSteps(tx, last);
      this.operation = await tx
        .updateTable('operations')
        .set({
          state,
          error: error ? JSON.stringify(error) : null,
          finished_at: sql<Date>`clock_timestamp()`,
        })
        .where('id', '=', this.operation.id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await emit(tx, ...events, operationEvent(this.operation));
    });
  }

  /** A transaction that goes through only while the operation belongs to this worker. */
  async transact<T>(progress: boolean, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#ctx.control.db.transaction().execute(async (tx) => {
      this.#check(await this.#unfinished(tx, progress).forUpdate().executeTakeFirst());
      return work(tx);
    });
  }

  /** Gives what is to be told about them, by the last statement of the transaction. */
  async #writeSteps(
    tx: Tx,
    changes: readonly (readonly [name: string, change: StepChange])[],
  ): Promise<readonly EventInput[]> {
    const events: EventInput[] = [];
    for (const [name, change] of changes) events.push(await this.#writeStep(tx, name, change));
    return events;
  }

  async #writeStep(tx: Tx, name: string, change: StepChange): Promise<EventInput> {
    const now = sql<Date>`clock_timestamp()`;
    const ended = change.state === 'succeeded' || change.state === 'failed' || change.state === 'skipped';
    const row = await tx
      .updateTable('operation_steps')
      .set({
        ...(change.state ? { state: change.state } : {}),
        ...(change.state === 'running' ? { started_at: now, finished_at: null, error: null } : {}),
        // A step that is done within this transaction began with it.
        ...(ended ? { started_at: sql<Date>`coalesce(started_at, now())`, finished_at: now } : {}),
        ...(change.detail ? { detail: JSON.stringify(change.detail) } : {}),
        ...(change.error ? { error: JSON.stringify(change.error) } : {}),
      })
      .where('operation_id', '=', this.operation.id)
      .where('name', '=', name)
      .returningAll()
      .executeTakeFirstOrThrow();
    this.steps = this.steps.map((step) => (step.name === name ? row : step));
    return stepEvent(this.operation, row);
  }
}

/** A transaction that asks for this does not wait for the disk: what it writes can be told again. */
const progressOnly = sql<string>`set_config('synchronous_commit', 'off', true)`.as('progress');
