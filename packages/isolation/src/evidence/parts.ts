import type { EvidenceReport } from './types.ts';

export type { CondensedMatrix } from './access-matrix.ts';

/** A report before it is judged. */
export type EvidenceReportParts = Omit<EvidenceReport, 'verdict' | 'controls'>;
