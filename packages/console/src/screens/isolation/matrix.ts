import type { RunAttack } from '@tenantry/contract';

/** Where attacks were run from. */
export interface MatrixColumn {
  readonly target: string;
  readonly kind: RunAttack['kind'];
}

/** One attack, over every target. */
export interface MatrixRow {
  readonly attack: string;
  readonly title: string;
  readonly family: string;
  readonly level: string;
  readonly expected: readonly string[];
  /** By target; several where there are several cells. */
  readonly cells: ReadonlyMap<string, readonly RunAttack[]>;
}

export interface Matrix {
  readonly columns: readonly MatrixColumn[];
  readonly families: readonly { readonly family: string; readonly rows: readonly MatrixRow[] }[];
}

/** Lanes and logins, then HTTP, then the positive controls, on which attacks have to succeed. */
const kinds: readonly RunAttack['kind'][] = ['lane', 'login', 'http', 'control'];

/** The answers of a run as a table: attacks down, targets across, in the order of the run. */
export function matrixOf(attacks: readonly RunAttack[]): Matrix {
  const columns = new Map<string, MatrixColumn>();
  const families = new Map<string, Map<string, { row: RunAttack; cells: Map<string, RunAttack[]> }>>();
  for (const one of attacks) {
    columns.set(one.target, { target: one.target, kind: one.kind });
    const family = families.get(one.family) ?? new Map();
    families.set(one.family, family);
    const entry = family.get(one.attack) ?? { row: one, cells: new Map<string, RunAttack[]>() };
    family.set(one.attack, entry);
    entry.cells.set(one.target, [...(entry.cells.get(one.target) ?? []), one]);
  }
  return {
    columns: [...columns.values()].toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind)),
    families: [...families].map(([family, rows]) => ({
      family,
      rows: [...rows.values()].map(({ row, cells }) => ({
        attack: row.attack,
        title: row.title,
        family,
        level: row.level,
        expected: row.expected,
        cells,
      })),
    })),
  };
}

/** The worst of several answers decides what a cell shows. */
const order: readonly RunAttack['verdict'][] = ['hit', 'unexpected', 'residual', 'held', 'skipped'];

export function worstOf(answers: readonly RunAttack[]): RunAttack | undefined {
  const isControl = answers[0]?.kind === 'control';
  const sorted = answers.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return isControl ? sorted.at(-1) : sorted[0];
}

/** What the attacks of a family came to on a target: how often each verdict, the worst first. */
export function tallyOf(
  rows: readonly MatrixRow[],
  target: string,
): readonly { readonly answer: Pick<RunAttack, 'verdict' | 'kind'>; readonly times: number }[] {
  const tally = new Map<
    RunAttack['verdict'],
    { answer: Pick<RunAttack, 'verdict' | 'kind'>; times: number }
  >();
  for (const row of rows) {
    const answer = worstOf(row.cells.get(target) ?? []);
    if (answer === undefined) continue;
    const { times } = tally.get(answer.verdict) ?? { times: 0 };
    tally.set(answer.verdict, { answer, times: times + 1 });
  }
  return order.flatMap((verdict) => tally.get(verdict) ?? []);
}

export interface MatrixFilter {
  readonly text: string;
  /** `wrong`: what succeeded or was answered unexpectedly. */
  readonly show: 'all' | 'wrong' | 'residual' | 'skipped';
}

/** The rows that fit, without families that have none. */
export function filterMatrix({ columns, families }: Matrix, { text, show }: MatrixFilter): Matrix {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (row: MatrixRow) => {
    const all = `${row.attack} ${row.title} ${row.level} ${row.family}`.toLowerCase();
    return words.every((word) => all.includes(word)) && (show === 'all' || hasVerdict(row, show));
  };
  const kept = families
    .map(({ family, rows }) => ({ family, rows: rows.filter(fits) }))
    .filter(({ rows }) => rows.length > 0);
  return { columns, families: kept };
}

function hasVerdict(row: MatrixRow, show: Exclude<MatrixFilter['show'], 'all'>): boolean {
  const verdicts = show === 'wrong' ? ['hit', 'unexpected'] : [show];
  return [...row.cells.values()]
    .flat()
    .some(({ kind, verdict }) => kind !== 'control' && verdicts.includes(verdict));
}
