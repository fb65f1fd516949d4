import type { Evidence } from '@tenantry/contract';
import type { Output } from './output.ts';
import { printFields, type CellText } from './render.ts';
import { relativeTime } from './time.ts';

/** A report as a person sees it. */
export function printEvidence(out: Output, evidence: Evidence): void {
  if (out.quiet) {
    out.print(evidence.id);
    return;
  }
  printFields(out, [
    ['report', evidence.id],
    ['about', evidence.tenantId ?? 'the installation'],
    ['outcome', outcomeOf(evidence)],
    ['', evidence.headline],
    ['period', `${evidence.from} to ${evidence.to}`],
    ['issued', `${evidence.issuedAt} (${relativeTime(evidence.issuedAt)}) by ${evidence.issuedBy}`],
    ['chain', `${evidence.chain}, report ${evidence.sequence}`],
    ['hash', evidence.hash],
    ['key', evidence.keyId],
  ]);
}

export function outcomeOf({ outcome }: Pick<Evidence, 'outcome'>): CellText {
  const styles = { held: 'green', findings: 'red', incomplete: 'yellow' } as const;
  return { text: outcome, style: styles[outcome] };
}
