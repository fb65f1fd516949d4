import type { QueryClient } from '@tanstack/react-query';
import type { EndpointName } from '@tenantry/contract';
import { staleOn } from '../../lib/live/patches.ts';

/** What a run, an acceptance or a reopening changes. */
const reads = [
  'getIsolation',
  'listIsolationChecks',
  'getIsolationCheck',
  'listFindings',
  'getFinding',
  'listIsolationRuns',
  'getIsolationRun',
] as const satisfies readonly EndpointName[];

/** Reads again what the isolation screens show. */
export async function reloadIsolation(queries: QueryClient): Promise<void> {
  await Promise.all(reads.map((name) => queries.invalidateQueries({ queryKey: [name] })));
}

staleOn('isolation', reads);
