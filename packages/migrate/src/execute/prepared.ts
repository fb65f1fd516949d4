import { insertValues, rowLiterals, SINCE_BEGIN } from '../history/table.ts';
import { settle } from './session.ts';
import type { Session } from './session.ts';
import { lockStatement, plainFrames, rankLiteral } from './step.ts';
import type { Frames, Step } from './step.ts';

/** Fewer steps than this are not worth a round trip to prepare for. */
export const WORTH_PREPARING = 4;

/** Prepared statements belong to the connection, so no two runs on one use the same names. */
let runs = 0;

/**
 * Our statements around a step, prepared once for all steps: parsed and planned each time they take 38 ms of 263
 * migrations, prepared 17. What is asked for rarely, the last commit and a step without a script, is sent as it is.
 */
export class PreparedFrames {
  readonly frames: Frames;
  #session: Session;
  #name: string;

  private constructor(session: Session, name: string) {
    const plain = plainFrames(session);
    this.#session = session;
    this.#name = name;
    this.frames = {
      begin(builder, beginning) {
        if (!beginning.asynchronous) return plain.begin(builder, beginning);
        const execute = `EXECUTE ${name}_lock(${rankLiteral(beginning.lastRank)})`;
        builder.frame('begin', 'BEGIN').frame('lock', execute);
      },
      row(builder, step, installedRank) {
        if (step.script === null) return plain.row(builder, step, installedRank);
        const values = rowLiterals(session, { ...step.row, installedRank });
        builder.frame('setup', `EXECUTE ${name}_settle`);
        builder.frame('history', `EXECUTE ${name}_row(${values.join(', ')})`);
      },
    };
  }

  static async create(session: Session): Promise<PreparedFrames> {
    const name = `migrate_${(runs += 1)}`;
    const row = insertValues(session, ['$1', '$2', '$3', '$4', '$5', '$6', '$7', SINCE_BEGIN, 'true']);
    await session.client
      .query(`PREPARE ${name}_lock(pg_catalog.int4) AS ${lockStatement(session, '$1', true)};
PREPARE ${name}_settle AS SELECT ${settle(session).join(', ')};
PREPARE ${name}_row AS ${row}`);
    return new PreparedFrames(session, name);
  }

  async close(): Promise<void> {
    const name = this.#name;
    // A script may have thrown them away; where the connection is gone, so are they.
    const sql = `DEALLOCATE ${name}_lock; DEALLOCATE ${name}_settle; DEALLOCATE ${name}_row`;
    await this.#session.client.query(sql).catch(() => {});
  }
}

/** True where a step may throw prepared statements away. */
export function forgetsPrepared({ script, around }: Step): boolean {
  const scripts = [...around.before, ...around.beforeStatement, ...around.afterStatement, ...around.after];
  const texts = [script?.text ?? '', ...scripts.map((callback) => callback.script.text)];
  return texts.some((text) => /\b(?:deallocate|discard)\b/i.test(text));
}
