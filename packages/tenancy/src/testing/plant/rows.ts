import pg from 'pg';
import type { Column, Table } from './catalog.ts';
import { blame, insert, refused, type PlantedRow } from './insert.ts';
import { search } from './search.ts';
import { byDefault, type Candidate, type Value } from './candidate.ts';
import { candidates } from './values.ts';

const { escapeIdentifier } = pg;

/** Rows of every table: lists have an order, and a page of two has a next one. */
export const rowsPerTable = 3;

/** The rows that were put into a table. */
export interface PlantedTable {
  readonly name: string;
  readonly primaryKey: readonly string[];
  /** Single columns that name a row. */
  readonly uniqueColumns: readonly string[];
  /** Columns that a row cannot do without, and what they are. */
  readonly needed: readonly {
    readonly name: string;
    readonly kind: 'text' | 'number' | 'boolean' | 'other';
  }[];
  readonly rows: readonly PlantedRow[];
}

/** How rows are made, for another tenant to get the like. */
export interface TablePlan {
  readonly table: Table;
  readonly rows: readonly (readonly Value[])[];
  readonly hasCanary: boolean;
}

/** What was planted so far, by table. */
type Parents = ReadonlyMap<string, readonly PlantedRow[]>;

/** Finds rows that a table takes, and puts them in. Rejects with TESTING_PLANT where there are none. */
export async function plantTable(
  client: pg.ClientBase,
  table: Table,
  canary: string,
  parents: Parents,
  keys: ReadonlySet<string>,
): Promise<{ readonly plan: TablePlan; readonly planted: PlantedTable }> {
  const plans: Value[][] = [];
  const rows: PlantedRow[] = [];
  let hasCanary = false;
  const above = await highest(client, table);
  await client.query('SAVEPOINT planting');
  for (let n = 0; n < rowsPerTable; n++) {
    let last: unknown;
    const tryRow = async (
      lists: readonly (readonly Candidate[])[],
    ): Promise<readonly Candidate[] | undefined> => {
      const chosen = (choice: readonly number[]) => lists.map((list, i) => list[choice[i]!]!);
      const choice = await search(
        lists.map(({ length }) => length),
        async (indexes) => {
          const answer = await insert(
            client,
            table,
            chosen(indexes).map(({ value }) => value),
            canary,
          );
          if ('row' in answer) {
            rows.push(answer.row);
            await client.query('RELEASE planting; SAVEPOINT planting');
            return undefined;
          }
          await client.query('ROLLBACK TO planting');
          last = answer.error;
          return blame(answer.error, table);
        },
      );
      return choice && chosen(choice);
    };
    const lists = await candidateLists(client, table, { n, canary, parents, keys, above });
    // A rule that is in a trigger names no column: as little as possible is the second thing to try.
    const found = (await tryRow(lists)) ?? (await tryRow(lists.map(leastFirst)));
    if (found === undefined) {
      if (n === 0) throw refused(table, last);
      break;
    }
    plans.push(found.map(({ value }) => value));
    hasCanary ||= found.some(({ isCanary }) => isCanary);
  }
  return { plan: { table, rows: plans, hasCanary }, planted: describeRows(table, rows) };
}

/** Puts rows in as they were planned. */
export async function plantLike(
  client: pg.ClientBase,
  { table, rows }: TablePlan,
  canary: string,
): Promise<PlantedTable> {
  const planted: PlantedRow[] = [];
  for (const values of rows) {
    const answer = await insert(client, table, values, canary);
    if ('error' in answer) throw refused(table, answer.error);
    planted.push(answer.row);
  }
  return describeRows(table, planted);
}

interface Place {
  readonly n: number;
  readonly canary: string;
  readonly parents: Parents;
  readonly keys: ReadonlySet<string>;
  readonly above: ReadonlyMap<string, bigint>;
}

async function candidateLists(
  client: pg.ClientBase,
  table: Table,
  { n, canary, parents, keys, above }: Place,
): Promise<readonly (readonly Candidate[])[]> {
  const lists = table.columns.map((column) => {
    const isUnique = table.rules.some(
      ({ kind, columns }) => kind === 'unique' && columns.includes(column.name),
    );
    const role = {
      isKey: keys.has(`${table.name}.${column.name}`),
      isUnique,
      above: above.get(column.name) ?? 0n,
    };
    return fromParents(table, column, n, parents) ?? candidates(table, column, n, role);
  });
  const texts = lists.flatMap((list, i) =>
    list
      .map(({ value }) => [value(canary), table.columns[i]!.type] as const)
      .map(([text, type]) => (typeof text === 'string' ? [text, type] : [null, type])),
  );
  const { rows } = await client.query<{ fits: boolean }>(
    `SELECT coalesce(pg_input_is_valid(u.value, u.type), true) AS fits
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u (value, type, at) ORDER BY at`,
    [texts.map(([text]) => text), texts.map(([, type]) => type)],
  );
  let at = 0;
  return lists.map((list, i) => {
    const fitting = list.filter(() => rows[at++]!.fits);
    if (fitting.length > 0) return fitting;
    const column = table.columns[i]!;
    throw refused(
      table,
      new Error(`the kit knows no value of the type ${column.type} (column ${column.name})`),
    );
  });
}

/** What a column must hold that names a row of another table; of its own table it names none. */
function fromParents(
  table: Table,
  column: Column,
  n: number,
  parents: Parents,
): readonly Candidate[] | undefined {
  const key = table.foreignKeys.find(({ columns }) => columns.includes(column.name));
  if (key === undefined) return undefined;
  const referenced = key.referenced[key.columns.indexOf(column.name)]!;
  const rows = parents.get(key.table) ?? [];
  const values = [rows[n], ...rows].flatMap((row) => row?.[referenced] ?? []);
  const own = [...new Set(values)].map((text): Candidate => ({ value: () => text, isCanary: false }));
  const nothing: Candidate[] = column.notNull ? [] : [{ value: () => null, isCanary: false }];
  if (own.length + nothing.length > 0) return [...own, ...nothing];
  return undefined;
}

function leastFirst(list: readonly Candidate[]): readonly Candidate[] {
  const rank = ({ value }: Candidate): number => (value('') === null ? 0 : value('') === byDefault ? 1 : 2);
  return list.toSorted((a, b) => rank(a) - rank(b));
}

/** The highest number of each column that is part of a key. */
async function highest(client: pg.ClientBase, table: Table): Promise<ReadonlyMap<string, bigint>> {
  const numbers = table.columns.filter(({ base }) => ['int2', 'int4', 'int8'].includes(base));
  if (numbers.length === 0) return new Map();
  const { rows } = await client.query<Record<string, string | null>>(
    `SELECT ${numbers.map(({ name }) => `max(${escapeIdentifier(name)})::text AS ${escapeIdentifier(name)}`).join(', ')}
       FROM ${escapeIdentifier(table.name)}`,
  );
  return new Map(Object.entries(rows[0]!).map(([name, text]) => [name, BigInt(text ?? 0)]));
}

const kinds: Readonly<Record<string, 'text' | 'number' | 'boolean'>> = {
  S: 'text',
  N: 'number',
  B: 'boolean',
};

/** What is known of a table's rows to whoever calls an application. */
export function describeRows(table: Table, rows: readonly PlantedRow[]): PlantedTable {
  const primary = table.rules.find(({ kind }) => kind === 'primary');
  return {
    name: table.name,
    primaryKey: primary?.columns ?? [],
    uniqueColumns: table.rules.flatMap(({ kind, columns }) =>
      (kind === 'primary' || kind === 'unique') && columns.length === 1 ? columns : [],
    ),
    needed: table.columns.flatMap((column) => {
      if (!column.notNull || column.hasDefault) return [];
      return [{ name: column.name, kind: kinds[column.category] ?? 'other' }];
    }),
    rows,
  };
}
