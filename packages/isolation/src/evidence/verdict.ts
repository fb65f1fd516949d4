import { severities, type Severity } from '../finding.ts';
import type { EvidenceReportParts } from './parts.ts';
import type { EvidenceVerdict } from './types.ts';

const meaning: Readonly<Record<Severity, string>> = {
  critical: 'A critical finding lets one tenant reach another now',
  high: 'A high finding lets one tenant reach another after one more step',
  medium: 'A medium finding weakens what holds',
  low: 'A low finding weakens what holds a little',
};

/** What a report comes to. It never says more than what was looked at: whatever is missing makes it incomplete. */
export function verdictOf(report: EvidenceReportParts, at: string): EvidenceVerdict {
  const missing = missingOf(report, at);
  const { findings } = report;
  const subject = report.scope.kind === 'tenant' ? 'your tenant' : 'the tenants';
  if (findings.length > 0) {
    const worst = severities.find((severity) => findings.some((each) => each.severity === severity))!;
    const count =
      findings.length === 1 ? 'One finding is open' : `${number(findings.length)} findings are open`;
    return {
      outcome: 'findings',
      headline: `${count}; the worst is ${worst}.`,
      sentences: [`${meaning[worst]}.`, ...sentencesOf(report)],
      missing,
    };
  }
  if (missing.length > 0)
    return {
      outcome: 'incomplete',
      headline: `Nothing was found against the separation of ${subject}, but the evidence is not complete.`,
      sentences: sentencesOf(report),
      missing,
    };
  return {
    outcome: 'held',
    headline:
      report.scope.kind === 'tenant'
        ? 'In what was verified, the separation of your tenant from all others held.'
        : 'In what was verified, the separation of the tenants held.',
    sentences: sentencesOf(report),
    missing,
  };
}

function sentencesOf(report: EvidenceReportParts): readonly string[] {
  const { population, runs, exceptions } = report;
  const attacks = runs
    .flatMap((run) => run.attacks)
    .filter(({ kind, verdict }) => kind !== 'control' && verdict !== 'skipped');
  const held = attacks.filter(({ verdict }) => verdict === 'held').length;
  const residual = attacks.filter(({ verdict }) => verdict === 'residual').length;
  const checks = runs.flatMap((run) => run.checks);
  const controls = runs.flatMap((run) => run.positiveControls);
  const faults = runs.flatMap((run) => (run.faults === null ? [] : [run.faults]));
  const total = faults.reduce((sum, each) => sum + each.total, 0);
  const found = faults.reduce((sum, each) => sum + each.found, 0);
  return [
    ...(population === null ? [] : [populationSentence(population)]),
    ...(checks.length === 0
      ? []
      : [
          `${number(checks.length)} checks of the catalogs and the rights were run; ${number(checks.filter(({ status }) => status === 'passed').length)} found nothing.`,
        ]),
    ...(attacks.length === 0
      ? []
      : [
          `${number(attacks.length)} attacks were tried; ${number(held)} were refused as they must be${
            residual === 0
              ? ''
              : `, and ${number(residual)} showed what every shared database shows (residual risks)`
          }.`,
        ]),
    ...(controls.length === 0
      ? []
      : [
          `The same attacks succeeded ${number(totalOf(controls, 'hit'))} of ${number(totalOf(controls, 'expected'))} times on designs where they must succeed, so refusals mean something.`,
        ]),
    ...(total === 0
      ? []
      : [
          `${number(found)} of ${number(total)} weaknesses that were put into a copy on purpose were noticed.`,
        ]),
    exceptions.length === 0
      ? 'There are no accepted exceptions.'
      : `${number(exceptions.length)} ${exceptions.length === 1 ? 'exception is' : 'exceptions are'} accepted, with reason and approver.`,
  ];
}

function populationSentence({
  registered,
  found,
  reconciled,
}: NonNullable<EvidenceReportParts['population']>): string {
  if (found === null)
    return `The registry has ${number(registered)} tenants; no run has counted them in the databases.`;
  return reconciled
    ? `All ${number(registered)} tenants of the registry were found in the databases, and no other.`
    : `The registry has ${number(registered)} tenants, the databases ${number(found)}: that does not agree.`;
}

/** What a reader may not take for granted. */
function missingOf(report: EvidenceReportParts, at: string): readonly string[] {
  const { runs, population, series, exceptions } = report;
  const has = (what: (run: EvidenceReportParts['runs'][number]) => readonly unknown[]): boolean =>
    runs.some((run) => what(run).length > 0);
  const skipped = runs
    .flatMap((run) => run.attacks)
    .filter(({ kind, verdict }) => kind !== 'control' && verdict === 'unexpected');
  const gaps = series.flatMap((each) => each.gaps);
  const endless = exceptions.filter(({ until }) => until === null).length;
  const over = exceptions.filter(({ until }) => until !== null && until <= at).length;
  const missed = runs.flatMap(({ faults }) => faults?.missed ?? []).length;
  return [
    ...(has(({ checks }) => checks) ? [] : ['No run has read the catalogs in the period.']),
    ...(has(({ attacks }) => attacks) ? [] : ['No attack was run in the period.']),
    ...(has(({ positiveControls }) => positiveControls) || !has(({ attacks }) => attacks)
      ? []
      : ['No positive control was run: that attacks were refused is not yet proof that they were right.']),
    ...(runs.some(({ faults }) => faults !== null)
      ? []
      : ['No fault injection was run in the period: how much the checks would notice is not shown.']),
    ...(missed === 0
      ? []
      : [`${number(missed)} injected ${missed === 1 ? 'fault was' : 'faults were'} not noticed.`]),
    ...(skipped.length === 0
      ? []
      : [
          `${number(skipped.length)} ${skipped.length === 1 ? 'attack was' : 'attacks were'} answered in a way that nobody expected.`,
        ]),
    ...(population === null || population.reconciled ? [] : population.differences),
    ...(gaps.length === 0
      ? []
      : [`The series of runs has ${number(gaps.length)} ${gaps.length === 1 ? 'gap' : 'gaps'}.`]),
    ...(endless === 0
      ? []
      : [`${number(endless)} ${endless === 1 ? 'exception has' : 'exceptions have'} no end.`]),
    ...(over === 0
      ? []
      : [`${number(over)} ${over === 1 ? 'exception is' : 'exceptions are'} past the end.`]),
    ...runs.flatMap(({ notes }) => notes),
  ];
}

function totalOf<K extends string>(all: readonly Readonly<Record<K, number>>[], key: K): number {
  return all.reduce((total, each) => total + each[key], 0);
}

function number(n: number): string {
  return n.toLocaleString('en');
}
