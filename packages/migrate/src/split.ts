import { GrammarError, isTree, loadGrammar, parseText } from './grammar.ts';
import type { ParsedStatement } from './grammar.ts';
import { lineIndex } from './positions.ts';

/** The inline data of a `COPY … FROM STDIN`: offsets and first line in the script. */
export interface CopyData {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** Offset behind the line that ends the data. */
  readonly after: number;
}

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

const COPY_FROM_STDIN = /\bcopy\b[^;]*?\bfrom\s+stdin\b/gi;
const END_OF_DATA = /^[ \t]*\\\.[ \t\r]*$/m;
/** A delimiter option may hold semicolons of its own; nobody writes more of them than this. */
const SEMICOLONS_TRIED = 4;

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
  for (const stop of copyStops(sql)) {
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

interface CopyStop {
  readonly semicolon: number;
  readonly data: CopyData;
}

function copyStops(sql: string): readonly CopyStop[] {
  const stops: CopyStop[] = [];
  const lineOf = lineIndex(sql);
  let from = 0;
  for (const candidate of sql.matchAll(COPY_FROM_STDIN)) {
    if (candidate.index < from) continue;
    const semicolon = endOfCopy(sql, from, candidate.index + candidate[0].length);
    if (semicolon === null) continue;
    const data = copyData(sql, semicolon, lineOf);
    stops.push({ semicolon, data });
    from = data.after;
  }
  return stops;
}

/** The semicolon of a real COPY FROM STDIN; null where the candidate stands in a comment, a string or a body. */
function endOfCopy(sql: string, from: number, after: number): number | null {
  let semicolon = after;
  for (let tried = 0; tried < SEMICOLONS_TRIED; tried++) {
    semicolon = sql.indexOf(';', semicolon);
    if (semicolon < 0) return null;
    if (endsInCopy(sql.slice(from, semicolon))) return semicolon;
    semicolon++;
  }
  return null;
}

function endsInCopy(text: string): boolean {
  try {
    const last = parseText(text).statements.at(-1);
    return last !== undefined && isCopyFromStdin(last) && last.end === text.trimEnd().length;
  } catch {
    return false;
  }
}

function isCopyFromStdin({ node, tree }: ParsedStatement): boolean {
  return (
    node === 'CopyStmt' &&
    tree['is_from'] === true &&
    isTree(tree['relation']) &&
    tree['filename'] === undefined
  );
}

function copyData(sql: string, semicolon: number, lineOf: (offset: number) => number): CopyData {
  const newline = sql.indexOf('\n', semicolon);
  const start = newline < 0 ? sql.length : newline + 1;
  const end = END_OF_DATA.exec(sql.slice(start));
  if (end === null) return { start, end: sql.length, line: lineOf(start), after: sql.length };
  return { start, end: start + end.index, line: lineOf(start), after: start + end.index + end[0].length };
}
