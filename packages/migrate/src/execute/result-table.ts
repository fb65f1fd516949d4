import type { StatementRows } from '../script-query.ts';

/**
 * The rows of a query in a box, as Flyway prints them.
 *
 * @example
 * ```
 * +----------+
 * | ?column? |
 * +----------+
 * | 1        |
 * +----------+
 * ```
 */
export function resultTable({ columns, rows, total }: StatementRows): string {
  const cells = rows.map((row) => row.map((value) => value ?? ''));
  const widths = columns.map((column, i) =>
    cells.reduce((widest, row) => Math.max(widest, (row[i] ?? '').length), column.length),
  );
  const ruler = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (values: readonly string[]) =>
    `|${widths.map((width, i) => ` ${(values[i] ?? '').padEnd(width)} |`).join('')}\n`;
  const inner = Math.max(0, ruler.length - 5);
  const body =
    cells.length === 0
      ? `| ${'No rows returned'.padEnd(inner).slice(0, Math.max(inner, 0))} |\n`
      : cells.map(line).join('');
  const more = total > rows.length ? `(${total - rows.length} more rows)\n` : '';
  return `${ruler}${line(columns)}${ruler}${body}${ruler}${more}`;
}
