import { MigrateError } from '../errors.ts';
import type { AppliedMigration } from '../history/types.ts';
import type { Resolution, ResolvedMigration } from '../resolve/types.ts';
import type { MigrateSettings } from '../settings.ts';
import { compareVersions, versionParts } from '../version.ts';
import {
  checksumMatches,
  fileOf,
  isAt,
  isBaseline,
  isBelow,
  isSynthetic,
  isUndo,
  readFacts,
  type Facts,
  type Row,
} from './facts.ts';
import { displayNames, isFailed, type MigrationState } from './state.ts';

/** One line of `info`: a row of the history, a file, or both. */
export interface MigrationInfo {
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly state: MigrationState;
  readonly display: string;
  /** Versioned, Repeatable, Baseline, Undo; empty for rows that stand for no script. */
  readonly category: string;
  /** An undo file is there for it; null where that is no question. */
  readonly undoable: boolean | null;
  readonly rank?: number;
  readonly installedOn?: Date;
  readonly installedBy?: string;
  readonly executionTime?: number;
  readonly resolved?: ResolvedMigration;
  readonly applied?: AppliedMigration;
}

/** Files and history, joined. */
export interface MigrationInfoList {
  /** In Flyway's order: below the baseline, applied by rank, pending by version, repeatables last. */
  readonly entries: readonly MigrationInfo[];
  /** The highest version applied; the latest other row where there is none. */
  readonly current: MigrationInfo | null;
  /** Highest baseline of the history. */
  readonly appliedBaseline: string | null;
  /** What `migrate` would run, in its order. */
  pending(): readonly MigrationInfo[];
  applied(): readonly MigrationInfo[];
  failed(): readonly MigrationInfo[];
  future(): readonly MigrationInfo[];
  outOfOrder(): readonly MigrationInfo[];
}

export interface MigrationInput {
  readonly resolved: Resolution;
  readonly applied: readonly AppliedMigration[];
  readonly settings: MigrateSettings;
}

/**
 * Joins files and history, without a database.
 *
 * @throws MigrateError MIGRATION_TARGET_MISSING
 */
export function describeMigrations({ resolved, applied, settings }: MigrationInput): MigrationInfoList {
  const facts = readFacts(resolved, applied, settings);
  const done = new Set<ResolvedMigration>();
  const entries: MigrationInfo[] = [];
  for (const row of facts.rows) {
    const file = fileOf(row.applied, resolved.migrations);
    if (file !== undefined && row.fate === null && isUpToDate(row, file, facts)) done.add(file);
    // Of a versioned migration its own row tells that it was deleted.
    if (row.applied.type === 'DELETE' && row.applied.version !== null) continue;
    entries.push(ofRow(row, file, facts, resolved));
  }
  const open = resolved.migrations.filter((migration) => !done.has(migration));
  const target = targetOf(settings.target, facts, open, resolved);
  entries.push(...open.map((migration) => ofFile(migration, facts, target, resolved)));
  return listOf(entries.toSorted(compareInfo), facts);
}

function listOf(entries: readonly MigrationInfo[], facts: Facts): MigrationInfoList {
  const having = (...states: MigrationState[]) => entries.filter(({ state }) => states.includes(state));
  return {
    entries,
    current: currentOf(entries),
    appliedBaseline: facts.appliedBaseline,
    pending: () => having('PENDING'),
    applied: () => entries.filter(({ applied }) => applied !== undefined),
    failed: () => entries.filter(({ state }) => isFailed(state)),
    future: () => having('FUTURE_SUCCESS', 'FUTURE_FAILED'),
    outOfOrder: () => having('OUT_OF_ORDER'),
  };
}

/** A repeatable is done only where its latest run was of this text. */
function isUpToDate({ applied }: Row, file: ResolvedMigration, facts: Facts): boolean {
  if (applied.version !== null) return true;
  return facts.latestRun.get(applied.description) === applied.installedRank && checksumMatches(file, applied);
}

function ofRow(
  row: Row,
  file: ResolvedMigration | undefined,
  facts: Facts,
  resolution: Resolution,
): MigrationInfo {
  const { applied } = row;
  const state = stateOfRow(row, file, facts);
  return {
    version: applied.version,
    description: applied.description,
    type: applied.type,
    script: applied.script,
    checksum: applied.checksum,
    state,
    display: displayNames[state],
    category: categoryOf(applied.version, applied.type),
    undoable: undoableOf(applied.version, applied.type, state, resolution),
    rank: applied.installedRank,
    installedOn: applied.installedOn,
    installedBy: applied.installedBy,
    executionTime: applied.executionTime,
    applied,
    ...(file === undefined ? {} : { resolved: file }),
  };
}

function stateOfRow(
  { applied, fate, outOfOrder }: Row,
  file: ResolvedMigration | undefined,
  facts: Facts,
): MigrationState {
  const { version, type, success } = applied;
  if (fate === 'undone') return 'UNDONE';
  if (fate === 'deleted') return 'DELETED';
  if (type === 'DELETE' || type === 'SCHEMA') return 'SUCCESS';
  if (isUndo(type)) return success ? 'SUCCESS' : 'FAILED';
  if (type === 'BASELINE') return 'BASELINE';
  const latest = version !== null || facts.latestRun.get(applied.description) === applied.installedRank;
  if (!latest && success) return 'SUPERSEDED';
  if (file === undefined) {
    const missing = version === null || isBelow(version, facts.lastResolved);
    if (missing) return success ? 'MISSING_SUCCESS' : 'MISSING_FAILED';
    return success ? 'FUTURE_SUCCESS' : 'FUTURE_FAILED';
  }
  if (!success) return 'FAILED';
  if (isBaseline(type)) return 'BASELINE';
  if (version === null) return checksumMatches(file, applied) ? 'SUCCESS' : 'OUTDATED';
  return outOfOrder ? 'OUT_OF_ORDER' : 'SUCCESS';
}

function ofFile(
  file: ResolvedMigration,
  facts: Facts,
  target: string | null,
  resolution: Resolution,
): MigrationInfo {
  const state = stateOfFile(file, facts, target);
  return {
    version: file.version,
    description: file.description,
    type: file.type,
    script: file.script,
    checksum: file.checksum,
    state,
    display: displayNames[state],
    category: categoryOf(file.version, file.type),
    undoable: undoableOf(file.version, file.type, state, resolution),
    resolved: file,
  };
}

function stateOfFile(
  { version, kind, config }: ResolvedMigration,
  facts: Facts,
  target: string | null,
): MigrationState {
  if (!config.shouldExecute) return 'IGNORED';
  if (version === null) return 'PENDING';
  if (isBelow(version, facts.baseline)) return 'BELOW_BASELINE';
  if (kind === 'baseline') {
    if (!facts.fresh) return 'IGNORED';
    return isBelow(target, version) ? 'ABOVE_TARGET' : 'PENDING';
  }
  if (isAt(version, facts.baseline)) return 'BASELINE_IGNORED';
  if (isBelow(target, version)) return 'ABOVE_TARGET';
  return isBelow(version, facts.lastApplied) && !facts.outOfOrder ? 'IGNORED' : 'PENDING';
}

function categoryOf(version: string | null, type: string): string {
  if (isSynthetic(type)) return '';
  if (isUndo(type)) return 'Undo';
  if (version === null) return 'Repeatable';
  return isBaseline(type) ? 'Baseline' : 'Versioned';
}

function undoableOf(
  version: string | null,
  type: string,
  state: MigrationState,
  { undo }: Resolution,
): boolean | null {
  if (version === null || isSynthetic(type) || isUndo(type) || isBaseline(type)) return null;
  if (state === 'UNDONE' || state === 'DELETED') return null;
  return undo.some((file) => isAt(file.version, version));
}

/**
 * The version up to which files are run; null where there is no limit. `next` is the lowest that is not applied.
 * A version may be followed by `?`: then it need not exist.
 */
function targetOf(
  target: string,
  facts: Facts,
  open: readonly ResolvedMigration[],
  { migrations }: Resolution,
): string | null {
  const word = target.trim().toLowerCase();
  if (word === '' || word === 'latest') return null;
  // Below any version where nothing is applied yet.
  if (word === 'current') return facts.lastApplied ?? String(-Number.MAX_SAFE_INTEGER);
  if (word === 'next') {
    return (
      open.find((file) => file.version !== null && stateOfFile(file, facts, null) === 'PENDING')?.version ??
      null
    );
  }
  const version = target.trim().replace(/\?$/, '').replaceAll('_', '.');
  const known =
    versionParts(version) !== null &&
    (migrations.some((file) => isAt(file.version, version)) ||
      facts.rows.some(({ applied }) => isAt(applied.version, version)));
  if (versionParts(version) !== null && (known || target.trim().endsWith('?'))) return version;
  throw new MigrateError(
    'MIGRATION_TARGET_MISSING',
    `No migration with a target version ${version} could be found. Ensure target is specified correctly and the migration exists.`,
    {
      flywayCode: 'ERROR',
      hint: `"${version}?" is content where no such version exists; latest, current and next are words.`,
    },
  );
}

function currentOf(entries: readonly MigrationInfo[]): MigrationInfo | null {
  const counting = entries.filter(
    ({ applied, state, type }) =>
      applied !== undefined &&
      state !== 'UNDONE' &&
      state !== 'DELETED' &&
      type !== 'DELETE' &&
      !isUndo(type),
  );
  const versioned = counting.filter(({ version }) => version !== null);
  const [first, ...rest] = versioned;
  if (first === undefined) return counting.at(-1) ?? null;
  return rest.reduce(
    (best, entry) => (compareVersions(entry.version!, best.version!) > 0 ? entry : best),
    first,
  );
}

function compareInfo(a: MigrationInfo, b: MigrationInfo): number {
  return group(a) - group(b) || within(a, b);
}

function group({ state, rank, version }: MigrationInfo): number {
  if (state === 'BELOW_BASELINE' || state === 'BASELINE_IGNORED') return 0;
  if (rank !== undefined) return 1;
  return version !== null ? 2 : 3;
}

function within(a: MigrationInfo, b: MigrationInfo): number {
  if (a.rank !== undefined && b.rank !== undefined) return a.rank - b.rank;
  if (a.version !== null && b.version !== null) return compareVersions(a.version, b.version);
  return a.description < b.description ? -1 : Number(a.description > b.description);
}
