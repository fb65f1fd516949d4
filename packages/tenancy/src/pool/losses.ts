import { sqlStateOf, TenancyError } from '../errors.ts';
import type { CloseReason } from './metrics.ts';

/** What a statement is told that got no answer. */
export function connectionLost(reason: CloseReason | undefined, cause: Error | undefined): TenancyError {
  const text =
    reason === 'timeout'
      ? 'The connection was closed since a statement on it took too long. Whether this one took effect is not known.'
      : 'The connection to PostgreSQL was lost. Whether the statement took effect is not known; look before trying again.';
  return new TenancyError('TENANCY_CONNECTION_LOST', text, { cause });
}

/**
 * What a statement is told that was sent to a connection which could not become its tenant's. Only PostgreSQL can refuse that;
 * where its answer was lost, the statement behind may have been run.
 */
export function laneRefused(cause: Error): TenancyError {
  if (sqlStateOf(cause) === undefined) return connectionLost(undefined, cause);
  const text =
    'The connection could not become the tenant of this work, so nothing was run for it. Try again.';
  return new TenancyError('TENANCY_LANE_VIOLATION', text, { cause });
}

export function queryTimedOut(ms: number): TenancyError {
  return new TenancyError(
    'TENANCY_QUERY_TIMEOUT',
    `A statement took longer than ${ms} ms; it was cancelled and its connection closed. ` +
      'If it has to take so long, raise pool.queryTimeout.',
  );
}
