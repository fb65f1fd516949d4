import type { ResolvedMigration } from '../resolve/types.ts';
import { checksumMatches, isAt, isBelow } from './facts.ts';
import type { Facts } from './facts.ts';
import { isBaseline, isUndo } from './row-type.ts';
import type { Row } from './rows.ts';
import type { MigrationState } from './state.ts';

/** The state of a row of the history, and of its file where it is there. */
export function stateOfRow(row: Row, file: ResolvedMigration | undefined, facts: Facts): MigrationState {
  const { applied, fate, outOfOrder } = row;
  const { version, type, success } = applied;
  if (fate === 'undone') return 'UNDONE';
  if (fate === 'deleted') return 'DELETED';
  if (type === 'DELETE' || type === 'SCHEMA') return 'SUCCESS';
  if (isUndo(type)) return success ? 'SUCCESS' : 'FAILED';
  if (type === 'BASELINE') return 'BASELINE';
  // Of a repeatable only the latest run is compared with its file.
  if (!isLatest(row, facts)) return success ? 'SUPERSEDED' : 'FAILED';
  if (file === undefined) return withoutFile(row, facts);
  if (!success) return 'FAILED';
  if (isBaseline(type)) return 'BASELINE';
  if (version === null) return checksumMatches(file, applied) ? 'SUCCESS' : 'OUTDATED';
  return outOfOrder ? 'OUT_OF_ORDER' : 'SUCCESS';
}

function isLatest({ applied }: Row, { latestRun }: Facts): boolean {
  return applied.version !== null || latestRun.get(applied.description) === applied.installedRank;
}

function withoutFile({ applied: { version, success } }: Row, { lastResolved }: Facts): MigrationState {
  const missing = version === null || isBelow(version, lastResolved);
  if (missing) return success ? 'MISSING_SUCCESS' : 'MISSING_FAILED';
  return success ? 'FUTURE_SUCCESS' : 'FUTURE_FAILED';
}

/** True where nothing has to be run of the file. */
export function isDone(row: Row, file: ResolvedMigration, facts: Facts): boolean {
  if (row.fate !== null) return false;
  return row.applied.version !== null || (isLatest(row, facts) && checksumMatches(file, row.applied));
}

/**
 * The state of a file that is not applied.
 *
 * @param target the version up to which files are run; null where there is no limit
 */
export function stateOfFile(
  { version, kind, config }: ResolvedMigration,
  { baseline, lastApplied, appliedBaseline }: Facts,
  target: string | null,
  outOfOrder: boolean,
): MigrationState {
  if (!config.shouldExecute) return 'IGNORED';
  if (version === null) return 'PENDING';
  const untouched = lastApplied === null && appliedBaseline === null;
  if (isBelow(version, baseline)) return 'BELOW_BASELINE';
  if (isAt(version, baseline)) return kind === 'baseline' && untouched ? 'PENDING' : 'BASELINE_IGNORED';
  if (isBelow(target, version)) return 'ABOVE_TARGET';
  if (isBelow(version, lastApplied) && !outOfOrder) return 'IGNORED';
  // Nobody puts a baseline over what stands.
  return kind === 'baseline' && !untouched ? 'IGNORED' : 'PENDING';
}
