import type { OperationState, StepState, TenantState } from '@tenantry/contract';
import type { Output, Style } from './output.ts';
import { cut, printable, textWidth } from './width.ts';

/** A cell of a table: a text, with a colour if it says something. */
export type CellText = string | { readonly text: string; readonly style: Style };

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => CellText;
  /** The least it is cut to where the terminal is narrow; a column without one is not cut before all others are. */
  readonly min?: number;
  readonly align?: 'right';
}

const gap = '  ';

/** Prints rows as aligned columns, cut to the width of the terminal. Says so where there is none. */
export function printTable<Row>(
  out: Output,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  empty: string,
): void {
  if (rows.length === 0) {
    out.note(empty);
    return;
  }
  const cells = rows.map((row) => columns.map((column) => normal(column.value(row))));
  const widths = fit(
    columns.map((column, at) =>
      Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[at]!.text))),
    ),
    columns,
    out.columns,
  );
  const line = (parts: readonly { text: string; style?: Style }[]) =>
    parts
      .map(({ text, style }, at) => {
        const shown = cut(text, widths[at]!);
        const painted = style ? out.paint(style, shown) : shown;
        const padding = ' '.repeat(Math.max(0, widths[at]! - textWidth(shown)));
        return columns[at]!.align === 'right' ? padding + painted : painted + padding;
      })
      .join(gap)
      .trimEnd();
  if (!out.quiet) out.print(line(columns.map(({ title }) => ({ text: title.toUpperCase(), style: 'dim' }))));
  for (const row of cells) out.print(line(row));
}

function normal(value: CellText): { text: string; style?: Style } {
  return typeof value === 'string' ? { text: printable(value) } : { ...value, text: printable(value.text) };
}

function fit<Row>(
  natural: readonly number[],
  columns: readonly Column<Row>[],
  available: number | undefined,
): number[] {
  const widths = [...natural];
  if (available === undefined) return widths;
  const room = available - gap.length * (columns.length - 1);
  const total = () => widths.reduce((sum, width) => sum + width, 0);
  // The widest gives first, a column at a time, so that short ones stay whole.
  for (const floor of [(at: number) => columns[at]!.min ?? widths[at]!, () => 4]) {
    while (total() > room) {
      const widest = widths.map((width, at) => (width > floor(at) ? width : 0));
      const at = widest.indexOf(Math.max(...widest));
      if (widest[at] === 0) break;
      widths[at]! -= 1;
    }
  }
  return widths;
}

/** Prints the fields of one thing, a line each; fields without a value are left out. */
export function printFields(
  out: Output,
  fields: readonly (readonly [name: string, value: CellText | null])[],
): void {
  const shown = fields.filter(([, value]) => value !== null && normal(value).text !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  for (const [name, value] of shown) {
    const { text, style } = normal(value!);
    out.print(`${out.paint('dim', name.padEnd(width))}  ${style ? out.paint(style, text) : text}`);
  }
}

const tenantLooks: Readonly<Record<TenantState, { icon: string; style: Style }>> = {
  provisioning: { icon: '◌', style: 'cyan' },
  active: { icon: '●', style: 'green' },
  suspended: { icon: '◐', style: 'yellow' },
  archived: { icon: '▣', style: 'dim' },
  deleting: { icon: '◔', style: 'yellow' },
  deleted: { icon: '○', style: 'dim' },
  failed: { icon: '✖', style: 'red' },
};

/** The state of a tenant: a word, on a terminal with an icon and a colour. */
export function tenantState(out: Output, state: TenantState): CellText {
  return look(out, state, tenantLooks[state]);
}

const workLooks: Readonly<Record<OperationState | StepState, { icon: string; style: Style }>> = {
  queued: { icon: '◌', style: 'cyan' },
  pending: { icon: '◌', style: 'dim' },
  running: { icon: '◑', style: 'cyan' },
  cancelling: { icon: '◑', style: 'yellow' },
  succeeded: { icon: '✔', style: 'green' },
  failed: { icon: '✖', style: 'red' },
  cancelled: { icon: '○', style: 'yellow' },
  skipped: { icon: '○', style: 'dim' },
};

/** The state of an operation or of one of its steps. */
export function workState(out: Output, state: OperationState | StepState): CellText {
  return look(out, state, workLooks[state]);
}

/** The outcome of a check: `ok`, or a word of your own in red or yellow. */
export function verdict(out: Output, ok: boolean, otherwise: string, style: Style = 'red'): CellText {
  return ok
    ? look(out, 'ok', workLooks.succeeded)
    : look(out, otherwise, { icon: style === 'red' ? '✖' : '▲', style });
}

function look(out: Output, word: string, { icon, style }: { icon: string; style: Style }): CellText {
  // Icons only where a person looks: in a pipe, the word alone is what grep and awk want.
  return { text: out.terminal ? `${icon} ${word}` : word, style };
}

/** Labels as `key=value key=value`. */
export function formatLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${/\s/.test(value) ? JSON.stringify(value) : value}`)
    .join(' ');
}
