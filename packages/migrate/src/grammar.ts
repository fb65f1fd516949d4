import { setFlagsFromString } from 'node:v8';
import { hasSqlDetails, loadModule, parsePlPgSQLSync, parseSync, scanSync } from 'libpg-query';

import { lexemeAt } from './lexer.ts';
import { byteIndex, characterIndex } from './positions.ts';

/** A node of a parse tree: what libpg-query gives, read without its 300 interfaces. */
export type Tree = Readonly<Record<string, unknown>>;

/** One statement as PostgreSQL's grammar sees it; offsets are UTF-16 units in the parsed text. */
export interface ParsedStatement {
  /** Name of the node, such as `CreateStmt`. */
  readonly node: string;
  readonly tree: Tree;
  readonly start: number;
  readonly end: number;
}

/** What PostgreSQL's grammar refused, and where (an offset in the text, in UTF-16 units). */
export class GrammarError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'GrammarError';
    this.offset = offset;
  }
}

/**
 * Loads the parser; it must have been awaited once before any other function here is called.
 *
 * V8 would compile the grammar's one function of 100 kB a second time, to make it faster: five to ten seconds of a core and 650 MB
 * of memory in every process that reads a few files, while PostgreSQL wants that core. So WebAssembly that this process compiles
 * from now on stays as V8's first compiler leaves it, which parses the 263 files of a real project in half the time.
 */
export async function loadGrammar(): Promise<void> {
  for (const flag of ['--no-wasm-dynamic-tiering', '--no-wasm-tier-up']) setFlagsFromString(flag);
  await loadModule();
}

/** True for objects, which is what every node of a parse tree is. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses a text of any number of statements. `toIndex` turns the `location` of a node into an offset in the text.
 *
 * @throws GrammarError
 */
export function parseText(text: string): {
  readonly statements: readonly ParsedStatement[];
  readonly toIndex: (location: number) => number;
} {
  const toIndex = byteIndex(text);
  if (text === '') return { statements: [], toIndex };
  const statements: ParsedStatement[] = [];
  for (const raw of parseOrThrow(text)) {
    if (!isTree(raw) || !isTree(raw['stmt'])) continue;
    const [entry] = Object.entries(raw['stmt']);
    if (entry === undefined || !isTree(entry[1])) continue;
    const from = numberOr(raw['stmt_location'], 0);
    const length = numberOr(raw['stmt_len'], 0);
    const end = length === 0 ? text.trimEnd().length : toIndex(from + length);
    statements.push({ node: entry[0], tree: entry[1], start: toIndex(from), end });
  }
  return { statements, toIndex };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** Characters that operators are made of, so many of them that PostgreSQL's scanner would take quadratic time. */
const OPERATOR_RUN = /[-+*/<>=~!@#%^&|`?]{4096,}/g;
const NESTED_COMMENTS = 64;

/**
 * What the parser does not survive. It ends at a NUL and would silently drop the rest; half a surrogate pair swallows the
 * character behind it; and it looks at a run of operator characters again and again, for each comment opened in it and each
 * sign at its end (four megabytes of `+-` take four minutes). A run in a string or a comment does no harm.
 */
function parseable(text: string): string {
  const nul = text.indexOf('\0');
  if (nul >= 0) throw new GrammarError('a NUL character is not allowed in SQL', nul);
  const run = slowRun(text);
  if (run !== null) throw new GrammarError('operators or comments are nested too deeply', run);
  return text.toWellFormed();
}

function slowRun(text: string): number | null {
  let at = 0;
  for (const { index, 0: run } of text.matchAll(OPERATOR_RUN)) {
    if (run.split('/*').length > NESTED_COMMENTS) return index;
    while (at < index) at = lexemeAt(text, at).end;
    if (at > index) continue;
    while (at < index + run.length && lexemeAt(text, at).kind === 'character') at++;
    if (at === index + run.length) return index;
  }
  return null;
}

function parseOrThrow(text: string): readonly unknown[] {
  try {
    return parseSync(parseable(text)).stmts ?? [];
  } catch (error) {
    if (error instanceof GrammarError) throw error;
    if (error instanceof RangeError) throw new GrammarError('it is nested too deeply to be parsed here', 0);
    const message = error instanceof Error ? error.message : String(error);
    const at = hasSqlDetails(error) ? (error.sqlDetails?.cursorPosition ?? 0) : 0;
    throw new GrammarError(message, characterIndex(text, Math.max(at, 0)));
  }
}

/** A token's offsets in the text and its upper-cased text. */
export interface Token {
  readonly start: number;
  readonly end: number;
  readonly word: string;
}

/** The tokens of a text, comments among them. */
export function scanText(text: string): readonly Token[] {
  const toIndex = byteIndex(text);
  return scanSync(parseable(text)).tokens.map((token) => ({
    start: toIndex(token.start),
    end: toIndex(token.end),
    word: token.text.toUpperCase(),
  }));
}

/** The parse tree of a `DO` or `CREATE FUNCTION … LANGUAGE plpgsql` statement; null where the parser cannot tell. */
export function parsePlpgsql(statement: string): Tree | null {
  try {
    // Bodies are scanned as well, and what is a string here is a program there.
    if (statement.search(OPERATOR_RUN) >= 0) return null;
    const tree: unknown = parsePlPgSQLSync(statement);
    return isTree(tree) ? tree : null;
  } catch {
    return null;
  }
}
