/** What a history row says about how the migration was written. */
export type MigrationType = 'SQL' | 'SQL_BASELINE' | 'UNDO_SQL';

/** The settings of one script: those of the command, overruled by `<file>.conf`. */
export interface ScriptConfig {
  readonly executeInTransaction: boolean;
  readonly encoding: string;
  readonly placeholderReplacement: boolean;
  readonly shouldExecute: boolean;
}

/** A migration file that was found, read and understood. */
export interface ResolvedMigration {
  readonly kind: 'versioned' | 'repeatable' | 'baseline' | 'undo';
  /** As it is displayed: the text of the name, `_` read as `.`; null for a repeatable. */
  readonly version: string | null;
  readonly description: string;
  /** Path relative to its location, `/` between the parts. */
  readonly script: string;
  readonly path: string;
  readonly type: MigrationType;
  /** What a history row gets: of the raw text, for a repeatable of the text after its placeholders are replaced. */
  readonly checksum: number;
  /** Checksum of the raw text. */
  readonly equivalentChecksum: number;
  /** The decoded text, placeholders not replaced. */
  readonly sql: string;
  readonly config: ScriptConfig;
}

/** A script that runs at an event, such as `afterMigrate__grants.sql`. */
export interface ResolvedCallback {
  readonly event: string;
  readonly description: string;
  /** Path relative to its location, `/` between the parts. */
  readonly script: string;
  readonly path: string;
  /** The decoded text, placeholders not replaced. */
  readonly sql: string;
  readonly config: ScriptConfig;
}

/** Everything the locations hold. */
export interface Resolution {
  /** Versioned and baseline migrations by version, then repeatables by description. */
  readonly migrations: readonly ResolvedMigration[];
  /** Undo migrations by version. */
  readonly undo: readonly ResolvedMigration[];
  /** By event, then by description. */
  readonly callbacks: readonly ResolvedCallback[];
  /** What Flyway would have logged, each with its level before it: `INFO …`, `WARN …`, `ERROR …`. */
  readonly logs: readonly string[];
}
