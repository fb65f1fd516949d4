import type { Finding } from '@tenantry/contract';
import type { EventInput } from '../db/emit.ts';

/** What watchers are told when somebody has decided about a finding. */
export function findingEvent(finding: Finding): EventInput {
  return { type: `finding.${finding.state}`, topics: ['isolation'], data: { finding } };
}
