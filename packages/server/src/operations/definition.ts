import type { OperationKind, Permission } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import type { Outcome } from './ledger.ts';
import type { OperationRecord } from './rows.ts';

/** A step as it is announced before anything runs. */
export interface StepPlan {
  readonly name: string;
  readonly title: string;
}

/** What a running step can do. */
export interface StepContext {
  readonly ctx: Context;
  readonly operation: OperationRecord;
  /** Aborted when somebody cancels, or the process is stopping. */
  readonly signal: AbortSignal;
  /** What an earlier step has reported or returned. */
  detailOf(step: string): Readonly<Record<string, unknown>>;
  /** Tells watchers how far the step is; kept with it. */
  report(detail: Readonly<Record<string, unknown>>): Promise<void>;
}

/**
 * A kind of operation. Every function must be safe to run again: a process can die after its effect and before the row
 * that says so. `run` is called for the steps that have not succeeded, in order, but for the last one: that is `succeed`.
 */
export interface OperationDefinition {
  readonly kind: OperationKind;
  /** What it takes to start one, and so to run one again. */
  readonly permission: Permission;
  readonly steps: readonly StepPlan[];
  /** Of one operation, where not all of them have the same. */
  plan?(input: OperationRecord['input']): readonly StepPlan[];
  run(step: string, context: StepContext): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Begins to read what the first step needs, while the steps are read; whoever needs it meets what went wrong. */
  prepare?(ctx: Context, operation: OperationRecord): void;
  /** The last step: in the transaction that marks the operation as succeeded. */
  succeed(tx: Tx, context: StepContext): Promise<Outcome>;
  /** Removes what the steps made, after a failure or a cancellation. Shown as one more step. */
  rollback: StepPlan & { run(context: StepContext): Promise<Readonly<Record<string, unknown>> | undefined> };
  /** In the transaction that marks the operation as failed or cancelled, after the rollback. */
  fail(tx: Tx, context: StepContext, failure: OperationFailure): Promise<Outcome>;
  /** In the transaction of a retry: takes again what `fail` gave back. Gives the tenant that the next attempt is about, if any. */
  retry(tx: Tx, ctx: Context, operation: OperationRecord): Promise<{ readonly tenantId: string | null }>;
}

export interface OperationFailure {
  readonly state: 'failed' | 'cancelled';
  readonly error: { readonly code: string; readonly message: string };
}

export type OperationDefinitions = Readonly<Record<OperationKind, OperationDefinition>>;
