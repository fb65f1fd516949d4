/** Kinds of evidence that a report can hold, as clauses refer to them; the titles are those of its sections. */
export const pieces = {
  population: 'Scope and population',
  audit: 'Catalog audit',
  oracle: 'Rights oracle',
  attacks: 'Attacks',
  controls: 'Positive controls',
  faults: 'Fault injection',
  findings: 'Findings',
  exceptions: 'Exceptions',
  matrix: 'Access matrix',
  lifecycle: 'Tenants that came and went',
  series: 'Series of runs',
  residual: 'Residual risks',
  chain: 'Signature and chain',
} as const;

export type Piece = keyof typeof pieces;

/** A clause, and what of it a report about the isolation of tenants can and cannot support. */
export interface Clause {
  readonly framework: string;
  readonly clause: string;
  /** What it is about, in our words. */
  readonly title: string;
  readonly rests: readonly Piece[];
  readonly shows: string;
  readonly doesNotShow: string;
}
