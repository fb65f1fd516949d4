import pg from 'pg';
import { asOwner } from '../build.ts';
import { inControl, type Cell } from '../cell/cell.ts';
import { TestingError } from '../errors.ts';
import type { Plant, TestTenant } from '../options.ts';
import { readTables, type Table } from './catalog.ts';
import type { PlantedRow } from './insert.ts';
import { plantOrder } from './order.ts';
import { plantLike, plantTable, type PlantedTable, type TablePlan } from './rows.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** What stands in the tables of a tenant now, besides what its migrations have put there. */
export type Planted = ReadonlyMap<TestTenant, readonly PlantedTable[]>;

/** How rows of a schema are made, once it is known. */
export interface PlantMemory {
  plans?: readonly TablePlan[] | undefined;
}

/**
 * Puts the like into the tables of two tenants: what the first takes, the second gets with its own canary. As their owners, each
 * in one transaction. Rejects with TESTING_PLANT.
 */
export async function plantPair(
  cell: Cell,
  [first, second]: readonly [TestTenant, TestTenant],
  memory: PlantMemory,
): Promise<Planted> {
  const known = memory.plans;
  const repeated = known && (await plantKnown(cell, first, known).catch(() => undefined));
  const made = repeated === undefined ? await plantFirst(cell, first) : { plans: known!, planted: repeated };
  memory.plans = made.plans;
  return new Map([
    [first, made.planted],
    [second, await plantKnown(cell, second, made.plans)],
  ]);
}

/** Lets the caller's function put rows in, as the tenant's owner and in a transaction. */
export async function plantBy(cell: Cell, tenant: TestTenant, plant: Plant): Promise<void> {
  await inTransaction(cell, tenant, (client) => plant(client, tenant));
}

function inTransaction<T>(
  cell: Cell,
  { tenant }: TestTenant,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  return inControl(cell, (client) =>
    asOwner(client, tenant, async () => {
      // A deferred constraint is checked row by row, so that its refusal has a place.
      await client.query('BEGIN; SET CONSTRAINTS ALL IMMEDIATE');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    }),
  );
}

function plantFirst(cell: Cell, tenant: TestTenant) {
  return inTransaction(cell, tenant, async (client) => {
    const tables = plantOrder(await readTables(client, tenant.tenant));
    const keys = keyColumns(tables);
    const parents = new Map<string, readonly PlantedRow[]>();
    const plans: TablePlan[] = [];
    const planted: PlantedTable[] = [];
    for (const table of tables) {
      const made = await plantTable(client, table, tenant.canary, parents, keys);
      parents.set(table.name, made.planted.rows);
      plans.push(made.plan);
      planted.push(made.planted);
    }
    if (!plans.some(({ hasCanary }) => hasCanary)) throw nowhere(tables);
    await settle(client, tenant, tables);
    return { plans, planted };
  });
}

function plantKnown(
  cell: Cell,
  tenant: TestTenant,
  plans: readonly TablePlan[],
): Promise<readonly PlantedTable[]> {
  return inTransaction(cell, tenant, async (client) => {
    const planted: PlantedTable[] = [];
    for (const plan of plans) planted.push(await plantLike(client, plan, tenant.canary));
    await settle(
      client,
      tenant,
      plans.map(({ table }) => table),
    );
    return planted;
  });
}

function nowhere(tables: readonly Table[]): TestingError {
  return new TestingError(
    'TESTING_PLANT',
    tables.length === 0
      ? 'The schema has no table that a tenant may write to. Make one in `schema`.'
      : 'No table has a column that a canary fits into: none holds 25 characters of text. Pass `plant` to startTestTenants.',
  );
}

/** What is in a primary key, or named by another table: it has to be the same in both tenants. */
function keyColumns(tables: readonly Table[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { name, rules, foreignKeys } of tables) {
    for (const { kind, columns } of rules)
      if (kind === 'primary') for (const column of columns) keys.add(`${name}.${column}`);
    for (const { table, referenced } of foreignKeys)
      for (const column of referenced) keys.add(`${table}.${column}`);
  }
  return keys;
}

/** Sequences go on behind the rows that were put in, and what is computed of them is computed again. */
async function settle(
  client: pg.ClientBase,
  { tenant }: TestTenant,
  tables: readonly Table[],
): Promise<void> {
  const sequences = tables.flatMap(({ name, columns }) =>
    columns.flatMap((column) =>
      column.sequence === null
        ? []
        : `SELECT setval(${escapeLiteral(column.sequence)}, max(${escapeIdentifier(column.name)})) FROM ${escapeIdentifier(name)} HAVING max(${escapeIdentifier(column.name)}) > 0`,
    ),
  );
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'm' ORDER BY oid`,
    [tenant],
  );
  const views = rows.map(({ name }) => `REFRESH MATERIALIZED VIEW ${escapeIdentifier(name)}`);
  const all = [...sequences, ...views];
  if (all.length > 0) await client.query(all.join('; '));
}
