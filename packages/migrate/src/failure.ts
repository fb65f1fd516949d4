import { DatabaseError } from 'pg';

import { MigrateError } from './errors.ts';
import { CHANGED, locate } from './message.ts';
import type { Message, MessageEntry } from './message.ts';
import { lineIndex } from './positions.ts';
import type { PreparedFile } from './prepare.ts';
import type { ScriptFailure } from './script-query.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
const LOCK_NOT_AVAILABLE = '55P03';

/** Puts a name on what PostgreSQL refused: file, line, statement. Errors that are not PostgreSQL's stay as they are. */
export function explainFailure(
  failure: ScriptFailure,
  message: Message,
  files: readonly PreparedFile[],
): Error {
  const { error, index } = failure;
  if (!(error instanceof DatabaseError)) return error;
  const entry = entryOf(error, index, message, files);
  if (entry === undefined || entry.kind === 'setup') return setupFailure(error, entry);
  const file = files[entry.file];
  if (file === undefined) return setupFailure(error, undefined);
  if (entry.kind === 'marker') return changedSession(error, file);
  const place =
    entry.kind === 'statement'
      ? placeOf(error, entry, message, files)
      : { line: undefined, statement: undefined };
  const details = {
    file: file.migration.script,
    line: place.line ?? lineIndex(file.text)(file.text.trimEnd().length),
    statement: place.statement,
    sqlState: error.code,
    cause: error,
  };
  if (error.code === INSUFFICIENT_PRIVILEGE && error.routine === 'InitTempTableNamespace') {
    const hint =
      'An administrator grants the schema’s owner TEMPORARY on the database, directly or through a group.';
    return new MigrateError('MIGRATION_FAILED', error.message, { ...details, hint });
  }
  // A migration may raise the same code itself.
  if (error.code === INSUFFICIENT_PRIVILEGE && error.routine !== 'exec_stmt_raise') {
    const hint = 'A migration may create and change only what is in its own schema.';
    return new MigrateError('MIGRATION_NOT_CONTAINED', error.message, { ...details, hint });
  }
  const hint =
    entry.kind === 'boundary' ? 'A deferred constraint was checked at the end of the file.' : error.hint;
  return new MigrateError('MIGRATION_FAILED', error.message, { ...details, hint });
}

/** A syntax error is found before anything runs, so only its position tells the file. */
function entryOf(
  error: DatabaseError,
  index: number,
  message: Message,
  files: readonly PreparedFile[],
): MessageEntry | undefined {
  if (index > 0 || error.position === undefined) return message.entries[index];
  const found = locate(message, files, Number(error.position));
  if (found === null) return message.entries[index];
  const statement = files[found.file]?.compiled.statements.findLastIndex((s) => s.start <= found.offset) ?? 0;
  return { kind: 'statement', file: found.file, statement: Math.max(statement, 0) };
}

function placeOf(
  error: DatabaseError,
  entry: Extract<MessageEntry, { kind: 'statement' }>,
  message: Message,
  files: readonly PreparedFile[],
): { line: number | undefined; statement: string | undefined } {
  const file = files[entry.file];
  const statement = file?.compiled.statements[entry.statement];
  if (file === undefined || statement === undefined) return { line: undefined, statement: undefined };
  const sql = file.text.slice(statement.start, statement.end);
  const position = error.position === undefined ? null : locate(message, files, Number(error.position));
  if (position !== null && position.file === entry.file) {
    return { line: lineIndex(file.text)(position.offset), statement: sql };
  }
  const inBlock = statement.node === 'DoStmt' ? lineIn(error.where, /inline_code_block line (\d+)/g) : null;
  if (inBlock !== null && statement.bodyLine !== null)
    return { line: statement.bodyLine + inBlock - 1, statement: sql };
  const inData = statement.copy === null ? null : lineIn(error.where, /^COPY .*?, line (\d+)/gm);
  if (inData !== null && statement.copy !== null)
    return { line: statement.copy.line + inData - 1, statement: sql };
  return { line: statement.line, statement: sql };
}

/** The outermost frame of an error's context comes last. */
function lineIn(where: string | undefined, pattern: RegExp): number | null {
  const last = [...(where ?? '').matchAll(pattern)].at(-1);
  return last?.[1] === undefined ? null : Number(last[1]);
}

function changedSession(error: DatabaseError, file: PreparedFile): Error {
  const at = error.message.indexOf(CHANGED);
  const found = at < 0 ? error.message : error.message.slice(at).replace(/"$/, '');
  return new MigrateError('MIGRATION_LINT', found, {
    file: file.migration.script,
    rule: found.startsWith(`${CHANGED}role`) ? 'session-role' : 'session-search-path',
    sqlState: error.code,
    hint: 'Leave role and search_path as they are, in DO blocks and dynamic SQL too.',
    cause: error,
  });
}

function setupFailure(error: DatabaseError, entry: MessageEntry | undefined): Error {
  const statement = entry?.kind === 'setup' ? entry.sql : undefined;
  if (error.code === LOCK_NOT_AVAILABLE) {
    return new MigrateError('MIGRATION_LOCKED', 'another migration of this schema is running', {
      sqlState: error.code,
      hint: 'Wait for it to end, or give a longer lockTimeoutMs.',
      cause: error,
    });
  }
  return new MigrateError('MIGRATION_FAILED', `the history table cannot be made: ${error.message}`, {
    statement,
    sqlState: error.code,
    hint: 'The schema must be empty, and the current role must own it.',
    cause: error,
  });
}
