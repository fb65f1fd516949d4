import { escapeLiteral } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

import { insertRow } from '../history/table.ts';
import { endingOf, failureOf, isLockTimeout } from './ending.ts';
import type { Ending, StepApplied } from './ending.ts';
import { MessageBuilder } from './message.ts';
import type { Message } from './message.ts';
import { retryDelay } from './retry.ts';
import { settle } from './session.ts';
import type { Session } from './session.ts';
import { addAround, addBeginning, addScripts } from './step.ts';
import type { AroundScript, Step } from './step.ts';
import type { Wire } from './wire.ts';

const BEGAN = 'migrate.began';

/** Steps of one transaction, and callbacks that run before one of them. */
export interface Group {
  readonly steps: readonly Step[];
  readonly pauseBefore: number | null;
  readonly between: readonly AroundScript[];
}

/** Runs all steps and writes their rows in one transaction, under one lock. */
export async function applyGroup(
  session: Session,
  wire: Wire,
  group: Group,
  lastRank: number | null,
  applied: StepApplied,
): Promise<Ending> {
  const { steps } = group;
  const messages = groupMessages(session, group, lastRank);
  const retries = session.settings.lockTimeoutRetries;
  for (let attempt = 0; ; attempt++) {
    const times: number[] = [];
    const failure = await failureOf(sendAll(wire, messages, times));
    if (failure !== null || session.client.getTransactionStatus() !== 'I') await wire.rollback();
    if (failure === null) {
      for (const [i, step] of steps.entries()) applied(step, (lastRank ?? 0) + 1 + i, times[i] ?? 0);
      return { kind: 'done' };
    }
    const step = steps[Math.min(times.length, steps.length - 1)];
    if (step === undefined) throw failure;
    if (!isLockTimeout(failure) || attempt >= retries) return endingOf(session, step, failure, lastRank);
    const wait = retryDelay(attempt);
    session.log.warn(
      `The group was not given a lock in time; it is tried again in ${wait} ms (${attempt + 1} of ${retries})`,
    );
    await sleep(wait);
  }
}

async function sendAll(wire: Wire, messages: readonly Message[], times: number[]): Promise<void> {
  for (const message of messages) {
    await wire.send(message, (entry, value) => {
      if (entry.kind === 'frame' && entry.purpose === 'history') times.push(Number(value));
    });
  }
}

function groupMessages(
  session: Session,
  { steps, pauseBefore, between }: Group,
  lastRank: number | null,
): readonly Message[] {
  const builder = new MessageBuilder();
  addBeginning(builder, session, { lastRank, asynchronous: false });
  const now = 'pg_catalog.clock_timestamp()';
  const time = `(EXTRACT(epoch FROM ${now} - pg_catalog.current_setting(${escapeLiteral(BEGAN)})::pg_catalog.timestamptz) * 1000)::pg_catalog.int4`;
  for (const [i, step] of steps.entries()) {
    const began = `pg_catalog.set_config(${escapeLiteral(BEGAN)}, ${now}::pg_catalog.text, true)`;
    builder.frame('setup', `SELECT ${[...settle(session), began].join(', ')}`);
    if (i === pauseBefore) for (const callback of between) addAround(builder, callback);
    addScripts(builder, step);
    builder.frame('setup', `SELECT ${settle(session).join(', ')}`);
    const row = { ...step.row, installedRank: (lastRank ?? 0) + 1 + i, success: true };
    builder.frame('history', insertRow(session, row, step.script === null ? '0' : time));
  }
  return builder.frame('commit', 'COMMIT').build();
}
