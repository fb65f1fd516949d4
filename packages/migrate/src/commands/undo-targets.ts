import { MigrateError } from '../errors.ts';
import type { AppliedMigration } from '../history/types.ts';
import { isAt, isBaseline, isSynthetic, isUndo } from '../info/facts.ts';
import type { MigrationInfo, MigrationInfoList } from '../info/list.ts';
import type { ResolvedMigration } from '../resolve/types.ts';
import { compareVersions, versionParts } from '../version.ts';
import type { Run } from './run.ts';

/** A migration that can be taken back, and the file that does it. */
export interface Undoable {
  readonly row: AppliedMigration;
  readonly file: ResolvedMigration;
}

/**
 * What is to be undone, the latest applied first. Without a target one migration, of which `already` were done.
 *
 * @throws MigrateError MIGRATION_UNDO_MISSING where the first of them has no undo file, MIGRATION_TARGET_MISSING
 */
export function undoTargets(run: Run, list: MigrationInfoList, already: number): readonly Undoable[] {
  const target = targetOf(run, list);
  const standing = list
    .applied()
    .filter(isStanding)
    .toSorted((a, b) => (b.rank ?? 0) - (a.rank ?? 0));
  const wanted = target === null ? standing.slice(0, Math.max(0, 1 - already)) : untilBelow(standing, target);
  const targets: Undoable[] = [];
  for (const { applied, version } of wanted) {
    const file = run.resolution.undo.find((undo) => isAt(undo.version, version) && undo.config.shouldExecute);
    if (applied === undefined || file === undefined) {
      if (targets.length + already > 0) break;
      throw new MigrateError(
        'MIGRATION_UNDO_MISSING',
        `Unable to undo migration to version ${version} as no corresponding undo migration has been found`,
        {
          flywayCode: 'ERROR',
          file: applied?.script,
          hint: `Write ${run.settings.undoSqlMigrationPrefix}${version}${run.settings.sqlMigrationSeparator}description.sql, or migrate forward.`,
        },
      );
    }
    targets.push({ row: applied, file });
  }
  return targets;
}

/** Applied, of a script of its own, and not taken back already. */
function isStanding({ version, type, state }: MigrationInfo): boolean {
  const gone = state === 'UNDONE' || state === 'DELETED';
  return version !== null && !gone && !isSynthetic(type) && !isUndo(type) && !isBaseline(type);
}

function untilBelow(standing: readonly MigrationInfo[], target: string): readonly MigrationInfo[] {
  const end = standing.findIndex(({ version }) => version !== null && compareVersions(version, target) < 0);
  return end < 0 ? standing : standing.slice(0, end);
}

/** The words of `target` say nothing here: without a version one migration is undone. */
function targetOf({ settings, resolution }: Run, list: MigrationInfoList): string | null {
  const text = settings.target.trim();
  if (['', 'latest', 'current', 'next'].includes(text.toLowerCase())) return null;
  const version = text.replace(/\?$/, '').replaceAll('_', '.');
  const isKnown =
    versionParts(version) !== null &&
    (list.entries.some((entry) => isAt(entry.version, version)) ||
      resolution.undo.some((file) => isAt(file.version, version)));
  if (isKnown || (text.endsWith('?') && versionParts(version) !== null)) return version;
  throw new MigrateError(
    'MIGRATION_TARGET_MISSING',
    `No migration with a target version ${version} could be found. Ensure target is specified correctly and the migration exists.`,
    { flywayCode: 'ERROR', hint: 'Name the lowest version that is to be undone.' },
  );
}
