/** One row of the schema history table, as it is read back. Timestamps are the server's own clock. */
export interface AppliedMigration {
  readonly installedRank: number;
  /** The displayed text of the version; null for repeatables and the SCHEMA marker. */
  readonly version: string | null;
  readonly description: string;
  /** SQL, SQL_BASELINE, JDBC, SCHEMA, BASELINE, DELETE, UNDO_SQL … as written. */
  readonly type: string;
  readonly script: string;
  /** Signed 32 bits; null for rows without a script of their own. */
  readonly checksum: number | null;
  readonly installedBy: string;
  readonly installedOn: Date;
  /** Milliseconds. */
  readonly executionTime: number;
  readonly success: boolean;
}
