import type { StoredRun } from './input.ts';
import type { EvidenceProcedure, EvidenceRun } from './types.ts';

/** A run as the report has it: without the SQL of the checks, which is the program's, and without what is a procedure's. */
export function runOf({ id, cell, kind, trigger, actor, result }: StoredRun): EvidenceRun {
  return {
    id,
    cell,
    kind,
    trigger,
    actor,
    startedAt: result.startedAt,
    finishedAt: result.finishedAt,
    tool: `${result.tool.name} ${result.tool.version}`,
    server: result.server,
    tenants: result.checks.length === 0 ? null : result.population.tenants,
    checks: result.checks.map(({ check, status, findings, accepted }) => ({
      id: check.id,
      title: check.title,
      family: check.family,
      severity: check.severity,
      proves: check.proves,
      controls: check.controls,
      status,
      findings,
      accepted,
    })),
    attacks: result.attacks.map(({ attack, target, kind: way, verdict, state, message }) => ({
      attack,
      target,
      kind: way,
      verdict,
      state,
      message,
    })),
    positiveControls: result.controls,
    faults: result.faults,
    notes: result.notes,
  };
}

/** Every attack that was tried, once. */
export function proceduresOf(runs: readonly StoredRun[]): readonly EvidenceProcedure[] {
  const found = new Map<string, EvidenceProcedure>();
  for (const { result } of runs)
    for (const { attack, family, level, title, expected, residual, steps } of result.attacks)
      if (!found.has(attack))
        found.set(attack, { id: attack, family, level, title, expected, residual, statements: steps });
  return [...found.values()];
}
