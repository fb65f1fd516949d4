import { problemsOf, type RunResult } from '../result.ts';

/** The whole run as one JSON document, which `report` reads again; `problems` is what it comes to. */
export function toJson(result: RunResult): string {
  return `${JSON.stringify({ ...result, problems: problemsOf(result) }, null, 2)}\n`;
}

/** Reads what {@link toJson} has written. Throws a SyntaxError that says what is missing. */
export function fromJson(text: string): RunResult {
  const value = JSON.parse(text) as Partial<RunResult> & { readonly problems?: unknown };
  for (const key of [
    'tool',
    'startedAt',
    'finishedAt',
    'server',
    'population',
    'checks',
    'findings',
    'attacks',
    'controls',
  ] as const) {
    if (value[key] === undefined) throw new SyntaxError(`This is no result of a run: it has no "${key}".`);
  }
  const { problems: _, ...result } = value;
  return { accepted: [], residualRisks: [], faults: null, notes: [], ...result } as RunResult;
}
