import { localTimestamp } from '../placeholders.ts';
import type { MigrationInfo, MigrationInfoList } from './list.ts';

const COLUMNS: readonly (readonly [title: string, text: (entry: MigrationInfo) => string])[] = [
  ['Category', ({ category }) => category],
  ['Version', ({ version }) => version ?? ''],
  ['Description', ({ description }) => description],
  ['Type', ({ type }) => type],
  ['Installed On', ({ installedOn }) => (installedOn === undefined ? '' : localTimestamp(installedOn))],
  ['State', ({ display }) => display],
  ['Undoable', ({ undoable }) => (undoable === null ? '' : undoable ? 'Yes' : 'No')],
];

/** `info` as a Flyway user knows it: a box of seven columns. */
export function toTable({ entries }: MigrationInfoList): string {
  const rows = entries.map((entry) => COLUMNS.map(([, text]) => text(entry)));
  const titles = COLUMNS.map(([title]) => title);
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => width(row[i] ?? ''))));
  const ruler = `+${widths.map((n) => '-'.repeat(n + 2)).join('+')}+`;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - width(cell))).join(' | ')} |`;
  const nothing = `| ${'No migrations found'.padEnd(ruler.length - 4)} |`;
  return [ruler, line(titles), ruler, ...(rows.length === 0 ? [nothing] : rows.map(line)), ruler].join('\n');
}

const graphemes = new Intl.Segmenter();

/** As people count characters, not UTF-16 units. */
function width(text: string): number {
  return Array.from(graphemes.segment(text)).length;
}

export interface InfoDocument {
  readonly schemaVersion: string | null;
  readonly schemaName: string;
  readonly migrations: readonly Readonly<Record<string, string | number | null>>[];
  readonly allSchemasEmpty: boolean;
  readonly database: string;
  readonly warnings: readonly string[];
  readonly operation: 'info';
}

/** `info` in the shape of Flyway's JSON output. */
export function toJson(
  { entries, current }: MigrationInfoList,
  about: { readonly schemaName: string; readonly database: string; readonly allSchemasEmpty: boolean },
): InfoDocument {
  return {
    schemaVersion: current?.version ?? null,
    schemaName: about.schemaName,
    migrations: entries.map((entry) => ({
      category: entry.category,
      version: entry.version ?? '',
      rawVersion: entry.version ?? '',
      description: entry.description,
      type: entry.type,
      installedOnUTC: entry.installedOn?.toISOString() ?? '',
      state: entry.display,
      undoable: entry.undoable === null ? '' : entry.undoable ? 'Yes' : 'No',
      filepath: entry.resolved?.path ?? '',
      undoFilepath: entry.undo?.path ?? '',
      installedBy: entry.installedBy ?? '',
      executionTime: entry.executionTime ?? 0,
    })),
    allSchemasEmpty: about.allSchemasEmpty,
    database: about.database,
    warnings: [],
    operation: 'info',
  };
}
