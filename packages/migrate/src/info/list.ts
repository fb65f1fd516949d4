import type { AppliedMigration } from '../history/types.ts';
import { compareText } from '../resolve/order.ts';
import type { Resolution, ResolvedMigration } from '../resolve/types.ts';
import type { MigrateSettings } from '../settings.ts';
import { compareVersions } from '../version.ts';
import { entryOfFile, entryOfRow } from './entry.ts';
import { readFacts } from './facts.ts';
import { isUndo } from './row-type.ts';
import { isFailed } from './state.ts';
import type { MigrationState } from './state.ts';
import { isDone, stateOfFile, stateOfRow } from './state-of.ts';
import { targetOf } from './target.ts';
import type { MigrationInfo, MigrationInfoList } from './types.ts';

export type { MigrationInfo, MigrationInfoList } from './types.ts';

export interface MigrationInput {
  readonly resolved: Resolution;
  readonly applied: readonly AppliedMigration[];
  /** `target` and `outOfOrder` are looked at. */
  readonly settings: MigrateSettings;
}

/**
 * Joins files and history and says the state of each, without a database.
 *
 * @throws MigrateError MIGRATION_TARGET_MISSING, MIGRATION_HISTORY_UNREADABLE
 * @example
 * ```ts
 * const list = describeMigrations({ resolved, applied: [], settings: defaultSettings });
 * list.pending().map(({ script }) => script);  // ['V1__tables.sql', 'R__views.sql']
 * list.current;                                // null
 * ```
 */
export function describeMigrations({ resolved, applied, settings }: MigrationInput): MigrationInfoList {
  const facts = readFacts(resolved, applied);
  const done = new Set<ResolvedMigration>();
  const entries: MigrationInfo[] = [];
  for (const row of facts.rows) {
    const file = facts.fileOf(row.applied);
    if (file !== undefined && isDone(row, file, facts)) done.add(file);
    // Of a versioned migration its own row tells that it was deleted.
    if (row.applied.type === 'DELETE' && row.applied.version !== null) continue;
    entries.push(entryOfRow(row, file, stateOfRow(row, file, facts), facts));
  }
  const open = resolved.migrations.filter((migration) => !done.has(migration));
  const { outOfOrder } = settings;
  const target = targetOf(settings.target, facts, open, outOfOrder);
  for (const file of open) {
    entries.push(entryOfFile(file, stateOfFile(file, facts, target, outOfOrder), facts));
  }
  return listOf(entries.toSorted(compareInfo), facts.appliedBaseline);
}

function listOf(entries: readonly MigrationInfo[], appliedBaseline: string | null): MigrationInfoList {
  const having = (...states: MigrationState[]) => entries.filter(({ state }) => states.includes(state));
  return {
    entries,
    current: currentOf(entries),
    appliedBaseline,
    pending: () => having('PENDING'),
    applied: () => entries.filter(({ applied }) => applied !== undefined),
    failed: () => entries.filter(({ state }) => isFailed(state)),
    future: () => having('FUTURE_SUCCESS', 'FUTURE_FAILED'),
    outOfOrder: () => having('OUT_OF_ORDER'),
  };
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
  let current: MigrationInfo | null = null;
  let highest: string | null = null;
  for (const entry of counting) {
    const { version } = entry;
    if (version === null || (highest !== null && compareVersions(version, highest) <= 0)) continue;
    [current, highest] = [entry, version];
  }
  return current ?? counting.at(-1) ?? null;
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
  return compareText(a.description, b.description);
}
