import type { IsolationPart } from '@tenantry/contract';

/** What a run is about, as its operation keeps it. */
export interface RunInput {
  readonly run: string;
  readonly parts: readonly IsolationPart[];
  readonly cells: readonly string[];
}
