/** Flyway's states, by the names of its enum. */
export type MigrationState =
  | 'PENDING'
  | 'ABOVE_TARGET'
  | 'BELOW_BASELINE'
  | 'BASELINE_IGNORED'
  | 'BASELINE'
  | 'IGNORED'
  | 'MISSING_SUCCESS'
  | 'MISSING_FAILED'
  | 'SUCCESS'
  | 'UNDONE'
  | 'AVAILABLE'
  | 'FAILED'
  | 'OUT_OF_ORDER'
  | 'FUTURE_SUCCESS'
  | 'FUTURE_FAILED'
  | 'OUTDATED'
  | 'SUPERSEDED'
  | 'DELETED';

/** What people see of them. */
export const displayNames: Readonly<Record<MigrationState, string>> = {
  PENDING: 'Pending',
  ABOVE_TARGET: 'Above Target',
  BELOW_BASELINE: 'Below Baseline',
  BASELINE_IGNORED: 'Ignored (Baseline)',
  BASELINE: 'Baseline',
  IGNORED: 'Ignored',
  MISSING_SUCCESS: 'Missing',
  MISSING_FAILED: 'Failed (Missing)',
  SUCCESS: 'Success',
  UNDONE: 'Undone',
  AVAILABLE: 'Available',
  FAILED: 'Failed',
  OUT_OF_ORDER: 'Out of Order',
  FUTURE_SUCCESS: 'Future',
  FUTURE_FAILED: 'Failed (Future)',
  OUTDATED: 'Outdated',
  SUPERSEDED: 'Superseded',
  DELETED: 'Deleted',
};

export function isFailed(state: MigrationState): boolean {
  return state === 'FAILED' || state === 'MISSING_FAILED' || state === 'FUTURE_FAILED';
}
