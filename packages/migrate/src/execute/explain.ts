import { DatabaseError } from 'pg';

import { MigrateError } from '../errors.ts';
import type { FlywayErrorCode, MigrateErrorCode } from '../errors.ts';
import { scanText } from '../grammar.ts';
import { characterIndex } from '../positions.ts';
import { locate } from './message.ts';
import type { Script, ScriptStatement } from './script.ts';
import type { MessageFailure } from './wire.ts';

export const LOCK_NOT_AVAILABLE = '55P03';
const IN_TRANSACTION = '25001';
const SYNTAX_ERROR = '42601';
const INSUFFICIENT_PRIVILEGE = '42501';

/** What the explanation depends on besides the failure. */
export interface ExplainOptions {
  readonly flywayCode?: FlywayErrorCode;
  /** A privilege that is missing means that a migration reached out of its schema. */
  readonly contained?: boolean;
  /** Tells more than the server's hint does. */
  readonly hint?: string | undefined;
}

/** Where in which script a message failed. */
interface Place {
  readonly script: Script;
  readonly statement: ScriptStatement;
  /** In the statement's text, from 1, in characters; null where the server gave none. */
  readonly position: number | null;
}

/** Turns what the server refused into an error that says file, line, statement, SQLSTATE and what to do. */
export function explain(failure: MessageFailure, options: ExplainOptions = {}): MigrateError {
  const { error } = failure;
  const flywayCode = options.flywayCode ?? 'ERROR';
  const place = placeOf(failure);
  if (!(error instanceof DatabaseError)) return lostConnection(error, place, flywayCode);
  const script = place?.script;
  const statement = place === null ? frameText(failure) : statementText(place);
  const line = place === null ? undefined : lineOf(error, place);
  return new MigrateError(
    codeOf(error, options),
    flywayText(error, place, statement, framePosition(failure)),
    {
      flywayCode,
      file: script?.script === '' ? undefined : script?.script,
      line,
      statement,
      sqlState: error.code,
      hint: options.hint ?? hintFor(error, script, statement),
      cause: error,
    },
  );
}

function codeOf(error: DatabaseError, { contained }: ExplainOptions): MigrateErrorCode {
  if (error.code === LOCK_NOT_AVAILABLE) return 'MIGRATION_LOCK_TIMEOUT';
  // A migration may raise the same code itself.
  const own = error.routine === 'exec_stmt_raise';
  return contained === true && error.code === INSUFFICIENT_PRIVILEGE && !own
    ? 'MIGRATION_NOT_CONTAINED'
    : 'MIGRATION_FAILED';
}

function lostConnection(error: Error, place: Place | null, flywayCode: FlywayErrorCode): MigrateError {
  return new MigrateError('MIGRATION_FAILED', `The connection was lost: ${error.message}`, {
    flywayCode,
    file: place?.script.script,
    line: place?.statement.line,
    statement: place === null ? undefined : statementText(place),
    hint: 'What was running was rolled back by the server; run the command again.',
    cause: error,
  });
}

/** A syntax error is found before anything of the message runs, so only its position tells the statement. */
function placeOf({ failed, entry, error, index }: MessageFailure): Place | null {
  const position =
    error instanceof DatabaseError && error.position !== undefined ? Number(error.position) : null;
  const found = position === null ? null : locate(failed, position);
  const at = found !== null && (index === 0 || found.entry === entry) ? found.entry : entry;
  if (at?.kind !== 'statement') return null;
  const statement = at.script.statements[at.statement];
  if (statement === undefined) return null;
  const before = Array.from(failed.text.slice(0, at.at)).length;
  const inside = position === null || found?.entry !== at ? null : position - before;
  return at.script.whole
    ? insideWhole(at.script, statement, inside)
    : { script: at.script, statement, position: inside };
}

/** In a text that could not be split: the statement around the position, as far as tokens tell. */
function insideWhole(script: Script, whole: ScriptStatement, position: number | null): Place {
  if (position === null) return { script, statement: whole, position };
  const offset = whole.start + characterIndex(script.text.slice(whole.start), position - 1);
  const stops = semicolons(script.text);
  const from = stops.findLast((stop) => stop <= offset) ?? 0;
  const start = from + (/\S/.exec(script.text.slice(from))?.index ?? 0);
  const end = stops.find((stop) => stop > offset) ?? script.text.length;
  const statement = { ...whole, start, end, line: script.lineOf(start) };
  return { script, statement, position: Array.from(script.text.slice(start, offset)).length + 1 };
}

/** Offsets behind the semicolons that the scanner sees; none where it refuses the text too. */
function semicolons(text: string): readonly number[] {
  try {
    return scanText(text)
      .filter(({ word }) => word === ';')
      .map(({ end }) => end);
  } catch {
    return [];
  }
}

function statementText({ script, statement }: Place): string {
  return script.text.slice(statement.start, statement.end).trim();
}

function frameText({ entry }: MessageFailure): string | undefined {
  return entry?.kind === 'frame' ? entry.sql : undefined;
}

/** Where in a statement of our own, from 1. */
function framePosition({ failed, entry, error }: MessageFailure): number | null {
  if (entry === undefined || !(error instanceof DatabaseError) || error.position === undefined) return null;
  return Number(error.position) - Array.from(failed.text.slice(0, entry.at)).length;
}

/** The exact line: of the position, of the line in a DO block or in COPY's data, else of the statement. */
function lineOf(error: DatabaseError, { script, statement, position }: Place): number {
  if (position !== null) {
    return script.lineOf(statement.start + characterIndex(script.text.slice(statement.start), position - 1));
  }
  const inData = statement.copy === null ? null : lastNumber(error.where, /^COPY .*?, line (\d+)/gm);
  if (inData !== null && statement.copy !== null) return statement.copy.line + inData - 1;
  const inBlock =
    statement.node === 'DoStmt' ? lastNumber(error.where, /inline_code_block line (\d+)/g) : null;
  if (inBlock !== null) return bodyLine(script, statement) + inBlock - 1;
  return statement.line;
}

/** The outermost frame of an error's context comes last. */
function lastNumber(where: string | undefined, pattern: RegExp): number | null {
  const last = [...(where ?? '').matchAll(pattern)].at(-1);
  return last?.[1] === undefined ? null : Number(last[1]);
}

function bodyLine(script: Script, statement: ScriptStatement): number {
  const text = script.text.slice(statement.start, statement.end);
  const body = scanText(text).find(({ word }) => word.startsWith('$') || word.startsWith("'"));
  return script.lineOf(statement.start + (body?.start ?? 0));
}

function hintFor(
  error: DatabaseError,
  script: Script | undefined,
  statement: string | undefined,
): string | undefined {
  if (error.code === IN_TRANSACTION && script !== undefined && script.script !== '') {
    return `Put executeInTransaction=false into ${script.script}.conf, next to the script.`;
  }
  if (error.code === LOCK_NOT_AVAILABLE) {
    return 'Something holds a lock on the object: see pg_stat_activity for long transactions, or set a longer lockTimeout.';
  }
  if (error.code === SYNTAX_ERROR && statement?.startsWith('\\') === true) {
    return 'Commands of psql are not SQL; remove them.';
  }
  return error.hint;
}

/** The text that Flyway shows for a script that fails, with the statement where Flyway has none. */
function flywayText(
  error: DatabaseError,
  place: Place | null,
  statement: string | undefined,
  position: number | null,
): string {
  const name = place?.script.script.slice(place.script.script.lastIndexOf('/') + 1) ?? '';
  const path = place?.script.path ?? '';
  const title = `Failed to execute script ${name}`;
  return [
    title,
    '-'.repeat(title.length),
    `SQL State  : ${error.code ?? ''}`,
    'Error Code : 0',
    `Message    : ${serverMessage(error, place === null ? position : place.position)}`,
    `Location   : ${path} (${path})`,
    `Line       : ${place?.statement.line ?? 1}`,
    `Statement  : ${statement ?? ''}`,
    '',
  ].join('\n');
}

/** As the JDBC driver words it. */
function serverMessage(error: DatabaseError, position: number | null): string {
  const parts = [
    `${error.severity ?? 'ERROR'}: ${error.message}`,
    error.detail === undefined ? null : `  Detail: ${error.detail}`,
    error.hint === undefined ? null : `  Hint: ${error.hint}`,
    position === null ? null : `  Position: ${position}`,
    error.where === undefined ? null : `  Where: ${error.where}`,
  ];
  return parts.filter((part) => part !== null).join('\n');
}
