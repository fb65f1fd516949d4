import { escapeLiteral } from 'pg';

import { characterIndex } from './positions.ts';
import type { PreparedFile } from './prepare.ts';

/** What a statement of the message is, by its index among the server's answers. */
export type MessageEntry =
  | { readonly kind: 'setup'; readonly sql: string }
  | { readonly kind: 'statement'; readonly file: number; readonly statement: number }
  | { readonly kind: 'boundary' | 'marker'; readonly file: number };

/** All files as one text, and the way back from it. */
export interface Message {
  readonly text: string;
  readonly entries: readonly MessageEntry[];
  readonly copyData: readonly string[];
  /** Offset in the text at which each file begins. */
  readonly fileStarts: readonly number[];
}

/** What has to be true after every file. */
export interface Expected {
  readonly user: string;
  readonly searchPath: string;
  /** Put back what a file changed, instead of stopping there. */
  readonly restore?: boolean;
}

/** Begins the text of the conversion error with which a marker stops the message. */
export const CHANGED = 'migration changed ';

/**
 * The statement behind every file: the server's time in milliseconds, or, where the file left its role or search_path
 * changed, an error that carries what was found, so that no later file runs that way.
 */
function markerQuery({ user, searchPath }: Expected): string {
  const same = (value: string, wanted: string) => `${value} OPERATOR(pg_catalog.=) ${escapeLiteral(wanted)}`;
  const path = "pg_catalog.current_setting('search_path')";
  const now = 'EXTRACT(epoch FROM pg_catalog.clock_timestamp())::pg_catalog.text';
  const fail = (what: string, value: string) =>
    `pg_catalog.concat('${CHANGED}${what} to ', ${value})::pg_catalog.int4::pg_catalog.text`;
  return (
    `SELECT CASE WHEN NOT ${same('current_user', user)} THEN ${fail('role', 'current_user')} ` +
    `WHEN NOT ${same(path, searchPath)} THEN ${fail('search_path', path)} ELSE ${now} END`
  );
}

function restoring({ user, searchPath }: Expected): string {
  const set = (name: string, value: string) =>
    `pg_catalog.set_config('${name}', ${escapeLiteral(value)}, true)`;
  return `SELECT ${set('role', user)}, ${set('search_path', searchPath)}`;
}

/** Prepared statements outlive the transaction, also one that failed, so no two messages use one name. */
let markers = 0;

interface Marker {
  readonly begin: readonly string[];
  readonly sql: string;
  readonly end: readonly string[];
}

/** PostgreSQL keeps the whole message with a statement that was prepared in it, and copies it at every EXECUTE. */
const PREPARED_UP_TO = 65_536;

/** Planned once for all files, which makes it three times as fast; not where a file may throw the plan away. */
function markerFor(expected: Expected, files: readonly PreparedFile[]): Marker {
  const query = markerQuery(expected);
  const length = files.reduce((sum, { text }) => sum + text.length, 0);
  if (length > PREPARED_UP_TO || files.some(({ text }) => /\b(?:deallocate|discard)\b/i.test(text))) {
    return { begin: [], sql: query, end: [] };
  }
  const name = `migrate_marker_${(markers += 1)}`;
  return { begin: [`PREPARE ${name} AS ${query}`], sql: `EXECUTE ${name}`, end: [`DEALLOCATE ${name}`] };
}

/**
 * Deferred checks of a file end with it, as its COMMIT would have ended them: an ALTER TABLE in a later file would
 * otherwise fail with 55006. Then what is INITIALLY DEFERRED is deferred again, which SET CONSTRAINTS can only do by
 * name; a name that some other table uses for a constraint that is not deferrable is left immediate.
 */
function boundary(schema: string): readonly string[] {
  const name = escapeLiteral(schema);
  return [
    'SET CONSTRAINTS ALL IMMEDIATE',
    `DO $boundary$
DECLARE constraint_name pg_catalog.text;
BEGIN
  FOR constraint_name IN
    SELECT DISTINCT c.conname
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_constraint c ON c.conrelid = d.objid
    WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
      AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ${name})
      AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND c.condeferred
  LOOP
    BEGIN
      EXECUTE pg_catalog.format('SET CONSTRAINTS %I.%I DEFERRED', ${name}, constraint_name);
    EXCEPTION WHEN wrong_object_type THEN NULL;
    END;
  END LOOP;
END $boundary$`,
  ];
}

/**
 * Behind the last file all that is deferred runs, also what no text tells of, and nothing is deferred from then on: what a
 * trigger does comes before the containment check, and as the role of the files. Before 18 PostgreSQL would run it as whoever
 * commits.
 */
function boundaryOf(deferring: boolean, last: boolean, schema: string): readonly string[] {
  if (last) return ['SET CONSTRAINTS ALL IMMEDIATE'];
  return deferring ? boundary(schema) : [];
}

/** Puts set-up statements, every file, and what stands between files into one message. */
export function buildMessage(
  setup: readonly string[],
  files: readonly PreparedFile[],
  expected: Expected,
  schema: string,
): Message {
  const parts: string[] = [];
  const entries: MessageEntry[] = [];
  const copyData: string[] = [];
  const fileStarts: number[] = [];
  let length = 0;
  const push = (part: string) => {
    parts.push(part);
    length += part.length;
  };
  const pushSetup = (sql: string) => {
    push(`${sql};\n`);
    entries.push({ kind: 'setup', sql });
  };
  const mark = markerFor(expected, files);
  for (const sql of [...setup, ...mark.begin]) pushSetup(sql);
  push(`${mark.sql};\n`);
  entries.push({ kind: 'marker', file: -1 });
  let deferring = false;
  for (const [file, prepared] of files.entries()) {
    fileStarts.push(length);
    push(edited(prepared));
    // On a line of its own: the file may end in a comment or without a semicolon.
    push('\n;\n');
    for (const [statement, { fate, copy }] of prepared.compiled.statements.entries()) {
      if (fate !== 'send') continue;
      entries.push({ kind: 'statement', file, statement });
      if (copy !== null) copyData.push(prepared.text.slice(copy.start, copy.end));
    }
    deferring ||= prepared.compiled.defersConstraints;
    for (const sql of boundaryOf(deferring, file === files.length - 1, schema)) {
      push(`${sql};\n`);
      entries.push({ kind: 'boundary', file });
    }
    if (expected.restore === true) {
      push(`${restoring(expected)};\n`);
      entries.push({ kind: 'boundary', file });
    }
    push(`${mark.sql};\n`);
    entries.push({ kind: 'marker', file });
  }
  // Off for the queries that follow: their plans are many small look-ups, which PostgreSQL may cost as worth compiling.
  for (const sql of [...mark.end, 'SET LOCAL jit = off']) pushSetup(sql);
  return { text: parts.join(''), entries, copyData, fileStarts };
}

function edited({ text, compiled }: PreparedFile): string {
  if (compiled.edits.length === 0) return text;
  let result = '';
  let from = 0;
  for (const edit of compiled.edits) {
    result += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return result + text.slice(from);
}

/** The file, and the offset in its text, of a position that the server reported (characters, from 1). */
export function locate(
  message: Message,
  files: readonly PreparedFile[],
  position: number,
): { readonly file: number; readonly offset: number } | null {
  const index = characterIndex(message.text, position - 1);
  const file = message.fileStarts.findLastIndex((start) => start <= index);
  const prepared = files[file];
  if (prepared === undefined) return null;
  let rest = index - (message.fileStarts[file] ?? 0);
  let from = 0;
  for (const { start, end, text } of prepared.compiled.edits) {
    if (rest < start - from) break;
    rest -= start - from;
    if (rest < text.length) return { file, offset: start };
    rest -= text.length;
    from = end;
  }
  return { file, offset: Math.min(from + rest, prepared.text.length) };
}
