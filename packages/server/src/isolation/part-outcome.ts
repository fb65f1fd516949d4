import type { PartResult } from './record-part.ts';

/** What a part found on a cell, before it is written down. */
export type PartOutcome = Omit<PartResult, 'runId' | 'cellId' | 'part' | 'startedAt' | 'finishedAt'>;
