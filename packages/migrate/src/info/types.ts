import type { AppliedMigration } from '../history/types.ts';
import type { ResolvedMigration } from '../resolve/types.ts';
import type { MigrationState } from './state.ts';

/** One line of `info`: a row of the history, a file, or both. */
export interface MigrationInfo {
  readonly version: string | null;
  readonly description: string;
  /** As the history says it, types of old Flyway versions by their names of today. */
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly state: MigrationState;
  /** What people see of the state. */
  readonly display: string;
  /** Versioned, Repeatable, Baseline, Undo; empty for rows that stand for no script. */
  readonly category: string;
  /** An undo file is there for it; null where that is no question. */
  readonly undoable: boolean | null;
  /** The undo file. */
  readonly undo?: ResolvedMigration;
  readonly rank?: number;
  readonly installedOn?: Date;
  readonly installedBy?: string;
  /** Milliseconds. */
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
