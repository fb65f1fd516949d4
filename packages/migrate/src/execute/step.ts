import { escapeLiteral } from 'pg';

import { insertRow, SINCE_BEGIN } from '../history/table.ts';
import type { NewRow } from '../history/table.ts';
import { MessageBuilder } from './message.ts';
import type { Message } from './message.ts';
import type { Script } from './script.ts';
import { settle } from './session.ts';
import type { Session } from './session.ts';

/** A callback script that belongs to a migration, and how the log names it. */
export interface AroundScript {
  readonly script: Script;
  readonly announcement: string;
}

/** Callbacks that run in the migration's own transaction. */
export interface Around {
  readonly before: readonly AroundScript[];
  readonly beforeStatement: readonly AroundScript[];
  readonly afterStatement: readonly AroundScript[];
  readonly after: readonly AroundScript[];
}

export const NOTHING_AROUND: Around = { before: [], beforeStatement: [], afterStatement: [], after: [] };

/** One migration made ready to run: its script, and the row that will say so. */
export interface Step {
  readonly row: Omit<NewRow, 'installedRank' | 'success'>;
  /** Null where only the row is to be written. */
  readonly script: Script | null;
  /** What the log says when it begins, and what it is called where it fails; null for a step that is only recorded. */
  readonly announcement: string | null;
  readonly label: string;
  readonly around: Around;
}

/** True where the step runs in a transaction of ours. */
export function isTransactional(step: Step): boolean {
  return step.script === null || step.script.transactional;
}

/** The statements of a step's scripts, callbacks around them. */
export function addScripts(builder: MessageBuilder, step: Step): void {
  const { script, around } = step;
  if (script === null) return;
  for (const callback of around.before) addAround(builder, callback);
  if (step.announcement !== null) builder.announce(step.announcement);
  for (const index of script.statements.keys()) {
    for (const callback of around.beforeStatement) addAround(builder, callback);
    if (script.whole) builder.script(script);
    else builder.statement(script, index);
    for (const callback of around.afterStatement) addAround(builder, callback);
  }
  for (const callback of around.after) addAround(builder, callback);
}

/** A callback's statements, announced in the log. */
export function addAround(builder: MessageBuilder, { script, announcement }: AroundScript): void {
  builder.announce(announcement).script(script);
}

/** What a transaction begins with. */
export interface Beginning {
  /** Rank of the last row that the caller knows; null for an empty history. */
  readonly lastRank: number | null;
  /** The commit need not wait for the disk: a later one does. */
  readonly asynchronous: boolean;
}

/** What the message is stopped with; errors are made by casts, the only way to stop one. */
export const STOPPED = { busy: 'another migration is running', moved: 'the history has moved' } as const;

/**
 * What the transaction of a migration begins with: role and search_path, the lock, and a look whether somebody else has it
 * or has written to the history since, which stops the message. `expected` is SQL: the rank of the last row.
 *
 * One statement, because there are as many of it as migrations; its snapshot may be older than the lock by a moment, so a
 * step that fails looks at the history once more (see `endingOf`), and the primary key keeps a rank from being written twice.
 */
export function lockStatement(session: Session, expected: string, asynchronous: boolean): string {
  const local = [
    ...(asynchronous ? [setLocal('synchronous_commit', 'off')] : []),
    ...(session.lockTimeout === null ? [] : [setLocal('lock_timeout', `${session.lockTimeout}ms`)]),
  ];
  const stop = (why: string) => `pg_catalog.concat(${escapeLiteral(why)})::pg_catalog.int4`;
  const last = `(SELECT pg_catalog.max("installed_rank") FROM ${session.table})`;
  const lock = `CASE WHEN NOT pg_catalog.pg_try_advisory_xact_lock(${session.key}) THEN ${stop(STOPPED.busy)} WHEN ${last} IS DISTINCT FROM ${expected} THEN ${stop(STOPPED.moved)} END`;
  return `SELECT ${[...settle(session), ...local, lock].join(', ')}`;
}

/** Begins a transaction; see `lockStatement`. */
export function addBeginning(builder: MessageBuilder, session: Session, beginning: Beginning): void {
  const expected = rankLiteral(beginning.lastRank);
  builder.frame('begin', 'BEGIN').frame('lock', lockStatement(session, expected, beginning.asynchronous));
}

/** A rank as SQL; null for an empty history. */
export function rankLiteral(rank: number | null): string {
  return rank === null ? 'NULL' : String(rank);
}

function setLocal(name: string, value: string): string {
  return `pg_catalog.set_config('${name}', ${escapeLiteral(value)}, true)`;
}

/** The statements of ours around a step's scripts. */
export interface Frames {
  begin(builder: MessageBuilder, beginning: Beginning): void;
  /** Role and search_path again, since the script may have changed them, and the row. */
  row(builder: MessageBuilder, step: Step, installedRank: number): void;
}

/** Our statements as they are. */
export function plainFrames(session: Session): Frames {
  return {
    begin: (builder, beginning) => addBeginning(builder, session, beginning),
    row(builder, step, installedRank) {
      if (step.script !== null) builder.frame('setup', `SELECT ${settle(session).join(', ')}`);
      const time = step.script === null ? '0' : SINCE_BEGIN;
      builder.frame('history', insertRow(session, { ...step.row, installedRank, success: true }, time));
    },
  };
}

/** A whole transaction for one step: usually one message. */
export function stepMessages(
  frames: Frames,
  step: Step,
  beginning: Beginning,
  installedRank: number,
): readonly Message[] {
  const builder = new MessageBuilder();
  frames.begin(builder, beginning);
  addScripts(builder, step);
  frames.row(builder, step, installedRank);
  return builder.frame('commit', 'COMMIT').build();
}
