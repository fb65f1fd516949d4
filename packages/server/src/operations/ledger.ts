import { sql, type RawBuilder } from 'kysely';
import type { OperationError, OperationState, StepState } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { recordAll, type AuditEntry } from '../audit/record.ts';
import { emit, emitCall, type EventInput } from '../db/emit.ts';
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

/** What became of a step, by its name. */
export type StepNews = readonly [name: string, change: StepChange];

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

  async #loss(tx: Database): Promise<Error> {
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

  /**
   * Writes what became of steps, as progress: it may be lost in a crash, since a step that is run again says it again. One
   * statement, because a short operation spends more time on round trips than on anything else.
   */
  async write(changes: readonly StepNews[]): Promise<void> {
    const { db } = this.#ctx.control;
    const now = this.#ctx.clock();
    const events = [...this.#news, ...this.#change(changes, now, now)];
    this.#news = [];
    const { rows } = await sql`
      WITH own AS (${this.#unfinished(db, true).forUpdate()}), changed AS (${this.#updateOf(changes)})
      SELECT ${sql.join(events.map(emitCall))} FROM own WHERE run = ${this.operation.run}`.execute(db);
    if (rows.length === 0) throw await this.#loss(db);
  }

  /** Adds a step that was not planned, as the rollback. */
  async add(name: string, title: string): Promise<void> {
    const position = Math.max(-1, ...this.steps.map((step) => step.position)) + 1;
    const step = await this.#ctx.control.db.transaction().execute(async (tx) => {
      this.#check(await this.#unfinished(tx, false).forUpdate().executeTakeFirst());
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
      await emit(tx, ...this.#news, stepEvent(this.operation, row));
      return row;
    });
    this.#news = [];
    this.steps = [...this.steps, step];
  }

  /**
   * Ends the operation; `also` runs in the same transaction. Writers of the audit trail wait for each other from its
   * record to the commit, so one last statement makes it, with all events.
   */
  async finish(
    state: 'succeeded' | 'failed' | 'cancelled',
    error: OperationError | null,
    last: readonly StepNews[],
    also: (tx: Tx) => Promise<Outcome>,
  ): Promise<void> {
    // A step that is done within this transaction began with it.
    const began = this.#ctx.clock();
    await this.#ctx.control.db.transaction().execute(async (tx) => {
      const own = tx
        .updateTable('operations')
        .set({
          state,
          error: error ? JSON.stringify(error) : null,
          finished_at: sql<Date>`clock_timestamp()`,
        })
        .where('id', '=', this.operation.id)
        .where('run', '=', this.operation.run)
        .where('finished_at', 'is', null)
        .returningAll();
      const news = this.#change(last, began, this.#ctx.clock());
      const { rows } = await sql<OperationRecord>`
        WITH own AS (${own}), changed AS (${this.#updateOf(last)}) SELECT * FROM own`.execute(tx);
      const [ended] = rows;
      if (!ended) throw await this.#loss(tx);
      const { ctx, entries, events } = await also(tx);
      this.operation = ended;
      await recordAll(tx, ctx, entries, [...this.#news, ...events, ...news, operationEvent(ended)]);
    });
    this.#ctx.events.wake();
  }

  /**
   * Changes steps as this worker knows them, and gives what is to be told. Before they are written: the next news of the
   * same step may be on its way already, and a worker whose write fails is at its end.
   */
  #change(changes: readonly StepNews[], began: Date, now: Date): readonly EventInput[] {
    for (const [name, change] of changes)
      this.steps = this.steps.map((step) => (step.name === name ? changed(step, change, began, now) : step));
    return changes.map(([name]) => stepEvent(this.operation, this.step(name)!));
  }

  /** The statement that writes changed steps, where a CTE `own` gives the operation as this worker holds it. */
  #updateOf(changes: readonly StepNews[]): RawBuilder<unknown> {
    const columns = changes.map(([name, { state, detail, error }]) => {
      const { started_at, finished_at } = this.step(name)!;
      return { name, state, detail, error, ...(state ? { started_at, finished_at } : {}) };
    });
    return sql`
      UPDATE tenantry.operation_steps s
         SET state = coalesce(c.state, s.state),
             started_at = coalesce(c.started_at, s.started_at),
             finished_at = CASE WHEN c.state IS NULL THEN s.finished_at ELSE c.finished_at END,
             detail = coalesce(c.detail, s.detail),
             error = CASE WHEN c.state = 'running' THEN NULL ELSE coalesce(c.error, s.error) END
        FROM own, jsonb_to_recordset(${JSON.stringify(columns)}::jsonb)
          AS c (name text, state text, started_at timestamptz, finished_at timestamptz, detail jsonb, error jsonb)
       WHERE own.run = ${this.operation.run} AND s.operation_id = ${this.operation.id} AND s.name = c.name`;
  }
}

/** The step after a change: its times are the worker's, and what it had said is kept. */
function changed(step: StepRecord, { state, detail, error }: StepChange, began: Date, now: Date): StepRecord {
  const said = { detail: detail ?? step.detail, error: error ?? step.error };
  if (state === undefined || state === 'pending') return { ...step, ...said };
  if (state === 'running')
    return { ...step, ...said, state, started_at: now, finished_at: null, error: null };
  return { ...step, ...said, state, started_at: step.started_at ?? began, finished_at: now };
}

/** A transaction that asks for this does not wait for the disk: what it writes can be told again. */
const progressOnly = sql<string>`set_config('synchronous_commit', 'off', true)`.as('progress');
