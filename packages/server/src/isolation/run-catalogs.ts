import type { Cell } from '../db/cells/registry.ts';
import type { StepContext } from '../operations/definition.ts';
import { lookAtCell } from './look.ts';
import { fingerprintOfServer } from './server.ts';
import type { PartOutcome } from './part-outcome.ts';

/** The catalog audit, or the rights oracle, of one cell. */
export async function runCatalogs(
  { ctx, signal }: StepContext,
  cell: Cell,
  part: 'audit' | 'oracle',
): Promise<PartOutcome> {
  const server = await fingerprintOfServer(cell);
  const looked = await lookAtCell(ctx.control.db, cell, part, signal);
  const asked = new Set(looked.checks.map(({ check }) => check));
  return {
    server,
    findings: looked.findings,
    covers: ({ check }) => asked.has(check) && !looked.cut.has(check),
    tenants: looked.tenants,
    notes: looked.notes,
    attacks: null,
    faults: null,
    detail: { checks: looked.checks },
  };
}
