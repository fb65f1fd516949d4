import { escapeIdentifier } from 'pg';

import { MigrateError } from './errors.ts';
import { GrammarError, scanText } from './grammar.ts';
import { observeScript, isWrapped } from './lint/observe.ts';
import type { Observation } from './lint/observation.ts';
import { inside, items, option } from './lint/tree.ts';
import { lineIndex } from './positions.ts';
import { splitTree } from './split.ts';
import type { Statement, TreeStatement } from './split.ts';

/** `send`: part of the message. `drop`: says nothing new. `defer`: cannot run in a transaction. */
export type StatementFate = 'send' | 'drop' | 'defer';

export interface CompiledStatement extends Omit<Statement, 'sql'> {
  readonly fate: StatementFate;
  /** Line on which the body of a DO block begins, else null. */
  readonly bodyLine: number | null;
}

/** A piece of a file's text that is sent as another text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** All that is known of a file once it is parsed; offsets hold for every text of the same shape. */
export interface CompiledFile {
  readonly statements: readonly CompiledStatement[];
  readonly edits: readonly Edit[];
  readonly observations: readonly Observation[];
  /** True where the file can leave deferred constraint checks behind. */
  readonly defersConstraints: boolean;
}

const DEFERS = /\binitially\s+deferred\b|\bset\s+constraints\b/i;

/**
 * Parses one file, its placeholders replaced. The grammar must be loaded.
 *
 * @throws MigrateError MIGRATION_SYNTAX with file and line
 */
export function compileFile(text: string, script: string): CompiledFile {
  const lineOf = lineIndex(text);
  const statements = splitOrThrow(text, script, lineOf);
  const { observations, bodyLines } = observeScript(statements, text, lineOf);
  const wrapped = isWrapped(statements);
  const compiled = statements.map(({ start, end, line, node, copy, tree }, i): CompiledStatement => {
    const fate = fateOf(node, tree, wrapped);
    return { start, end, line, node, copy, fate, bodyLine: bodyLines.get(i) ?? null };
  });
  const edits = statements.flatMap((statement, i) => editsOf(statement, compiled[i]?.fate ?? 'send'));
  return { statements: compiled, edits, observations, defersConstraints: DEFERS.test(text) };
}

function splitOrThrow(
  text: string,
  script: string,
  lineOf: (offset: number) => number,
): readonly TreeStatement[] {
  try {
    return splitTree(text);
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error;
    const line = lineOf(error.offset);
    const source = text.split('\n')[line - 1] ?? '';
    throw new MigrateError('MIGRATION_SYNTAX', error.message, {
      file: script,
      line,
      statement: source.trim(),
      sqlState: '42601',
      hint: source.startsWith('\\')
        ? 'Commands of psql are not SQL; remove them.'
        : 'PostgreSQL’s grammar refuses the file; nothing was run.',
    });
  }
}

function fateOf(node: string, tree: TreeStatement['tree'], wrapped: boolean): StatementFate {
  if (node === 'TransactionStmt') return wrapped ? 'drop' : 'send';
  // PostgreSQL asks for CREATE on the database even where IF NOT EXISTS has nothing to do.
  if (node === 'CreateSchemaStmt') return tree['if_not_exists'] === true ? 'drop' : 'send';
  if (node === 'VacuumStmt') return tree['is_vacuumcmd'] === true ? 'defer' : 'send';
  if (node === 'ReindexStmt') return tree['kind'] === 'REINDEX_OBJECT_SCHEMA' ? 'defer' : 'send';
  return 'send';
}

function editsOf(statement: TreeStatement, fate: StatementFate): readonly Edit[] {
  const { start, end, tree, node, copy } = statement;
  if (fate !== 'send') return [{ start, end, text: '' }];
  // From behind the semicolon: the rest of the line belongs to nobody, as in psql.
  if (copy !== null) return [{ start: end, end: copy.after, text: ';' }];
  if (node === 'CreateExtensionStmt') {
    // Its own schema and version are the administrator's; that it is there is all a migration can ask.
    return [
      { start, end, text: `CREATE EXTENSION IF NOT EXISTS ${escapeIdentifier(String(tree['extname']))}` },
    ];
  }
  return isConcurrent(node, tree) ? withoutConcurrently(statement) : [];
}

function isConcurrent(node: string, tree: TreeStatement['tree']): boolean {
  if (node === 'IndexStmt' || node === 'DropStmt') return tree['concurrent'] === true;
  if (node === 'ReindexStmt') return option(tree['params'], 'concurrently') !== undefined;
  if (node !== 'AlterTableStmt') return false;
  return items(tree['cmds']).some((item) => {
    const command = inside(item, 'AlterTableCmd');
    return inside(command?.['def'], 'PartitionCmd')?.['concurrent'] === true;
  });
}

/** CONCURRENTLY cannot run in a transaction and has no purpose in a schema that nobody uses yet. */
function withoutConcurrently({ start, sql, node }: TreeStatement): readonly Edit[] {
  const tokens = scanText(sql);
  const isWord = (token: { word: string }) => token.word === 'CONCURRENTLY';
  const token = node === 'AlterTableStmt' ? tokens.findLast(isWord) : tokens.find(isWord);
  if (token === undefined) return [];
  // An option in parentheses cannot be taken out of a list of one; VERBOSE changes nothing but notices.
  const listed = node === 'ReindexStmt' && tokens.some((t) => t.word === '(' && t.start < token.start);
  return [{ start: start + token.start, end: start + token.end, text: listed ? 'VERBOSE' : '' }];
}
