import type { ForeignKey, Table } from './catalog.ts';

/** Tables so that each comes after those which its foreign keys name; a cycle is broken where a column may be NULL. */
export function plantOrder(tables: readonly Table[]): readonly Table[] {
  const left = new Map(tables.map((table) => [table.name, table]));
  const ordered: Table[] = [];
  const isFree = (table: Table, counts: (key: ForeignKey) => boolean): boolean =>
    table.foreignKeys.every((key) => key.table === table.name || !left.has(key.table) || !counts(key));
  while (left.size > 0) {
    const all = [...left.values()];
    const next =
      all.find((table) => isFree(table, () => true)) ??
      all.find((table) => isFree(table, (key) => isRequired(table, key))) ??
      all[0]!;
    left.delete(next.name);
    ordered.push(next);
  }
  return ordered;
}

function isRequired(table: Table, key: ForeignKey): boolean {
  return key.columns.every((name) => table.columns.find((column) => column.name === name)?.notNull === true);
}
