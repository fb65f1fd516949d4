import type { AppliedMigration } from '../history/types.ts';
import type { Resolution, ResolvedMigration } from '../resolve/types.ts';
import { canonicalVersion, compareVersions } from '../version.ts';
import { currentName, isBaseline, isSynthetic, isUndo } from './row-type.ts';
import { counts, readRows } from './rows.ts';
import type { Row } from './rows.ts';

export { isBaseline, isSynthetic, isUndo } from './row-type.ts';

/** What every state depends on. */
export interface Facts {
  readonly rows: readonly Row[];
  /** Highest version among the files. */
  readonly lastResolved: string | null;
  /** Highest version applied, but for what was deleted or undone. */
  readonly lastApplied: string | null;
  /** Versions below it are not run: that of the history, or of the files where nothing is applied. */
  readonly baseline: string | null;
  /** Of the history alone. */
  readonly appliedBaseline: string | null;
  /** Rank of the latest run of each repeatable, also where that was deleted since. */
  readonly latestRun: ReadonlyMap<string, number>;
  /** The file that a row was made of: by version and type, a repeatable by its description. */
  fileOf(applied: AppliedMigration): ResolvedMigration | undefined;
  /** The undo file of a version. */
  undoOf(version: string): ResolvedMigration | undefined;
}

/** Looks at files and history once. */
export function readFacts({ migrations, undo }: Resolution, applied: readonly AppliedMigration[]): Facts {
  const rows = readRows(applied);
  const lastApplied = highest(rows.filter(counts).map((row) => row.applied.version));
  const appliedBaseline = highest(
    applied.filter(({ type }) => isBaseline(type)).map(({ version }) => version),
  );
  const baselineFiles = migrations.filter(({ kind, config }) => kind === 'baseline' && config.shouldExecute);
  const files = new Map(migrations.map((file) => [keyOf(file), file]));
  const undoFiles = new Map(
    undo.flatMap((file) => (file.version === null ? [] : [[canonicalVersion(file.version), file] as const])),
  );
  return {
    rows,
    lastResolved: highest(migrations.map(({ version }) => version)),
    lastApplied,
    baseline: lastApplied === null ? highest(baselineFiles.map(({ version }) => version)) : appliedBaseline,
    appliedBaseline,
    latestRun: latestRuns(rows),
    fileOf: (row) => (isSynthetic(row.type) || isUndo(row.type) ? undefined : files.get(keyOf(row))),
    undoOf: (version) => undoFiles.get(canonicalVersion(version)),
  };
}

function keyOf({
  version,
  type,
  description,
}: Pick<AppliedMigration, 'version' | 'type' | 'description'>): string {
  return version === null ? `repeatable ${description}` : `${currentName(type)} ${canonicalVersion(version)}`;
}

function latestRuns(rows: readonly Row[]): ReadonlyMap<string, number> {
  return new Map(
    rows
      .filter(({ applied }) => applied.version === null && !isSynthetic(applied.type))
      .map(({ applied }) => [applied.description, applied.installedRank]),
  );
}

export function highest(versions: readonly (string | null)[]): string | null {
  return versions.reduce(
    (best, version) =>
      version !== null && (best === null || compareVersions(version, best) > 0) ? version : best,
    null,
  );
}

/** Versions compared where both are there. */
export function isBelow(version: string | null, limit: string | null): boolean {
  return version !== null && limit !== null && compareVersions(version, limit) < 0;
}

export function isAt(version: string | null, other: string | null): boolean {
  return version !== null && other !== null && compareVersions(version, other) === 0;
}

/** An absent checksum agrees with anything; the raw text's does, too. */
export function checksumMatches(resolved: ResolvedMigration, applied: AppliedMigration): boolean {
  return (
    applied.checksum === null ||
    applied.checksum === resolved.checksum ||
    applied.checksum === resolved.equivalentChecksum
  );
}
