import { MigrateError } from '../errors.ts';
import type { AppliedMigration } from '../history/types.ts';
import { compareVersions } from '../version.ts';
import { isSynthetic, isUndo } from './row-type.ts';

/** A row of the history with what other rows say of it. */
export interface Row {
  readonly applied: AppliedMigration;
  /** A later undo, or a later DELETE marker, is about it. */
  readonly fate: 'undone' | 'deleted' | null;
  /** An earlier row that counts has the same or a higher version. */
  readonly outOfOrder: boolean;
}

/**
 * Reads a history, by rank.
 *
 * @throws MigrateError MIGRATION_HISTORY_UNREADABLE where two DELETE markers are about one row
 */
export function readRows(applied: readonly AppliedMigration[]): readonly Row[] {
  const fated: Fated[] = [];
  for (const row of applied.toSorted((a, b) => a.installedRank - b.installedRank)) {
    if (row.success && row.type === 'DELETE') markDeleted(fated, row);
    if (row.success && isUndo(row.type)) markUndone(fated, row);
    fated.push({ applied: row, fate: null });
  }
  return withOrder(fated);
}

/** True for a row that makes its version one of the schema's. */
export function counts({ applied: { version, type }, fate }: Omit<Row, 'outOfOrder'>): boolean {
  return version !== null && fate === null && type !== 'DELETE' && !isUndo(type);
}

interface Fated {
  readonly applied: AppliedMigration;
  fate: Row['fate'];
}

function markDeleted(rows: readonly Fated[], marker: AppliedMigration): void {
  const row = rows.findLast(
    ({ applied }) => !isSynthetic(applied.type) && !isUndo(applied.type) && isSame(applied, marker),
  );
  if (row?.fate === 'deleted' && marker.version !== null) {
    throw new MigrateError(
      'MIGRATION_HISTORY_UNREADABLE',
      `Corrupted schema history: multiple delete entries for version ${marker.version}`,
      {
        flywayCode: 'DUPLICATE_DELETED_MIGRATION',
        hint: `Delete the row of type DELETE with rank ${marker.installedRank} from the history.`,
      },
    );
  }
  if (row?.fate === null) row.fate = 'deleted';
}

function markUndone(rows: readonly Fated[], undo: AppliedMigration): void {
  const row = rows.findLast((each) => counts(each) && isSame(each.applied, undo));
  if (row !== undefined) row.fate = 'undone';
}

function isSame(a: AppliedMigration, b: AppliedMigration): boolean {
  if (a.version === null || b.version === null)
    return a.version === b.version && a.description === b.description;
  return compareVersions(a.version, b.version) === 0;
}

function withOrder(rows: readonly Fated[]): readonly Row[] {
  let last: string | null = null;
  return rows.map((row) => {
    const { version, type } = row.applied;
    if (version === null || type === 'DELETE' || isUndo(type)) return { ...row, outOfOrder: false };
    const outOfOrder: boolean = last !== null && compareVersions(version, last) <= 0;
    if (counts(row) && !outOfOrder) last = version;
    return { ...row, outOfOrder };
  });
}
