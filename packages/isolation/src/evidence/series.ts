import type { EvidenceSeries } from './types.ts';

/** A run as the series needs it. */
export interface RunRecord {
  readonly cell: string;
  readonly kind: string;
  readonly finishedAt: string;
  /** False where it could not be run to its end. */
  readonly ok: boolean;
}

/** How often a kind of run is due; null where it is run on demand. */
export interface Schedule {
  readonly kind: string;
  readonly everySeconds: number | null;
}

/** A cell, and since when runs on it have been due. */
export interface SeriesCell {
  readonly cell: string;
  readonly since: string | null;
}

/** Twice the interval: a run that is a little late is no gap. */
const tolerance = 2;

/**
 * The runs of each kind and cell in a row, with the times in which one was due and none was finished. Also at both ends: a series that
 * stops is a gap until the end of the period.
 */
export function seriesOf(
  runs: readonly RunRecord[],
  schedules: readonly Schedule[],
  cells: readonly SeriesCell[],
  period: { readonly from: string; readonly to: string },
): readonly EvidenceSeries[] {
  return cells.flatMap(({ cell, since }) =>
    schedules.map(({ kind, everySeconds }) => {
      const own = runs
        .filter((run) => run.cell === cell && run.kind === kind)
        .filter(({ finishedAt }) => finishedAt >= period.from && finishedAt <= period.to)
        .toSorted((a, b) => (a.finishedAt < b.finishedAt ? -1 : 1));
      const done = own.filter(({ ok }) => ok).map(({ finishedAt }) => finishedAt);
      const start = since !== null && since > period.from ? since : period.from;
      return {
        cell,
        kind,
        everySeconds,
        runs: done.length,
        failed: own.length - done.length,
        first: done[0] ?? null,
        last: done.at(-1) ?? null,
        longestIntervalSeconds:
          done.length < 2 ? null : Math.max(...intervals(done).map(({ seconds }) => seconds)),
        gaps:
          everySeconds === null
            ? []
            : gapsOf([start, ...done.filter((at) => at > start), period.to], everySeconds),
        days: daysOf(done),
      };
    }),
  );
}

function gapsOf(marks: readonly string[], everySeconds: number): EvidenceSeries['gaps'] {
  return intervals(marks).filter(({ seconds }) => seconds > everySeconds * tolerance);
}

function intervals(marks: readonly string[]): EvidenceSeries['gaps'] {
  return marks.slice(1).map((to, at) => ({
    from: marks[at]!,
    to,
    seconds: Math.round((Date.parse(to) - Date.parse(marks[at]!)) / 1000),
  }));
}

function daysOf(done: readonly string[]): readonly (readonly [string, number])[] {
  const days = new Map<string, number>();
  for (const at of done) days.set(at.slice(0, 10), (days.get(at.slice(0, 10)) ?? 0) + 1);
  return [...days];
}
