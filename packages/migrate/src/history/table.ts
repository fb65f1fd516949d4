import { escapeIdentifier, escapeLiteral } from 'pg';
import type { QueryResultRow } from 'pg';

import { MigrateError } from '../errors.ts';
import type { Session } from '../execute/session.ts';
import { abbreviateDescription, abbreviateScript, historyDdl } from '../history.ts';
import type { AppliedMigration } from './types.ts';

/** What there is before a command begins. */
export interface HistoryState {
  /** Those of the session's schemas that exist. */
  readonly schemas: ReadonlySet<string>;
  readonly tableExists: boolean;
}

const STATE = `SELECT n.nspname::text AS schema,
  n.nspname = $2 AND EXISTS (SELECT FROM pg_catalog.pg_class c
    WHERE c.relnamespace = n.oid AND c.relname = $3 AND c.relkind IN ('r', 'p')) AS has_table
FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1)`;

/** Looks which schemas exist, and whether the history does. */
export async function readState(session: Session): Promise<HistoryState> {
  const { rows } = await session.client.query<{ schema: string; has_table: boolean }>(STATE, [
    session.schemas,
    session.schema,
    session.settings.table,
  ]);
  return {
    schemas: new Set(rows.map((row) => row.schema)),
    tableExists: rows.some((row) => row.has_table),
  };
}

const COLUMNS = [
  'installed_rank',
  'version',
  'description',
  'type',
  'script',
  'checksum',
  'installed_by',
  'installed_on',
  'execution_time',
  'success',
] as const;

type Columns = QueryResultRow & Readonly<Record<(typeof COLUMNS)[number], string | null>>;

/**
 * Every row of the history, oldest first.
 *
 * @throws MigrateError MIGRATION_HISTORY_UNREADABLE where the table has another shape or may not be read
 */
export async function readHistory(session: Session): Promise<readonly AppliedMigration[]> {
  const list = COLUMNS.map((column) => escapeIdentifier(column)).join(', ');
  try {
    const { rows } = await session.client.query<Columns>({
      text: `SELECT ${list} FROM ${session.table} ORDER BY "installed_rank"`,
      // As text: the connection may be the caller's, with parsers of its own.
      types: { getTypeParser: () => (value: string) => value },
    });
    return rows.map(appliedOf);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrateError(
      'MIGRATION_HISTORY_UNREADABLE',
      `Error while retrieving the list of applied migrations from Schema History table ${session.table}: ${reason}`,
      { flywayCode: 'ERROR', hint: 'The current role needs SELECT on the table.', cause },
    );
  }
}

function appliedOf(row: Columns): AppliedMigration {
  return {
    installedRank: Number(row.installed_rank),
    version: row.version,
    description: row.description ?? '',
    type: row.type ?? '',
    script: row.script ?? '',
    checksum: row.checksum === null ? null : Number(row.checksum),
    installedBy: row.installed_by ?? '',
    installedOn: localTimestamp(row.installed_on ?? ''),
    executionTime: Number(row.execution_time),
    success: row.success === 't',
  };
}

/** The column has no zone; the date's local fields are what it says, as in Java. */
function localTimestamp(text: string): Date {
  return new Date(text.replace(' ', 'T').replace(/(\.\d{3})\d+$/, '$1'));
}

/** A row to be written; its rank is the caller's. */
export interface NewRow {
  readonly installedRank: number;
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly success: boolean;
}

/** SQL for the execution time of a transaction that is all one migration, in milliseconds. */
export const SINCE_BEGIN =
  '(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.now()) * 1000)::pg_catalog.int4';

/** What is said of a row, as literals: rank, version, description, type, script, checksum, installed_by. */
export function rowLiterals(session: Session, row: Omit<NewRow, 'success'>): readonly string[] {
  const literal = (value: string | null) => (value === null ? 'NULL' : escapeLiteral(value));
  return [
    String(row.installedRank),
    literal(row.version),
    literal(abbreviateDescription(row.description)),
    literal(row.type),
    literal(abbreviateScript(row.script)),
    row.checksum === null ? 'NULL' : String(row.checksum),
    literal(session.settings.installedBy ?? session.role),
  ];
}

const INSERTED =
  '("installed_rank", "version", "description", "type", "script", "checksum", "installed_by", "execution_time", "success")';

/** An INSERT of these values, all of them SQL, that gives back the execution time. */
export function insertValues(session: Session, values: readonly string[]): string {
  return `INSERT INTO ${session.table} ${INSERTED} VALUES (${values.join(', ')}) RETURNING "execution_time"`;
}

/** The same where a condition holds. */
export function insertSelect(session: Session, values: readonly string[], condition: string): string {
  return `INSERT INTO ${session.table} ${INSERTED} SELECT ${values.join(', ')} WHERE ${condition}`;
}

/** An INSERT of one row; `executionTime` is SQL. */
export function insertRow(session: Session, row: NewRow, executionTime: string): string {
  return insertValues(session, [...rowLiterals(session, row), executionTime, String(row.success)]);
}

/** The DELETE marker that takes a row out of the history without forgetting it. */
export function deleteMarker(applied: AppliedMigration, installedRank: number): NewRow {
  const { version, description, script, checksum, success } = applied;
  return { installedRank, version, description, type: 'DELETE', script, checksum, success };
}

/** The statements that make the table, with the row of a baseline where one is asked for. */
export function createTable(session: Session, baseline: NewRow | null): readonly string[] {
  const { settings, schema } = session;
  const rows = baseline === null ? [] : [insertRow(session, baseline, '0')];
  return [...historyDdl(schema, settings.table, settings.tablespace), ...rows];
}

/** The rank behind the last row. */
export function nextRank(applied: readonly AppliedMigration[]): number {
  const last = applied.at(-1);
  return last === undefined ? 1 : last.installedRank + 1;
}
