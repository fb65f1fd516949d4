import type { Context } from '../db/context.ts';
import { isConnectionError } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import type { OperationDefinition, OperationDefinitions, StepContext } from './definition.ts';
import { toOperationError } from './failure.ts';
import { ForgottenError, Ledger, SupersededError } from './ledger.ts';

/** How often a running step looks whether somebody cancelled. */
const cancelPollMs = 250;
/** Waits between tries of a step whose server went away. */
const retryDelaysMs = [100, 500, 2000];

/**
 * Runs an operation to its end: the steps that have not succeeded yet, in order; after a failure or a cancellation, the
 * rollback. Returns when the operation is finished, or belongs to another worker. Throws when the control plane's own
 * database went away or the process is stopping; the queue then runs it again, here or elsewhere, from where it stood.
 */
export async function runOperation(
  ctx: Context,
  definitions: OperationDefinitions,
  id: string,
  stopping: AbortSignal,
): Promise<void> {
  const ledger = await Ledger.take(ctx, id, (taken) => definitions[taken.kind].prepare?.(ctx, taken));
  if (!ledger) return;
  const definition = definitions[ledger.operation.kind];
  try {
    await new Run(ctx, definition, ledger, stopping).toEnd();
  } catch (error) {
    if (!(error instanceof SupersededError)) throw error;
    ctx.log.warn({ operation: id }, 'Another worker has taken this operation');
  }
}

class Run {
  readonly #ctx: Context;
  readonly #definition: OperationDefinition;
  readonly #ledger: Ledger;
  readonly #stopping: AbortSignal;
  readonly #cancel = new AbortController();

  constructor(ctx: Context, definition: OperationDefinition, ledger: Ledger, stopping: AbortSignal) {
    this.#ctx = ctx;
    this.#definition = definition;
    this.#ledger = ledger;
    this.#stopping = stopping;
  }

  async toEnd(): Promise<void> {
    // A rollback that was begun is finished: what it removed would otherwise be taken for done.
    if (this.#ledger.step(this.#definition.rollback.name)) return this.#rollBack();
    const watch = setInterval(() => void this.#lookForCancel(), cancelPollMs);
    try {
      await this.#forward();
    } finally {
      clearInterval(watch);
    }
  }

  async #forward(): Promise<void> {
    let finished:
      | readonly [string, { state: 'succeeded'; detail?: Readonly<Record<string, unknown>> | undefined }]
      | undefined;
    const steps = this.#definition.plan?.(this.#ledger.operation.input) ?? this.#definition.steps;
    for (const { name } of steps.slice(0, -1)) {
      if (this.#ledger.step(name)?.state === 'succeeded') continue;
      try {
        if (this.#ledger.operation.state === 'cancelling') this.#cancel.abort();
        // One write for the end of a step and the beginning of the next.
        const news = [...(finished ? [finished] : []), [name, { state: 'running' }]] as const;
        const begun = this.#ledger.write(news).then(() => (finished = undefined));
        finished = [name, { state: 'succeeded', detail: await this.#attemptWhile(begun, name) }];
      } catch (error) {
        return this.#failed(name, error, finished);
      }
    }
    const last = steps.at(-1)!.name;
    const ended = [...(finished ? [finished] : []), [last, { state: 'succeeded' }] as const];
    try {
      this.#cancel.signal.throwIfAborted();
      await this.#ledger.finish('succeeded', null, ended, (tx) =>
        this.#definition.succeed(tx, this.#stepContext(last)),
      );
    } catch (error) {
      return this.#failed(last, error, finished);
    }
  }

  /**
   * Does not make the step wait until its beginning is written down, which is news and no permission: what a step does
   * is safe to do twice, and asks before it commits whether the operation is still this worker's.
   */
  async #attemptWhile(
    begun: Promise<unknown>,
    name: string,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    const [written, done] = await Promise.allSettled([begun, this.#attempt(name)]);
    if (written.status === 'rejected') throw written.reason;
    if (done.status === 'rejected') throw done.reason;
    return done.value;
  }

  async #attempt(name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    for (const delay of [...retryDelaysMs, undefined]) {
      this.#cancel.signal.throwIfAborted();
      try {
        return await this.#definition.run(name, this.#stepContext(name));
      } catch (error) {
        if (delay === undefined || !isGone(error)) throw error;
        this.#ctx.log.warn(
          { err: error, operation: this.#ledger.operation.id, step: name },
          'The server went away; trying again',
        );
        await wait(delay, this.#stopping);
        // What went away may have been ended by a worker that took over.
        await this.#ledger.expectOwn();
      }
    }
    throw new Error('unreachable');
  }

  async #failed(
    name: string,
    error: unknown,
    before?: readonly [
      string,
      { state: 'succeeded'; detail?: Readonly<Record<string, unknown>> | undefined },
    ],
  ): Promise<void> {
    if (error instanceof SupersededError || error instanceof ForgottenError) throw error;
    if (this.#stopping.aborted) throw error;
    // What the control database refuses or cannot take is not the operation's failure: the queue tries again.
    if (isConnectionError(error)) throw error;
    const cancelled = this.#cancel.signal.aborted;
    const failure = cancelled
      ? new TenantryError('CANCELLED', 'Cancelled; what had been done is undone.')
      : error;
    if (!cancelled)
      this.#ctx.log.warn({ err: error, operation: this.#ledger.operation.id, step: name }, 'Step failed');
    await this.#ledger.write([
      ...(before ? [before] : []),
      [name, { state: 'failed', error: toOperationError(failure) }],
    ]);
    await this.#ledger.add(this.#definition.rollback.name, this.#definition.rollback.title);
    return this.#rollBack();
  }

  async #rollBack(): Promise<void> {
    const { name } = this.#definition.rollback;
    const context = this.#stepContext(name);
    const detail = await this.#definition.rollback.run(context);
    const error =
      this.#ledger.steps.find((step) => step.state === 'failed')?.error ?? toOperationError(undefined);
    const state = error.code === 'CANCELLED' ? 'cancelled' : 'failed';
    await this.#ledger.finish(state, error, [[name, { state: 'succeeded', detail }]], (tx) =>
      this.#definition.fail(tx, context, { state, error }),
    );
  }

  async #lookForCancel(): Promise<void> {
    try {
      if (await this.#ledger.isCancelled()) this.#cancel.abort();
    } catch {
      // The next look, or the step itself, meets the same trouble.
    }
  }

  #stepContext(name: string): StepContext {
    return {
      ctx: this.#ctx,
      operation: this.#ledger.operation,
      signal: AbortSignal.any([this.#cancel.signal, this.#stopping]),
      detailOf: (step) => this.#ledger.step(step)?.detail ?? {},
      report: (detail) => this.#ledger.write([[name, { detail }]]),
    };
  }
}

function isGone(error: unknown): boolean {
  return (
    isConnectionError(error) || (error instanceof TenantryError && error.code === 'DATABASE_UNAVAILABLE')
  );
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
