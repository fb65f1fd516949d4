import type { FaultSummary } from '../result.ts';
import type { FaultResult } from './inject.ts';

/** The score of a run, for its report. */
export function summariseFaults(results: readonly FaultResult[]): FaultSummary {
  const tried = results.filter(({ status }) => status !== 'skipped');
  const found = tried.filter(({ status }) => status === 'found');
  const named = ({ fault: { id, title } }: FaultResult) => ({ id, title });
  return {
    total: tried.length,
    found: found.length,
    foundByOracle: found.filter(({ oracle }) => oracle).length,
    missed: tried.filter(({ status }) => status === 'missed').map(named),
    skipped: results
      .filter(({ status }) => status === 'skipped')
      .map(({ fault: { id, title }, reason }) => ({ id, title, reason: reason ?? '' })),
  };
}
