import { setTimeout as sleep } from 'node:timers/promises';

import { applyContained } from './contained.ts';
import { endingOf, failureOf, isLockTimeout } from './ending.ts';
import type { Ending, StepApplied } from './ending.ts';
import { forgetsPrepared, PreparedFrames, WORTH_PREPARING } from './prepared.ts';
import { retryDelay } from './retry.ts';
import type { Message } from './message.ts';
import { lockSession, unlockSession } from './session-lock.ts';
import type { Session } from './session.ts';
import { isTransactional, plainFrames, stepMessages } from './step.ts';
import type { Step } from './step.ts';
import type { MessageFailure, Wire } from './wire.ts';

/** One step that the server works on, and one that is ready for it; pg takes more for a mistake. */
const AHEAD = 2;

/** A step that was sent. */
interface Flight {
  readonly step: Step;
  readonly failure: Promise<MessageFailure | null>;
}

interface Attempt {
  readonly done: number;
  readonly failed: { readonly step: Step; readonly failure: MessageFailure } | null;
}

/** The steps of a run; each is made ready when its turn comes, while the server works on those before it. */
export interface StepList {
  readonly length: number;
  at(index: number): Step;
}

/**
 * Runs steps, each with its history row in a transaction of its own.
 *
 * A step is made ready and queued while the server works on the one before it, so that parsing costs no time of its own.
 * That is safe: where one fails, the next meets an aborted transaction, or the guard, which knows the rank it builds on.
 */
export class TransactionalSteps {
  #session: Session;
  #wire: Wire;
  #applied: StepApplied;
  /** Commits were made that a crash of the server could still take back; never without what they did. */
  #unflushed = false;
  #prepared: PreparedFrames | null = null;
  #everPrepared: PreparedFrames[] = [];
  /** Rank of the last row that is known; null in an empty history. */
  lastRank: number | null;
  /** Index of the step behind the last one that is done. */
  reached = 0;

  constructor(session: Session, wire: Wire, lastRank: number | null, applied: StepApplied) {
    this.#session = session;
    this.#wire = wire;
    this.lastRank = lastRank;
    this.#applied = applied;
  }

  /**
   * Runs the steps from `from` up to `to`, or up to one that refuses a transaction (see `reached`). Only the commit of the list's very last step waits for the disk; the others
   * need not, because the log is written in order: whatever of them a crash takes back, it takes back with its history row
   * and with all that came later.
   */
  async run(steps: StepList, from: number, to: number): Promise<Ending> {
    const { contained } = this.#session.settings;
    if (this.#prepared === null && !contained && to - from >= WORTH_PREPARING) {
      this.#prepared = await PreparedFrames.create(this.#session);
      this.#everPrepared.push(this.#prepared);
    }
    for (let attempt = 0, begin = from; ; attempt++) {
      const { done, failed } = await this.#attempt(steps, begin, to);
      begin += done;
      this.reached = begin;
      if (failed === null) return { kind: 'done' };
      if (done > 0) attempt = 0;
      const ending = await endingOf(this.#session, failed.step, failed.failure, this.lastRank);
      const retries = this.#session.settings.lockTimeoutRetries;
      if (ending.kind !== 'failed' || !isLockTimeout(failed.failure) || attempt >= retries) return ending;
      const wait = retryDelay(attempt);
      this.#session.log.warn(
        `${failed.step.row.script} was not given a lock in time; it is tried again in ${wait} ms (${attempt + 1} of ${retries})`,
      );
      await sleep(wait);
    }
  }

  /** Takes over after a step that ran another way. */
  continueBehind(step: Step): void {
    this.lastRank = (this.lastRank ?? 0) + 1;
    if (forgetsPrepared(step)) this.#prepared = null;
  }

  /** Ends the run: every commit so far becomes durable, and nothing of it stays in the connection. */
  async close(): Promise<void> {
    for (const prepared of this.#everPrepared) await prepared.close();
    if (!this.#unflushed) return;
    // A transaction with an id of its own writes a commit record, and this one waits for it.
    await this.#session.client.query('BEGIN; SELECT pg_catalog.txid_current(); COMMIT');
    this.#unflushed = false;
  }

  async #attempt(steps: StepList, from: number, to: number): Promise<Attempt> {
    const flights: Flight[] = [];
    let rank = this.lastRank;
    let done = 0;
    let failed: Attempt['failed'] = null;
    const land = async (keep: number) => {
      while (flights.length > keep) {
        const flight = flights.shift();
        const failure = (await flight?.failure) ?? null;
        if (failure === null) done++;
        else if (flight !== undefined) failed ??= { step: flight.step, failure };
      }
    };
    let safe = false;
    try {
      for (let i = from; i < to && failed === null; i++) {
        const step = steps.at(i);
        if (!isTransactional(step)) break;
        const quiet = needsQuiet(step, this.#session);
        if (quiet) await land(0);
        await land(AHEAD - 1);
        if (failed !== null) break;
        flights.push(this.#send(step, rank, i === steps.length - 1));
        rank = (rank ?? 0) + 1;
        if (quiet) await land(0);
      }
      await land(0);
      safe = failed === null;
      return { done, failed };
    } finally {
      await Promise.allSettled(flights.map(({ failure }) => failure));
      if (!safe) await this.#wire.rollback();
    }
  }

  #send(step: Step, lastRank: number | null, last: boolean): Flight {
    const { settings } = this.#session;
    const asynchronous = !last && !settings.contained;
    const rank = (lastRank ?? 0) + 1;
    const applied = (executionTime: number) => {
      this.lastRank = rank;
      this.#unflushed = asynchronous;
      this.#applied(step, rank, executionTime);
    };
    // Those behind it are sent before it is known whether it did.
    if (forgetsPrepared(step)) this.#prepared = null;
    const frames = this.#prepared?.frames ?? plainFrames(this.#session);
    const messages = stepMessages(frames, step, { lastRank, asynchronous }, rank);
    const work = settings.contained
      ? applyContained(this.#session, this.#wire, step, { lastRank, asynchronous }, rank, applied)
      : this.#sendAll(messages, step, applied);
    const failure = failureOf(work);
    // It is awaited in its turn, which may come after it has failed.
    failure.catch(() => {});
    return { step, failure };
  }

  async #sendAll(messages: readonly Message[], step: Step, applied: (time: number) => void): Promise<void> {
    if (step.script?.endsTransaction !== true) return this.#sendEach(messages, applied);
    await lockSession(this.#session);
    try {
      await this.#sendEach(messages, applied);
    } catch (error) {
      // In a failed transaction nothing else can be asked for, not even to unlock.
      await this.#wire.rollback();
      throw error;
    } finally {
      await unlockSession(this.#session);
    }
  }

  async #sendEach(messages: readonly Message[], applied: (time: number) => void): Promise<void> {
    let time = 0;
    for (const message of messages) {
      await this.#wire.send(message, (entry, value) => {
        if (entry.kind !== 'frame') return;
        if (entry.purpose === 'history') time = Number(value);
        if (entry.purpose === 'commit') applied(time);
      });
    }
  }
}

/** Steps that nothing may be sent behind or before: the server reads their data, or they decide about transactions. */
function needsQuiet({ script }: Step, { settings }: Session): boolean {
  if (settings.contained) return true;
  if (script === null) return false;
  return script.whole || script.endsTransaction || script.statements.some(({ copy }) => copy !== null);
}
