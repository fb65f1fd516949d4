import pg from 'pg';
import { sqlStateOf } from '../../errors.ts';
import { TestingError } from '../errors.ts';
import type { Table } from './catalog.ts';
import type { Refusal } from './search.ts';
import { byDefault, type Value } from './candidate.ts';

const { escapeIdentifier } = pg;

/** A row as it stands in the table, in PostgreSQL's text form. */
export type PlantedRow = Readonly<Record<string, string | null>>;

/** The row as it stands, or PostgreSQL's refusal. */
export type Answer = { readonly row: PlantedRow } | { readonly error: unknown };

/** Puts one row in. A refusal leaves the transaction failed. */
export async function insert(
  client: pg.ClientBase,
  table: Table,
  values: readonly Value[],
  canary: string,
): Promise<Answer> {
  const parameters: (string | null)[] = [];
  const slots = values.map((value) => {
    const made = value(canary);
    if (made === byDefault) return 'DEFAULT';
    parameters.push(made);
    return `$${parameters.length}`;
  });
  const names = table.columns.map(({ name }) => escapeIdentifier(name));
  const target = escapeIdentifier(table.name);
  const what =
    names.length === 0
      ? 'DEFAULT VALUES'
      : `(${names.join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${slots.join(', ')})`;
  const back = names.length === 0 ? '1 AS one' : names.map((name) => `${name}::text AS ${name}`).join(', ');
  try {
    const { rows } = await client.query<PlantedRow>(
      `INSERT INTO ${target} ${what} RETURNING ${back}`,
      parameters,
    );
    return rows[0] === undefined
      ? { error: new Error('a trigger made nothing of the row') }
      : { row: rows[0] };
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error;
    return { error };
  }
}

/** The columns that PostgreSQL's refusal speaks of; none where it does not say. */
export function blame(error: unknown, table: Table): Refusal {
  const { constraint, column, table: where, code } = (error ?? {}) as Partial<Record<string, string>>;
  const index = (names: readonly string[]): Refusal => ({
    columns: names.map((name) => table.columns.findIndex((one) => one.name === name)).filter((at) => at >= 0),
  });
  if (where !== undefined && where !== table.name && !table.rules.some(({ kind }) => kind === 'partition'))
    return index([]);
  if (constraint !== undefined) {
    const rule =
      table.rules.find(({ name }) => name === constraint) ??
      table.foreignKeys.find(({ name }) => name === constraint);
    return index(rule?.columns ?? []);
  }
  if (column !== undefined) return index([column]);
  if (code === '23514') return index(table.rules.find(({ kind }) => kind === 'partition')?.columns ?? []);
  return index([]);
}

/** The one way to say that a table takes no row. */
export function refused(table: Table, cause: unknown): TestingError {
  const { message } = (cause ?? {}) as { readonly message?: string };
  const state = sqlStateOf(cause);
  return new TestingError(
    'TESTING_PLANT',
    `No row was found that the table ${table.name} takes: ${message ?? 'no reason given'}${state ? ` (SQLSTATE ${state})` : ''}. ` +
      'Pass `plant` to startTestTenants and put rows with tenant.canary in yourself.',
    { cause, sqlState: state },
  );
}
