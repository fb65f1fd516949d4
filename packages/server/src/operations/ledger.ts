import { sql } from 'kysely';
import type { OperationError, OperationState, StepState } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { recordAll, type AuditEntry } from '../audit/record.ts';
import { emit, type EventInput } from '../db/emit.ts';
import type { Database, Tx } from '../db/database.ts';
import { operationEvent, stepEvent } from './announce.ts';
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

/** What the end of an operation did besides, for the audit trail and for watchers; `ctx` says on whose behalf. */
export interface Outcome {
  readonly ctx: Context;
  readonly entries: readonly AuditEntry[];
  readonly events: readonly EventInput[];
}

/**
 * The rows of one operation as its worker writes them. Every write checks that the operation still belongs to this
 * worker, by the number of the run.
 */
export class Ledger {
  readonly #ctx: Context;
  /** Told with the next write. */
  #news: readonly EventInput[];
  operation: OperationRecord;
  steps: StepRecord[];

  private constructor(ctx: Context, operation: OperationRecord, steps: StepRecord[]) {
    this.#ctx = ctx;
    this.operation = operation;
    this.steps = steps;
    this.#news = [operationEvent(operation)];
  }

  /**
   * Takes the operation for this worker; undefined when it is finished or gone. Watchers are told with the next write:
   * until then nothing has happened that they could see.
   */
  static async take(
    ctx: Context,
    id: string,
    onTaken: (operation: OperationRecord) => void,
  ): Promise<Ledger | undefined> {
    const taken = await ctx.control.db
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
    onTaken(operation);
    // After it is ours, and so after the last write of whoever had it before.
    const steps = await ctx.control.db
      .selectFrom('operation_steps')
      .selectAll()
      .where('operation_id', '=', id)
      .orderBy('position')
      .execute();
    return new Ledger(ctx, operation, steps);
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
    if (row?.run !== this.operation.run) throw this.#lossOf(row);
  }

  async #loss(tx: Tx): Promise<Error> {
    return this.#lossOf(await this.#unfinished(tx, false).executeTakeFirst());
  }

  #lossOf(row: { readonly run: number } | undefined): Error {
    const forgotten = row && row.run < this.operation.run;
    return forgotten ? new ForgottenError(this.operation.id) : new SupersededError(this.operation.id);
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
      await this.#tell(tx, await this.#writeSteps(tx, changes));
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
      await this.#tell(tx, [stepEvent(this.operation, row)]);
      return row;
    });
    this.steps = [...this.steps, step];
  }

  /**
   * Ends the operation; `also` runs in the same transaction. Writers of the audit trail wait for each other from its
   * record to the commit, so one last statement makes it, with all events.
   */
  async finish(
    state: 'succeeded' | 'failed' | 'cancelled',
    error: OperationError | null,
    last: readonly (readonly [name: string, change: StepChange])[],
    also: (tx: Tx) => Promise<Outcome>,
  ): Promise<void> {
    await this.#ctx.control.db.transaction().execute(async (tx) => {
      const ended = await tx
        .updateTable('operations')
        .set({
          state,
          error: error ? JSON.stringify(error) : null,
          finished_at: sql<Date>`clock_timestamp()`,
        })
        .where('id', '=', this.operation.id)
        .where('run', '=', this.operation.run)
        .where('finished_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      if (!ended) throw await this.#loss(tx);
      const { ctx, entries, events } = await also(tx);
      this.operation = ended;
      const steps = await this.#writeSteps(tx, last);
      await recordAll(tx, ctx, entries, [...this.#news, ...events, ...steps, operationEvent(ended)]);
    });
    this.#ctx.events.wake();
  }

  /** A transaction that goes through only while the operation belongs to this worker. */
  async transact<T>(progress: boolean, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#ctx.control.db.transaction().execute(async (tx) => {
      this.#check(await this.#unfinished(tx, progress).forUpdate().executeTakeFirst());
      return work(tx);
    });
  }

  async #tell(tx: Tx, events: readonly EventInput[]): Promise<void> {
    await emit(tx, ...this.#news, ...events);
    this.#news = [];
  }

  /** Gives what is to be told about them, by the last statement of the transaction. */
  async #writeSteps(
    tx: Tx,
    changes: readonly (readonly [name: string, change: StepChange])[],
  ): Promise<readonly EventInput[]> {
    const { rows } = await sql<StepRecord>`
      UPDATE tenantry.operation_steps s
         SET state = coalesce(c.state, s.state),
             started_at = CASE
               WHEN c.state = 'running' THEN clock_timestamp()
               -- A step that is done within this transaction began with it.
               WHEN c.state IN ('succeeded', 'failed', 'skipped') THEN coalesce(s.started_at, now())
               ELSE s.started_at END,
             finished_at = CASE
               WHEN c.state = 'running' THEN NULL
               WHEN c.state IN ('succeeded', 'failed', 'skipped') THEN clock_timestamp()
               ELSE s.finished_at END,
             detail = coalesce(c.detail, s.detail),
             error = CASE WHEN c.state = 'running' THEN NULL ELSE coalesce(c.error, s.error) END
        FROM jsonb_to_recordset(${JSON.stringify(changes.map(([name, change]) => ({ name, ...change })))}::jsonb)
          AS c (name text, state text, detail jsonb, error jsonb)
       WHERE s.operation_id = ${this.operation.id} AND s.name = c.name
      RETURNING s.*`.execute(tx);
    this.steps = this.steps.map((step) => rows.find((row) => row.name === step.name) ?? step);
    return changes.map(([name]) => stepEvent(this.operation, this.step(name)!));
  }
}

/** A transaction that asks for this does not wait for the disk: what it writes can be told again. */
const progressOnly = sql<string>`set_config('synchronous_commit', 'off', true)`.as('progress');
