import { parseText } from './grammar.ts';
import type { ParsedStatement } from './grammar.ts';
import { isTree } from './grammar.ts';
import { lexemeAt } from './lexer.ts';

/** The inline data of a `COPY … FROM STDIN`: offsets and first line in the script. */
export interface CopyData {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** Offset behind the line that ends the data. */
  readonly after: number;
}

/** A COPY FROM STDIN in a script: its semicolon, and the data behind it. */
export interface CopyStop {
  readonly semicolon: number;
  readonly data: CopyData;
}

const END_OF_DATA = /^[ \t]*\\\.[ \t\r]*$/gm;
const HAS_COPY = /\bstdin\b/i;

/**
 * Finds the inline data of a script, which PostgreSQL's grammar knows nothing of. Only a statement that begins with COPY and
 * has FROM STDIN outside of parentheses is given to the grammar, so that this takes time in proportion to the script.
 */
export function copyStops(sql: string, lineOf: (offset: number) => number): readonly CopyStop[] {
  if (!HAS_COPY.test(sql)) return [];
  const stops: CopyStop[] = [];
  let at = 0;
  while (at < sql.length) {
    const statement = statementAt(sql, at);
    at = statement.end;
    if (!statement.isCandidate || !isCopyFromStdin(sql.slice(statement.start, statement.semicolon))) continue;
    const data = copyData(sql, statement.semicolon, lineOf);
    stops.push({ semicolon: statement.semicolon, data });
    at = data.after;
  }
  return stops;
}

interface Candidate {
  readonly start: number;
  readonly semicolon: number;
  readonly end: number;
  readonly isCandidate: boolean;
}

/** What stands between `from` and the next semicolon that is in no string, comment or quoted name. */
function statementAt(sql: string, from: number): Candidate {
  let start = -1;
  let depth = 0;
  let before = '';
  let isCopy = false;
  let fromStdin = false;
  for (let at = from; at < sql.length;) {
    const { kind, end } = lexemeAt(sql, at);
    const character = kind === 'character' ? sql[at] : '';
    if (character === ';') return { start, semicolon: at, end, isCandidate: isCopy && fromStdin };
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (kind === 'word' && (start < 0 || isCopy)) {
      const word = end - at > 5 ? '' : sql.slice(at, end).toLowerCase();
      if (start < 0) isCopy = word === 'copy';
      if (depth === 0 && word === 'stdin' && before === 'from') fromStdin = true;
      before = word;
    }
    if (start < 0 && (kind === 'word' || (kind === 'character' && !/\s/.test(character ?? '')))) start = at;
    at = end;
  }
  return { start, semicolon: sql.length, end: sql.length, isCandidate: isCopy && fromStdin };
}

function isCopyFromStdin(statement: string): boolean {
  try {
    const { statements } = parseText(statement);
    return statements.length === 1 && statements.every(readsStdin);
  } catch {
    return false;
  }
}

function readsStdin({ node, tree }: ParsedStatement): boolean {
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
  END_OF_DATA.lastIndex = start;
  const end = END_OF_DATA.exec(sql);
  if (end === null) return { start, end: sql.length, line: lineOf(start), after: sql.length };
  return { start, end: end.index, line: lineOf(start), after: end.index + end[0].length };
}
