import { MigrateError } from '../errors.ts';
import { GrammarError } from '../grammar.ts';
import { lineIndex } from '../positions.ts';
import { splitTree } from '../split.ts';
import type { CopyData } from '../split.ts';
import { endsTransaction, isWrapped, refusesTransaction } from './classify.ts';

/** A text to run: a migration, a callback, initSql. */
export interface ScriptSource {
  /** As the history's `script` shows it; empty where there is no file. */
  readonly script: string;
  readonly path: string;
  /** Placeholders replaced. */
  readonly text: string;
  readonly executeInTransaction: boolean;
}

/** One statement that is sent. Offsets are those of the script's text. */
export interface ScriptStatement {
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  readonly node: string;
  readonly copy: CopyData | null;
  readonly refusesTransaction: boolean;
  /** DISCARD ALL, which also lets go of every session lock. */
  readonly discards: boolean;
}

/** A script that is understood well enough to be run. */
export interface Script {
  readonly script: string;
  readonly path: string;
  readonly text: string;
  readonly statements: readonly ScriptStatement[];
  readonly lineOf: (offset: number) => number;
  /** Statements run in one transaction with the history row. */
  readonly transactional: boolean;
  /** Holds a COMMIT or ROLLBACK of its own, so that a lock of the transaction would be lost with it. */
  readonly endsTransaction: boolean;
  /** Could not be split: one statement that stands for the whole text. */
  readonly whole: boolean;
}

/** What the verdict depends on besides the text. */
export interface ScriptRules {
  readonly serverVersion: number;
  readonly mixed: boolean;
}

/**
 * Splits a script by PostgreSQL's own grammar and decides how it runs; the grammar must be loaded. A text that the
 * grammar refuses is left whole, because the server, which may be newer than the grammar, has the last word.
 *
 * @throws MigrateError MIGRATION_MIXED
 */
export function parseScript(source: ScriptSource, rules: ScriptRules): Script {
  const { script, path, text } = source;
  const lineOf = lineIndex(text);
  const base = { script, path, text, lineOf };
  const parsed = splitOrNull(text);
  if (parsed === null) {
    const statements = [wholeText(text, lineOf)];
    return {
      ...base,
      statements,
      transactional: source.executeInTransaction,
      endsTransaction: false,
      whole: true,
    };
  }
  const wrapped = isWrapped(parsed);
  const kept = wrapped ? parsed.slice(1, -1) : parsed;
  const statements = kept.map((statement): ScriptStatement => {
    const { start, end, line, node, copy, tree } = statement;
    return {
      start,
      end,
      line,
      node,
      copy,
      refusesTransaction: refusesTransaction(statement, rules.serverVersion),
      discards: node === 'DiscardStmt' && tree['target'] === 'DISCARD_ALL',
    };
  });
  if (source.executeInTransaction && !rules.mixed) refuseMixed(statements, base);
  const transactional = source.executeInTransaction && !statements.some((s) => s.refusesTransaction);
  const ends = !wrapped && kept.some(endsTransaction);
  return { ...base, statements, transactional, endsTransaction: ends, whole: false };
}

function splitOrNull(text: string) {
  try {
    return splitTree(text);
  } catch (error) {
    if (error instanceof GrammarError) return null;
    throw error;
  }
}

function wholeText(text: string, lineOf: (offset: number) => number): ScriptStatement {
  const start = /\S/.exec(text)?.index ?? 0;
  return {
    start,
    end: text.length,
    line: lineOf(start),
    node: '',
    copy: null,
    refusesTransaction: false,
    discards: false,
  };
}

/** Flyway's rule: the first statement of the second kind is the offender. */
function refuseMixed(
  statements: readonly ScriptStatement[],
  { script, text }: { readonly script: string; readonly text: string },
): void {
  const [first] = statements;
  const offender = statements.find((s) => s.refusesTransaction !== first?.refusesTransaction);
  if (offender === undefined) return;
  const sql = text.slice(offender.start, offender.end);
  throw new MigrateError(
    'MIGRATION_MIXED',
    `Detected both transactional and non-transactional statements within the same migration (even though mixed is false). Offending statement found at line ${offender.line}: ${sql}${offender.refusesTransaction ? ' [non-transactional]' : ''}`,
    {
      flywayCode: 'ERROR',
      file: script,
      line: offender.line,
      statement: sql,
      hint: 'Move the statements that cannot run in a transaction to a script of their own, or set mixed=true.',
    },
  );
}
