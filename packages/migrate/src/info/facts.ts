import type { AppliedMigration } from '../history/types.ts';
import type { Resolution, ResolvedMigration } from '../resolve/types.ts';
import type { MigrateSettings } from '../settings.ts';
import { compareVersions } from '../version.ts';

/** A row of the history with what later rows say of it. */
export interface Row {
  readonly applied: AppliedMigration;
  /** A later undo, or a later DELETE marker, is about it. */
  readonly fate: 'undone' | 'deleted' | null;
  /** An earlier row that counts has a higher version. */
  readonly outOfOrder: boolean;
}

/** What every state depends on. */
export interface Facts {
  readonly rows: readonly Row[];
  /** Highest version among the files. */
  readonly lastResolved: string | null;
  /** Highest version applied, but for what was deleted or undone. */
  readonly lastApplied: string | null;
  /** Highest baseline of the history, or of the files where nothing is applied yet. */
  readonly baseline: string | null;
  /** Of the history alone. */
  readonly appliedBaseline: string | null;
  /** True where the history has nothing but the marker of the schema's creation. */
  readonly fresh: boolean;
  /** Rank of the latest run of each repeatable, also where that was deleted since. */
  readonly latestRun: ReadonlyMap<string, number>;
  readonly outOfOrder: boolean;
}

export function isUndo(type: string): boolean {
  return type.startsWith('UNDO_');
}

export function isBaseline(type: string): boolean {
  return type === 'BASELINE' || type.endsWith('_BASELINE') || type.endsWith('STATE_SCRIPT');
}

/** Rows that stand for no script. */
export function isSynthetic(type: string): boolean {
  return type === 'SCHEMA' || type === 'BASELINE' || type === 'DELETE';
}

/** Reads a history once, in the order of its ranks. */
export function readFacts(
  { migrations }: Resolution,
  applied: readonly AppliedMigration[],
  settings: MigrateSettings,
): Facts {
  const rows = inOrder(withFates(applied));
  const counting = rows.filter(
    ({ applied: { version, type }, fate }) =>
      version !== null && fate === null && type !== 'DELETE' && !isUndo(type),
  );
  const fresh = applied.every(({ type }) => type === 'SCHEMA');
  const appliedBaseline = highest(
    applied.filter(({ type }) => isBaseline(type)).map(({ version }) => version),
  );
  const pendingBaseline = highest(
    migrations
      .filter(({ kind, config }) => kind === 'baseline' && config.shouldExecute)
      .map(({ version }) => version),
  );
  return {
    rows,
    lastResolved: highest(migrations.map(({ version }) => version)),
    lastApplied: highest(counting.map((row) => row.applied.version)),
    baseline: fresh ? pendingBaseline : appliedBaseline,
    appliedBaseline,
    fresh,
    latestRun: latestRuns(rows),
    outOfOrder: settings.outOfOrder,
  };
}

type Fated = Omit<Row, 'outOfOrder'>;

function withFates(applied: readonly AppliedMigration[]): readonly Fated[] {
  const rows: Fated[] = [];
  for (const row of applied.toSorted((a, b) => a.installedRank - b.installedRank)) {
    const fate = !row.success ? null : row.type === 'DELETE' ? 'deleted' : isUndo(row.type) ? 'undone' : null;
    if (fate !== null) {
      const at = rows.findLastIndex(
        ({ applied: earlier, fate: known }) =>
          known === null && earlier.type !== 'DELETE' && !isUndo(earlier.type) && isSame(earlier, row),
      );
      if (at >= 0) rows[at] = { ...rows[at]!, fate };
    }
    rows.push({ applied: row, fate: null });
  }
  return rows;
}

function isSame(a: AppliedMigration, b: AppliedMigration): boolean {
  if (a.version === null || b.version === null) {
    return a.version === b.version && a.type !== 'SCHEMA' && a.description === b.description;
  }
  return compareVersions(a.version, b.version) === 0;
}

function inOrder(rows: readonly Fated[]): readonly Row[] {
  let last: string | null = null;
  return rows.map((row) => {
    const { version, type } = row.applied;
    if (version === null || type === 'DELETE' || isUndo(type)) return { ...row, outOfOrder: false };
    const outOfOrder: boolean = last !== null && compareVersions(version, last) < 0;
    if (row.fate === null && !outOfOrder) last = version;
    return { ...row, outOfOrder };
  });
}

function latestRuns(rows: readonly Row[]): ReadonlyMap<string, number> {
  const runs = new Map<string, number>();
  for (const { applied } of rows) {
    if (applied.version === null && !isSynthetic(applied.type))
      runs.set(applied.description, applied.installedRank);
  }
  return runs;
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

export function isAt(version: string | null, limit: string | null): boolean {
  return version !== null && limit !== null && compareVersions(version, limit) === 0;
}

/** The file of a row: by version and type, a repeatable by its description. */
export function fileOf(
  { version, type, description }: AppliedMigration,
  migrations: readonly ResolvedMigration[],
): ResolvedMigration | undefined {
  if (isSynthetic(type) || isUndo(type)) return undefined;
  if (version === null) {
    return migrations.find((m) => m.version === null && m.description === description && m.type === type);
  }
  return migrations.find((m) => m.version !== null && m.type === type && isAt(m.version, version));
}

/** An absent checksum on either side agrees with anything. */
export function checksumMatches(resolved: ResolvedMigration, applied: AppliedMigration): boolean {
  return (
    applied.checksum === null ||
    applied.checksum === resolved.checksum ||
    applied.checksum === resolved.equivalentChecksum
  );
}
