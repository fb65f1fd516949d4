import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

import { ratioOf, summarize, type Ratio, type Summary } from './statistics.ts';

/** One line of a benchmark's table. */
export interface Row {
  readonly name: string;
  /** What the product took, in milliseconds. */
  readonly product: Summary;
  /** What the floor or the peer took; null where the limit is milliseconds. */
  readonly reference: { readonly name: string; readonly summary: Summary } | null;
  /** Product over reference; null where the limit is milliseconds. */
  readonly ratio: Ratio | null;
  /** What is held to: `value` may not be more than `limit`. Null for a line that is only told. */
  readonly hold: { readonly what: string; readonly value: number; readonly limit: number } | null;
}

/** A row that could not be measured here, and why. */
export interface Skipped {
  readonly name: string;
  readonly skipped: string;
}

export type Result = Row | Skipped;

/** The machine and settings that a report was made with. */
export interface Conditions {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly postgres: string;
  readonly settings: string;
}

/** A row that is held to a ratio: the product against a floor or a peer, measured in turns. Null: it is only told. */
export function compared(
  name: string,
  product: readonly number[],
  referenceName: string,
  reference: readonly number[],
  limit: number | null,
): Row {
  const ratio = ratioOf(product, reference);
  return {
    name,
    product: summarize(product),
    reference: { name: referenceName, summary: summarize(reference) },
    ratio,
    hold: limit === null ? null : { what: 'ratio', value: ratio.median, limit },
  };
}

/** A row whose p99 is held to a number of milliseconds. */
export function within(name: string, product: readonly number[], limitMs: number): Row {
  const summary = summarize(product);
  return {
    name,
    product: summary,
    reference: null,
    ratio: null,
    hold: { what: 'p99 ms', value: summary.p99, limit: limitMs },
  };
}

/** The conditions that this process can see; `postgres` and `settings` are the caller's. */
export function conditionsOf(postgres: string, settings: string): Conditions {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    machine: `${String(cpus().length)} × ${cpu?.model.trim() ?? 'unknown'}, ${process.platform} ${release()}`,
    node: process.version,
    postgres,
    settings,
  };
}

/** True where a row holds what it is held to, or is held to nothing. */
export function isHeld(result: Result): boolean {
  return 'skipped' in result || result.hold === null || result.hold.value <= result.hold.limit;
}

/** The rows as a Markdown table. */
export function toTable(results: readonly Result[]): string {
  const head = ['row', 'product ms', 'reference ms', 'ratio (p10–p90)', 'hold to', ''];
  const lines = results.map((result) =>
    'skipped' in result
      ? [result.name, '–', '–', '–', '–', `skipped: ${result.skipped}`]
      : [
          result.name,
          spread(result.product),
          result.reference ? `${spread(result.reference.summary)} ${result.reference.name}` : '–',
          result.ratio
            ? `${digits(result.ratio.median)} (${digits(result.ratio.p10)}–${digits(result.ratio.p90)})`
            : '–',
          result.hold
            ? `${result.hold.what} ${digits(result.hold.value)} ≤ ${String(result.hold.limit)}`
            : '–',
          result.hold === null ? '' : isHeld(result) ? 'held' : 'MISSED',
        ],
  );
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)));
  const format = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [
    format(head),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...lines.map(format),
  ].join('\n');
}

function spread({ median, p10, p90 }: Summary): string {
  return `${digits(median)} (${digits(p10)}–${digits(p90)})`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Writes `bench/results/<name>.json`, which git ignores. Gives its path. */
export async function writeResults(
  name: string,
  conditions: Conditions,
  results: readonly Result[],
): Promise<string> {
  const directory = fileURLToPath(new URL('../results/', import.meta.url));
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${name}.json`);
  await writeFile(path, `${JSON.stringify({ conditions, results }, null, 2)}\n`);
  return path;
}

/**
 * Ends a benchmark: prints the table and its conditions, writes both, and names what was missed. The exit code is then 1,
 * unless the run was only asked to report.
 */
export async function concludeRun(
  name: string,
  results: readonly Result[],
  {
    postgres,
    settings,
    report,
  }: {
    readonly postgres: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly report: boolean;
  },
): Promise<void> {
  const shown = Object.entries(settings)
    .map(([setting, value]) => `${setting}=${String(value)}`)
    .join(' ');
  const conditions = conditionsOf(postgres, shown);
  console.log(`\n${toTable(results)}\n`);
  console.log(`${conditions.date}, ${conditions.machine}, Node ${conditions.node}, PostgreSQL ${postgres}`);
  console.log(shown);
  console.log(`written to ${await writeResults(name, conditions, results)}`);
  const missed = results.filter((result) => !isHeld(result));
  if (missed.length === 0) return;
  console.log(`MISSED: ${missed.map((row) => row.name).join('; ')}`);
  if (!report) process.exitCode = 1;
}
