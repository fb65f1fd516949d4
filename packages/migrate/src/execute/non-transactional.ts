import { escapeLiteral } from 'pg';
import type { QueryResult } from 'pg';

import { insertSelect, rowLiterals } from '../history/table.ts';
import { failureOf } from './ending.ts';
import type { Ending, StepApplied } from './ending.ts';
import { MessageBuilder } from './message.ts';
import type { Script } from './script.ts';
import { lockSession, unlockSession } from './session-lock.ts';
import { settle } from './session.ts';
import type { Session } from './session.ts';
import { rankLiteral } from './step.ts';
import type { AroundScript, Step } from './step.ts';
import type { MessageFailure, Wire } from './wire.ts';

/**
 * Runs a step whose statements refuse a transaction: each by itself, in autocommit, under the session's form of the lock,
 * so that no transaction of ours is open for which CREATE INDEX CONCURRENTLY would wait.
 *
 * Its row is written first, as a failure, and becomes a success with the last statement: whatever ends the process or
 * the server in between, the history says that the migration is not whole.
 */
export async function applyOutsideTransaction(
  session: Session,
  wire: Wire,
  step: Step,
  lastRank: number | null,
  applied: StepApplied,
): Promise<Ending> {
  await lockSession(session);
  try {
    const rank = (lastRank ?? 0) + 1;
    const began = performance.now();
    const elapsed = () => Math.round(performance.now() - began);
    if (!(await insertBehind(session, step, rank, lastRank))) return { kind: 'moved' };
    const failure = await failureOf(runAll(session, wire, step));
    await finish(session, wire, rank, elapsed(), failure);
    if (failure !== null) return { kind: 'failed', step, failure };
    applied(step, rank, elapsed());
    return { kind: 'done' };
  } finally {
    await unlockSession(session);
  }
}

/**
 * Writes the row as a failure; false where the history has moved. From here to the end commits do not wait for the disk: a
 * crash takes nothing back that is older than what it leaves, and the last commit waits for all.
 */
async function insertBehind(
  session: Session,
  step: Step,
  rank: number,
  lastRank: number | null,
): Promise<boolean> {
  const literals = rowLiterals(session, { ...step.row, installedRank: rank });
  const last = `(SELECT pg_catalog.max("installed_rank") FROM ${session.table})`;
  const settings = [...settle(session), "pg_catalog.set_config('synchronous_commit', 'off', false)"];
  const results: unknown = await session.client.query(
    `SELECT ${settings.join(', ')}; ${insertSelect(session, [...literals, '0', 'false'], `${last} IS NOT DISTINCT FROM ${rankLiteral(lastRank)}`)}`,
  );
  const inserted = Array.isArray(results) ? (results as readonly QueryResult[]).at(-1) : undefined;
  return inserted?.rowCount === 1;
}

async function finish(
  session: Session,
  wire: Wire,
  rank: number,
  elapsed: number,
  failure: MessageFailure | null,
): Promise<void> {
  const { client } = session;
  // A script may leave a transaction of its own open.
  if (failure !== null) await wire.rollback();
  else if (client.getTransactionStatus() !== 'I') await client.query('COMMIT');
  const row = `UPDATE ${session.table} SET "success" = ${failure === null}, "execution_time" = ${elapsed}, "installed_on" = DEFAULT WHERE "installed_rank" = ${rank}`;
  const durable = `pg_catalog.set_config('synchronous_commit', ${escapeLiteral(session.synchronousCommit)}, false)`;
  const done = client.query(`SELECT ${[...settle(session), durable].join(', ')}; ${row}`);
  // Where the connection is gone the row already says what is to be said.
  await (failure === null ? done : done.catch(() => {}));
}

async function runAll(session: Session, wire: Wire, step: Step): Promise<void> {
  const { script, around } = step;
  if (script === null) return;
  await runAround(session, wire, around.before);
  if (step.announcement !== null) session.log.info(step.announcement);
  for (const index of script.statements.keys()) {
    await runAround(session, wire, around.beforeStatement);
    await runStatement(session, wire, script, index);
    await runAround(session, wire, around.afterStatement);
  }
  await runAround(session, wire, around.after);
}

async function runAround(session: Session, wire: Wire, scripts: readonly AroundScript[]): Promise<void> {
  for (const { script, announcement } of scripts) {
    session.log.info(announcement);
    for (const index of script.statements.keys()) await runStatement(session, wire, script, index);
  }
}

/** One statement in a message of its own; two would already be a transaction. */
export async function runStatement(
  session: Session,
  wire: Wire,
  script: Script,
  index: number,
): Promise<void> {
  const builder = new MessageBuilder();
  if (script.whole) builder.script(script);
  else builder.statement(script, index);
  for (const message of builder.build()) await wire.send(message);
  // DISCARD ALL lets go of the lock, too.
  if (script.statements[index]?.discards === true) await lockSession(session);
}
