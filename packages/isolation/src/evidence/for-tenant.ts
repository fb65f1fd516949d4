import { mayOf, type AccessMatrix } from './access-matrix.ts';
import type { EvidenceInput } from './input.ts';
import { redactor } from './redact.ts';
import type { CondensedMatrix, EvidenceReportParts } from './parts.ts';
import type {
  EvidenceAttack,
  EvidenceCheck,
  EvidenceException,
  EvidenceFinding,
  EvidenceProcedure,
  EvidenceRun,
  EvidenceTenant,
} from './types.ts';

/**
 * The part of a report that is about one tenant and for that customer: its own findings and exceptions, the same attacks, and what
 * everybody shares. No other tenant's name or id, and no number that tells how many others there are.
 */
export function forTenant(
  report: EvidenceReportParts,
  input: EvidenceInput,
  id: string,
): EvidenceReportParts {
  const own = (input.tenants ?? []).find((tenant) => tenant.id === id);
  if (own === undefined) throw new TypeError('The tenant of a report must be among the tenants.');
  const redact = redactor(
    own,
    (input.tenants ?? []).filter((tenant) => tenant.id !== id),
  );
  const findings = oncePerCheck(report.findings.flatMap((finding) => findingFor(finding, own, redact)));
  const exceptions = oncePerCheck(
    report.exceptions.flatMap((exception) => exceptionFor(exception, own, redact)),
  );
  const runs = report.runs.filter(({ cell }) => cell === own.cell);
  return {
    ...report,
    issuedBy: redact(report.issuedBy),
    scope: { kind: 'tenant', tenant: own },
    population: null,
    runs: runs.map((run) => runFor(run, findings, exceptions, redact)),
    procedures: report.procedures.map((each) => procedureFor(each, redact)),
    findings,
    exceptions,
    series: report.series.filter(({ cell }) => cell === own.cell),
    accessMatrix: input.accessMatrices
      .filter(([cell]) => cell === own.cell)
      .map(([cell, matrix]) => rightsOn(cell, matrix, own.schema, redact)),
    // How many came and went is about the others, too.
    lifecycle: null,
  };
}

function isOwn(tenant: string | null, { id, schema }: EvidenceTenant): boolean {
  return tenant === id || tenant === schema;
}

const everybodys = 'the whole installation';

/** What is everybody's is named by its check alone: its subject may be somebody else. */
function findingFor(
  finding: EvidenceFinding,
  own: EvidenceTenant,
  redact: (text: string) => string,
): readonly EvidenceFinding[] {
  const { tenant, subject, message } = finding;
  if (tenant !== null && !isOwn(tenant, own)) return [];
  return [
    {
      ...finding,
      subject: tenant === null ? everybodys : redact(subject),
      message: redact(message),
      remediation: null,
    },
  ];
}

/** Of what is everybody's one of each check: how many there are may tell how many tenants there are. */
function oncePerCheck<T extends EvidenceFinding>(findings: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return findings.filter(({ tenant, check }) => {
    if (tenant !== null) return true;
    const isFirst = !seen.has(check);
    seen.add(check);
    return isFirst;
  });
}

function exceptionFor(
  exception: EvidenceException,
  own: EvidenceTenant,
  redact: (text: string) => string,
): readonly EvidenceException[] {
  const { reason, acceptedBy } = exception;
  const texts = { reason: redact(reason), acceptedBy: acceptedBy === null ? null : redact(acceptedBy) };
  return findingFor(exception, own, redact).map((finding) => Object.assign({}, exception, finding, texts));
}

function runFor(
  run: EvidenceRun,
  findings: readonly EvidenceFinding[],
  exceptions: readonly EvidenceFinding[],
  redact: (text: string) => string,
): EvidenceRun {
  return {
    ...run,
    actor: redact(run.actor),
    tenants: null,
    checks: run.checks.map((check) => checkFor(check, findings, exceptions)),
    attacks: run.attacks.map((each) => attackFor(each, redact)),
    notes: run.notes.map(redact),
  };
}

function procedureFor(procedure: EvidenceProcedure, redact: (text: string) => string): EvidenceProcedure {
  return { ...procedure, statements: procedure.statements.map(redact) };
}

function attackFor(attack: EvidenceAttack, redact: (text: string) => string): EvidenceAttack {
  return { ...attack, message: attack.message === null ? null : redact(attack.message) };
}

/** A check that failed for somebody else has passed here. */
function checkFor(
  check: EvidenceCheck,
  findings: readonly EvidenceFinding[],
  exceptions: readonly EvidenceFinding[],
): EvidenceCheck {
  const count = findings.filter((finding) => finding.check === check.id).length;
  const accepted = exceptions.filter((finding) => finding.check === check.id).length;
  return { ...check, status: count === 0 ? 'passed' : 'failed', findings: count, accepted };
}

function rightsOn(
  cell: string,
  matrix: AccessMatrix,
  own: string,
  redact: (text: string) => string,
): CondensedMatrix {
  const cells = matrix.cells.filter(({ schema }) => schema === own);
  const who = { login: 'your login', owner: 'the owner of your schema, which cannot log in' };
  return {
    cell,
    asOf: matrix.asOf,
    roles: null,
    schemas: null,
    pairs: null,
    everywhere: matrix.everywhere.map(({ role, why }) => ({ role: redact(role), why })),
    own: cells.flatMap((each) =>
      each.relation === 'other' ? [] : [{ who: who[each.relation], may: mayOf(each), tenants: 1 }],
    ),
    others: cells
      .filter(({ relation }) => relation === 'other')
      .map((each) => ({ role: redact(each.role), schema: each.schema, may: mayOf(each) })),
    othersLeftOut: 0,
  };
}
