import { residualRisks } from '../attacks/index.ts';
import { condenseMatrix } from './access-matrix.ts';
import { clean } from './canonical.ts';
import { evidenceByControl, type Piece } from './controls/index.ts';
import { exceptionsOf, findingsOf } from './findings.ts';
import { forTenant } from './for-tenant.ts';
import type { EvidenceInput } from './input.ts';
import { populationOf } from './population.ts';
import { proceduresOf, runOf } from './runs.ts';
import { seriesOf } from './series.ts';
import { evidenceFormat, type EvidenceReport } from './types.ts';
import { verdictOf } from './verdict.ts';

/**
 * Makes the report, not yet signed. The same input gives the same report. Throws a TypeError when the tenant that it is for is not
 * among the tenants.
 *
 * @example
 * const signed = sealReport(buildReport(input), key);
 */
export function buildReport(input: EvidenceInput): EvidenceReport {
  const { tenant, tenants } = input;
  const population = tenants === null ? null : populationOf(tenants, input.runs, input.counted);
  const report: Omit<EvidenceReport, 'verdict' | 'controls'> = {
    format: evidenceFormat,
    id: input.id,
    issuedAt: input.issuedAt,
    issuedBy: input.issuedBy,
    issuer: {
      software: input.software.name,
      version: input.software.version,
      installation: input.installation,
    },
    keyId: input.keyId,
    chain: input.chain,
    scope: { kind: 'installation' },
    period: input.period,
    population,
    runs: input.runs.map(runOf),
    procedures: proceduresOf(input.runs),
    findings: findingsOf(input),
    exceptions: exceptionsOf(input),
    series:
      input.series === undefined
        ? []
        : seriesOf(input.series.runs, input.series.schedules, input.series.cells, input.period),
    accessMatrix: input.accessMatrices.map(([cell, matrix]) => condenseMatrix(cell, matrix)),
    lifecycle: input.lifecycle,
    residualRisks,
  };
  const scoped = tenant === null ? report : forTenant(report, input, tenant);
  return clean({
    ...scoped,
    verdict: verdictOf(scoped, input.issuedAt),
    controls: evidenceByControl(presentIn(scoped)),
  });
}

/** What a report holds this time. */
function presentIn(report: Omit<EvidenceReport, 'verdict' | 'controls'>): ReadonlySet<Piece> {
  const { runs } = report;
  const oracle = runs.some(({ checks }) => checks.some(({ family }) => family === 'oracle'));
  const audit = runs.some(({ checks }) => checks.some(({ family }) => family !== 'oracle'));
  const attacked = runs.some(({ attacks }) => attacks.some(({ kind }) => kind !== 'control'));
  const present: Readonly<Record<Piece, boolean>> = {
    population: report.population !== null || report.scope.kind === 'tenant',
    audit,
    oracle,
    attacks: attacked,
    controls: runs.some(({ positiveControls }) => positiveControls.length > 0),
    faults: runs.some(({ faults }) => faults !== null),
    findings: audit || attacked,
    exceptions: audit,
    matrix: report.accessMatrix.length > 0,
    lifecycle: report.lifecycle !== null,
    series: report.series.some(({ runs: done }) => done > 0),
    residual: report.residualRisks.length > 0,
    chain: true,
  };
  return new Set((Object.keys(present) as Piece[]).filter((piece) => present[piece]));
}
