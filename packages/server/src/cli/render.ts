import type { OperationState, StepState, TenantState } from '@tenantry/contract';
import type { Output, Style } from './output.ts';
import { cut, printable, textWidth } from './width.ts';

/** A cell of a table: a text, with a colour if it says something. */
export type CellText = string | { readonly text: string; readonly style: Style };

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => CellText;
  /** The least it is cut to where the terminal is narrow; a column without one is never cut while others can be left out. */
  readonly min?: number;
  /** Left out where the terminal is too narrow even so: 1 goes first. A column without a number always stays. */
  readonly drop?: number;
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
  const all = columns.map((column) => {
    const cells = rows.map((row) => normal(column.value(row)));
    return {
      column,
      cells,
      width: Math.max(textWidth(column.title), ...cells.map(({ text }) => textWidth(text))),
    };
  });
  const shown = fit(all, out.columns);
  const line = (part: (at: number) => { text: string; style?: Style }) =>
    shown
      .map(({ column, width }, at) => {
        const { text, style } = part(at);
        const whole = cut(text, width);
        const painted = style ? out.paint(style, whole) : whole;
        const padding = ' '.repeat(Math.max(0, width - textWidth(whole)));
        return column.align === 'right' ? padding + painted : painted + padding;
      })
      .join(gap)
      .trimEnd();
  if (!out.quiet) out.print(line((at) => ({ text: shown[at]!.column.title.toUpperCase(), style: 'dim' })));
  for (const index of rows.keys()) out.print(line((at) => shown[at]!.cells[index]!));
}

function normal(value: CellText): { text: string; style?: Style } {
  return typeof value === 'string' ? { text: printable(value) } : { ...value, text: printable(value.text) };
}

interface Laid {
  readonly column: {
    readonly title: string;
    readonly min?: number;
    readonly drop?: number;
    readonly align?: 'right';
  };
  readonly cells: readonly { text: string; style?: Style }[];
  readonly width: number;
}

function fit(all: readonly Laid[], available: number | undefined): readonly Laid[] {
  if (available === undefined) return all;
  const least = ({ column, width }: Laid) => Math.min(width, column.min ?? width);
  let kept = all;
  const room = () => available - gap.length * (kept.length - 1);
  const sum = (widths: readonly number[]) => widths.reduce((total, width) => total + width, 0);
  const expendable = all.filter(({ column }) => column.drop !== undefined);
  for (const next of expendable.toSorted((a, b) => a.column.drop! - b.column.drop!)) {
    if (sum(kept.map(least)) <= room()) break;
    kept = kept.filter((laid) => laid !== next);
  }
  const widths = kept.map(({ width }) => width);
  // The widest gives first, a column at a time, so that short ones stay whole.
  for (const floor of [least, () => 4]) {
    while (sum(widths) > room()) {
      const spare = kept.map((laid, at) => (widths[at]! > floor(laid) ? widths[at]! : 0));
      const widest = Math.max(...spare);
      if (widest === 0) break;
      widths[spare.indexOf(widest)]! -= 1;
    }
  }
  return kept.map(({ column, cells }, at) => ({ column, cells, width: widths[at]! }));
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

/** The outcome of a check: green when it is good, else red, or yellow for a warning. */
export function verdict(out: Output, ok: boolean, word: string, style: Style = 'red'): CellText {
  return look(out, word, ok ? workLooks.succeeded : { icon: style === 'red' ? '✖' : '▲', style });
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
