import type { MigrateProblem } from '../errors.ts';

/** What every result has, by the names of Flyway's JSON output. */
export interface OperationResult {
  readonly success: boolean;
  readonly database: string;
  readonly warnings: readonly string[];
}

/** A migration that a command ran. */
export interface MigrationOutput {
  /** Versioned, Repeatable or Baseline. */
  readonly category: string;
  /** Empty for a repeatable. */
  readonly version: string;
  readonly description: string;
  readonly type: string;
  readonly filepath: string;
  /** Milliseconds. */
  readonly executionTime: number;
}

export interface MigrateResult extends OperationResult {
  readonly operation: 'migrate';
  readonly schemaName: string;
  readonly initialSchemaVersion: string | null;
  /** The version of the last versioned migration that ran; null where none did. */
  readonly targetSchemaVersion: string | null;
  readonly migrations: readonly MigrationOutput[];
  readonly migrationsExecuted: number;
  /** Milliseconds in scripts. */
  readonly totalMigrationTime: number;
}

export interface ValidateResult extends OperationResult {
  readonly operation: 'validate';
  readonly validationSuccessful: boolean;
  /** 0 where something is invalid. */
  readonly validateCount: number;
  readonly errorDetails: { readonly errorCode: string; readonly errorMessage: string } | null;
  readonly invalidMigrations: readonly MigrateProblem[];
}

export interface BaselineResult extends OperationResult {
  readonly operation: 'baseline';
  readonly successfullyBaselined: boolean;
  readonly baselineVersion: string;
}

/** A row that `repair` changed. */
export interface RepairOutput {
  readonly version: string;
  readonly description: string;
  readonly filepath: string;
}

export interface RepairResult extends OperationResult {
  readonly operation: 'repair';
  readonly repairActions: readonly string[];
  readonly migrationsRemoved: readonly RepairOutput[];
  readonly migrationsDeleted: readonly RepairOutput[];
  readonly migrationsAligned: readonly RepairOutput[];
}

export interface CleanResult extends OperationResult {
  readonly operation: 'clean';
  readonly schemasCleaned: readonly string[];
  readonly schemasDropped: readonly string[];
}

export interface UndoResult extends OperationResult {
  readonly operation: 'undo';
  readonly schemaName: string;
  readonly initialSchemaVersion: string | null;
  /** The version that is current afterwards. */
  readonly targetSchemaVersion: string | null;
  readonly undoneMigrations: readonly MigrationOutput[];
  readonly migrationsUndone: number;
}
