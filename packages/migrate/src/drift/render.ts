import type { Difference, DifferenceKind, Json } from './types.ts';

const SIGN: Readonly<Record<DifferenceKind, string>> = {
  missing: '-',
  unexpected: '+',
  changed: '~',
  reordered: '~',
};

/**
 * Differences for people, one a line: `-` is missing, `+` should not be there, `~` is different. Texts of several lines,
 * such as bodies of functions, are shown by the lines that differ.
 *
 * @example
 * ```ts
 * renderDiff(diffSchemas(canary, other));
 * // - index orders.orders_code_idx
 * // ~ column orders.total  type: numeric(10,2) -> text
 * // 2 differences
 * ```
 */
export function renderDiff(differences: readonly Difference[]): string {
  if (differences.length === 0) return 'no difference';
  const count = differences.length === 1 ? '1 difference' : `${differences.length} differences`;
  return [...differences.flatMap(lines), count].join('\n');
}

/** Differences for programs: the same as JSON, with their number. */
export function renderDiffJson(differences: readonly Difference[]): string {
  return JSON.stringify({ equal: differences.length === 0, differences }, null, 2);
}

function lines({ kind, object, path, expected, actual }: Difference): readonly string[] {
  const head = `${SIGN[kind]} ${object}`;
  if (path === '') return [head];
  const [before, after] = [shown(expected), shown(actual)];
  if (!before.includes('\n') && !after.includes('\n')) return [`${head}  ${path}: ${before} -> ${after}`];
  return [`${head}  ${path}:`, ...changedLines(before.split('\n'), after.split('\n'))];
}

function shown(value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `(${value.map(shown).join(', ')})`;
  return JSON.stringify(value);
}

/** What is left of two texts when the lines that they begin and end with in common are taken away. */
function changedLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const part = (sign: string, text: readonly string[]) =>
    text.slice(start, text.length - end).map((line) => `    ${sign} ${line}`);
  return [...part('-', before), ...part('+', after)];
}
