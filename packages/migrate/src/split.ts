import { copyStops } from './copy-data.ts';
import type { CopyData } from './copy-data.ts';
import { GrammarError, loadGrammar, parseText } from './grammar.ts';
import type { ParsedStatement } from './grammar.ts';
import { lineIndex } from './positions.ts';

export type { CopyData } from './copy-data.ts';

/** One statement of a script, its offsets in UTF-16 units, without its semicolon. */
export interface Statement {
  readonly sql: string;
  readonly start: number;
  readonly end: number;
  /** Line of the first token, from 1. */
  readonly line: number;
  /** PostgreSQL's name of the statement's parse node, such as `CreateStmt`. */
  readonly node: string;
  readonly copy: CopyData | null;
}

/** A statement with its parse tree; `toIndex` turns locations of the tree into offsets in the script. */
export interface TreeStatement extends Statement {
  readonly tree: ParsedStatement['tree'];
  readonly toIndex: (location: number) => number;
}

/**
 * Splits a script into statements by PostgreSQL's own grammar, inline COPY data included.
 *
 * @throws GrammarError where the script is not SQL
 * @example
 * ```ts
 * const [a, b] = await splitScript('create table t (a int);\ninsert into t values (1);');
 * b?.line;  // 2
 * ```
 */
export async function splitScript(sql: string): Promise<Statement[]> {
  await loadGrammar();
  return splitTree(sql).map(({ sql: text, start, end, line, node, copy }) => ({
    sql: text,
    start,
    end,
    line,
    node,
    copy,
  }));
}

/** As `splitScript`, with the trees; the grammar must be loaded. */
export function splitTree(sql: string): readonly TreeStatement[] {
  const lineOf = lineIndex(sql);
  const statements: TreeStatement[] = [];
  let from = 0;
  for (const stop of copyStops(sql, lineOf)) {
    pushStatements(sql, from, stop.semicolon, lineOf, statements, stop.data);
    from = stop.data.after;
  }
  pushStatements(sql, from, sql.length, lineOf, statements, null);
  return statements;
}

function pushStatements(
  sql: string,
  from: number,
  to: number,
  lineOf: (offset: number) => number,
  into: TreeStatement[],
  copy: CopyData | null,
): void {
  const { statements, toIndex } = parsePart(sql, from, to);
  for (const [i, { node, tree, start, end }] of statements.entries()) {
    into.push({
      sql: sql.slice(from + start, from + end),
      start: from + start,
      end: from + end,
      line: lineOf(from + start),
      node,
      tree,
      copy: i === statements.length - 1 ? copy : null,
      toIndex: (location) => from + toIndex(location),
    });
  }
}

function parsePart(sql: string, from: number, to: number) {
  try {
    return parseText(sql.slice(from, to));
  } catch (error) {
    if (error instanceof GrammarError) throw new GrammarError(error.message, from + error.offset);
    throw error;
  }
}
