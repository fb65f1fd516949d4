import type { Finding } from '../finding.ts';
import { attackMatrix } from './matrix.ts';
import { countBySeverity, problemsOf, type RunResult } from '../result.ts';
import { columns, count, duration, oneLine, wrap } from './text.ts';

export interface TableOptions {
  /** Columns of the terminal. Default 100. */
  readonly width?: number;
  /** Every attack has its own line, and every problem is shown. Default: what fits one screen. */
  readonly all?: boolean;
}

/** More kinds of problems than these are for the other formats. */
const shownProblems = 6;

/** A run for a person: what was looked at, what came of it, and what to do now. Fits one screen unless `all` is asked for. */
export function toTable(result: RunResult, { width = 100, all = false }: TableOptions = {}): string {
  const parts = [
    heading(result),
    checkLines(result),
    attackMatrix(result.attacks, all),
    controlLines(result),
    faultLines(result),
    problemLines(result, width, all),
    residualLine(result, width),
    result.notes.map((note) => oneLine(`Note: ${note}`, all ? Number.POSITIVE_INFINITY : width)),
    [verdictLine(result)],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function heading({ server, population, startedAt, finishedAt }: RunResult): readonly string[] {
  const took = duration(Date.parse(finishedAt) - Date.parse(startedAt));
  const registered =
    population.registered === null ? '' : ` (${population.registered.toLocaleString('en')} in the registry)`;
  return [
    `Isolation of ${server.database} ${server.version === '' ? '' : `· PostgreSQL ${server.version} `}· ${count(population.tenants, 'tenant')}${registered} · ${startedAt} · ${took}`,
  ];
}

/** Families in which something was found or accepted, and how much was looked at besides. */
function checkLines({ checks }: RunResult): readonly string[] {
  if (checks.length === 0) return [];
  const families = [...new Set(checks.map(({ check }) => check.family))];
  const rows = families.map((family) => {
    const own = checks.filter(({ check }) => check.family === family);
    const total = (of: 'findings' | 'accepted'): number => own.reduce((sum, each) => sum + each[of], 0);
    return { family, checks: own.length, findings: total('findings'), accepted: total('accepted') };
  });
  const shown = rows.filter(({ findings, accepted }) => findings + accepted > 0);
  const quiet = rows.filter((row) => !shown.includes(row));
  const number = (n: number): string => (n === 0 ? '–' : n.toLocaleString('en'));
  const silent = quiet.reduce((sum, row) => sum + row.checks, 0);
  return [
    ...(shown.length === 0
      ? []
      : columns([
          ['catalogs', 'checks', 'findings', 'accepted'],
          ...shown.map((row) => [row.family, String(row.checks), number(row.findings), number(row.accepted)]),
        ])),
    ...(quiet.length === 0
      ? []
      : [
          `Catalogs: ${count(silent, 'check')} in ${quiet.length} ${quiet.length === 1 ? 'family' : 'families'} found nothing.`,
        ]),
  ];
}

function controlLines({ controls }: RunResult): readonly string[] {
  return controls.map(({ control, expected, hit, missed, ok }) =>
    ok
      ? `Control "${control}": ${hit} of ${expected} attacks that have to succeed did, so the statements are right.`
      : `Control "${control}": only ${hit} of ${expected} attacks that have to succeed did; not ${missed.slice(0, 5).join(', ')}${missed.length > 5 ? ', …' : ''}`,
  );
}

function faultLines({ faults }: RunResult): readonly string[] {
  if (faults === null) return [];
  const { found, total, foundByOracle, missed, skipped } = faults;
  const oracle = foundByOracle === null ? '' : `, ${foundByOracle} by the rights oracle too`;
  const left = skipped.length === 0 ? '' : `; ${skipped.length} could not be put in here`;
  return [
    `Fault injection: ${found} of ${total} found${oracle}${left}.`,
    ...missed.slice(0, shownProblems).map(({ id, title }) => `  not found: ${id}, ${title}`),
  ];
}

function problemLines(result: RunResult, width: number, all: boolean): readonly string[] {
  const problems = problemsOf(result);
  return all
    ? problems.flatMap((problem) => problemText(problem, 1, Number.POSITIVE_INFINITY))
    : shortList(problems, width);
}

/** The worst of each check: a thousand findings of one kind have one cause. */
function shortList(problems: readonly Finding[], width: number): readonly string[] {
  const kinds = [...new Set(problems.map(({ check }) => check))];
  const lines = kinds.slice(0, shownProblems).flatMap((kind) => {
    const own = problems.filter(({ check }) => check === kind);
    return problemText(own[0]!, own.length, width);
  });
  if (problems.length === 0) return [];
  const more = kinds.length - shownProblems;
  return [
    ...lines,
    `${more > 0 ? `… and of ${count(more, 'more kind')}. ` : ''}All of them: --all, or --format json.`,
  ];
}

function problemText(
  { severity, check, message, subject, remediation }: Finding,
  n: number,
  width: number,
): readonly string[] {
  const like = n > 1 ? ` (and ${(n - 1).toLocaleString('en')} more)` : '';
  return [
    `${severity.toUpperCase().padEnd(8)} ${check}${like}`,
    `  ${oneLine(message, width - 2)}`,
    ...(width === Number.POSITIVE_INFINITY ? [`  ${oneLine(subject, width)}`] : []),
    ...(remediation === null ? [] : [`  ${oneLine(remediation, width - 2)}`]),
  ];
}

function residualLine({ attacks, residualRisks }: RunResult, width: number): readonly string[] {
  const seen = new Set(
    attacks.flatMap(({ verdict, residual }) =>
      verdict === 'residual' && residual !== null ? [residual] : [],
    ),
  );
  const stated = residualRisks.filter(({ id }) => seen.has(id));
  if (stated.length === 0) return [];
  return wrap(
    `Residual, of every database that tenants share: ${stated.map(({ title }) => title.toLowerCase()).join('; ')}.`,
    width,
  );
}

function verdictLine(result: RunResult): string {
  const problems = problemsOf(result);
  const attacks = result.attacks.filter(
    ({ kind, verdict: was }) => kind !== 'control' && was !== 'skipped',
  ).length;
  const done = [
    ...(result.checks.length === 0 ? [] : [count(result.checks.length, 'check')]),
    ...(attacks === 0 ? [] : [count(attacks, 'attack')]),
    ...(result.faults === null ? [] : [count(result.faults.total, 'fault')]),
  ].join(', ');
  if (problems.length === 0) return `PASSED: ${done}, no finding.`;
  const by = countBySeverity(problems).flatMap(([severity, n]) => (n === 0 ? [] : [`${n} ${severity}`]));
  return `FAILED: ${done}, ${count(problems.length, 'finding')} (${by.join(', ')}).`;
}
