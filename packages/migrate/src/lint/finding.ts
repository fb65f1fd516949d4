import { lineIndex } from '../positions.ts';
import type { RuleCode } from './catalog.ts';
import type { Place } from './observation.ts';
import type { FindingSeverity, LockLevel, RuleCategory } from './rule.ts';

/** A comment that switched a rule off for a finding. */
export interface Suppression {
  readonly reason: string;
  /** Line of the comment. */
  readonly line: number;
  readonly scope: 'statement' | 'file';
}

/** One thing a rule has to say about a file. Lines and columns count from 1, columns in UTF-16 units. */
export interface Finding {
  readonly rule: RuleCode;
  readonly severity: FindingSeverity;
  readonly category: RuleCategory;
  /** The lock on a table in use; null where the rule is not about one. */
  readonly lock: LockLevel | null;
  readonly script: string;
  /** Where the file lies; the script where that was not given. */
  readonly path: string;
  readonly line: number;
  /** The rest of the region; null where only the line is known, as in the body of a function. */
  readonly region: Region | null;
  readonly message: string;
  /** What to write instead. */
  readonly instead: string;
  /** The first 200 characters of the statement. */
  readonly statement: string;
  /** Null where the finding counts. */
  readonly suppression: Suppression | null;
}

export interface Region {
  readonly column: number;
  readonly endLine: number;
  /** The column behind the last character. */
  readonly endColumn: number;
}

/** Turns places into regions; `source` is the text of the file before its placeholders were replaced. */
export function regionFinder(
  text: string,
  source: string | undefined,
  statements: readonly { readonly start: number; readonly end: number }[],
): (place: Place) => Region | null {
  const lineOf = lineIndex(text);
  const lines = text.split('\n');
  const sourceLines = source === undefined || source === text ? lines : source.split('\n');
  const sameLine = (line: number) => lines[line - 1] === sourceLines[line - 1];
  const columnOf = (offset: number) => offset - text.lastIndexOf('\n', offset - 1);
  return ({ offset, statement, line }) => {
    if (offset === null) return null;
    const endOfLine = offset + (lines[line - 1] ?? '').trimEnd().length + 1 - columnOf(offset);
    const known = statements[statement];
    const end = Math.max(offset, known === undefined ? endOfLine : endOf(known, offset, endOfLine));
    const endLine = lineOf(end);
    // Where a placeholder stood, the columns of the file are other ones.
    if (!sameLine(line) || !sameLine(endLine)) return null;
    return { column: columnOf(offset), endLine, endColumn: columnOf(end) };
  };
}

function endOf(statement: { start: number; end: number }, offset: number, endOfLine: number): number {
  return offset === statement.start ? statement.end : Math.min(statement.end, endOfLine);
}
