import { createHash } from 'node:crypto';

import { refusesTransaction } from '../../src/execute/classify.ts';
import { splitTree } from '../../src/split.ts';

/** A statement as Flyway's parser tells of it. */
export interface FlywayStatement {
  readonly line: number;
  readonly length: number;
  readonly sha1: string;
  /** May run in a transaction. */
  readonly tx: boolean;
}

const SERVER = 180_000;

/** Our statements told in Flyway's way: a statement begins behind the one before it, so that comments are its own. */
export function asFlyway(sql: string): readonly FlywayStatement[] {
  let from = 0;
  return splitTree(sql).map((statement) => {
    const text = sql
      .slice(from, statement.end)
      .replace(/^[\s;]+/, '')
      .trimEnd();
    from = statement.copy?.after ?? statement.end;
    const { line } = statement;
    const sha1 = createHash('sha1').update(text).digest('hex');
    return { line, length: text.length, sha1, tx: !refusesTransaction(statement, SERVER) };
  });
}
