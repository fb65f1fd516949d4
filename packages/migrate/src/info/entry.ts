import type { ResolvedMigration } from '../resolve/types.ts';
import type { Facts } from './facts.ts';
import { currentName, isBaseline, isSynthetic, isUndo } from './row-type.ts';
import type { Row } from './rows.ts';
import { displayNames, isFailed } from './state.ts';
import type { MigrationState } from './state.ts';
import type { MigrationInfo } from './types.ts';

/** The line of a row. */
export function entryOfRow(
  { applied }: Row,
  file: ResolvedMigration | undefined,
  state: MigrationState,
  facts: Facts,
): MigrationInfo {
  const { version, description, script, checksum, installedRank, installedOn, installedBy, executionTime } =
    applied;
  const type = currentName(applied.type);
  return {
    version,
    description,
    type,
    script,
    checksum,
    ...aboutState(state),
    ...aboutUndo(version, type, state, facts),
    category: categoryOf(version, type),
    rank: installedRank,
    installedOn,
    installedBy,
    executionTime,
    applied,
    ...(file === undefined ? {} : { resolved: file }),
  };
}

/** The line of a file that is not applied. */
export function entryOfFile(file: ResolvedMigration, state: MigrationState, facts: Facts): MigrationInfo {
  const { version, description, type, script, checksum } = file;
  return {
    version,
    description,
    type,
    script,
    checksum,
    ...aboutState(state),
    ...aboutUndo(version, type, state, facts),
    category: categoryOf(version, type),
    resolved: file,
  };
}

function aboutState(state: MigrationState): Pick<MigrationInfo, 'state' | 'display'> {
  return { state, display: displayNames[state] };
}

function categoryOf(version: string | null, type: string): string {
  if (isSynthetic(type)) return '';
  if (version === null) return 'Repeatable';
  if (isUndo(type)) return 'Undo';
  return isBaseline(type) ? 'Baseline' : 'Versioned';
}

/** Of everything with a version Flyway says whether it can be undone, and no longer where it was. */
function aboutUndo(
  version: string | null,
  type: string,
  state: MigrationState,
  facts: Facts,
): Pick<MigrationInfo, 'undoable' | 'undo'> {
  const gone = state === 'UNDONE' || state === 'DELETED';
  if (version === null || type === 'DELETE' || isUndo(type) || gone) return { undoable: null };
  const undo = isBaseline(type) || isFailed(state) ? undefined : facts.undoOf(version);
  return undo === undefined ? { undoable: false } : { undoable: true, undo };
}
