import pg from 'pg';
import { asOwner } from '../build.ts';
import { inControl, type Cell } from '../cell/cell.ts';
import type { TestTenant } from '../options.ts';
import { readTables } from './catalog.ts';
import type { PlantedRow } from './insert.ts';
import { describeRows, rowsPerTable, type PlantedTable } from './rows.ts';

const { escapeIdentifier } = pg;

/** Rows of a tenant that somebody else has put in: those with its canary first. */
export function readRows(cell: Cell, { tenant, canary }: TestTenant): Promise<readonly PlantedTable[]> {
  return inControl(cell, (client) =>
    asOwner(client, tenant, async () => {
      const tables: PlantedTable[] = [];
      for (const table of await readTables(client, tenant)) {
        const columns = table.columns.map(
          ({ name }) => `r.${escapeIdentifier(name)}::text AS ${escapeIdentifier(name)}`,
        );
        const keys = describeRows(table, []).primaryKey.map((name) => `r.${escapeIdentifier(name)}`);
        const { rows } = await client.query<PlantedRow>(
          `SELECT ${columns.join(', ')} FROM ${escapeIdentifier(table.name)} AS r
            ORDER BY ${['strpos(lower(r::text), $1) = 0', ...keys].join(', ')} LIMIT ${rowsPerTable}`,
          [canary],
        );
        tables.push(describeRows(table, rows));
      }
      return tables;
    }),
  );
}
