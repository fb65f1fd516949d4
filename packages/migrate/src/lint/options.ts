import type { RuleCode } from './catalog.ts';
import type { Finding } from './finding.ts';
import type { FindingSeverity } from './rule.ts';

/** A file to lint. A `Migration` and a `ResolvedMigration` are one, as long as their text has no placeholders. */
export interface LintFile {
  readonly kind: 'versioned' | 'repeatable' | 'baseline' | 'undo' | 'callback';
  /** Null for a repeatable and a callback. */
  readonly version: string | null;
  /** Path relative to its location. */
  readonly script: string;
  /** Where the file lies, for SARIF. Default: the script. */
  readonly path?: string | undefined;
  /** The text, placeholders replaced. */
  readonly sql: string;
  /** The text as it stands in the file; where a line of it differs from `sql`, findings give no columns for it. */
  readonly source?: string | undefined;
  /** False where the script configuration says `executeInTransaction=false`. Default true. */
  readonly inTransaction?: boolean | undefined;
}

/** What the linter cannot read from the files. */
export interface LintFilesOptions {
  /** The schemas that the files may name; bare names are in the first one. */
  readonly schemas: readonly string[];
  /**
   * The highest version that is applied where the files will run; null where none is. Files up to it are read for what
   * they make and not judged, and what the others make is new: an index on it locks nobody out. Left out: not known;
   * every file is judged, as one that is released by itself.
   */
  readonly appliedUpTo?: string | null | undefined;
  /** The scripts that are applied, where that is known one by one; takes the place of `appliedUpTo`. */
  readonly applied?: readonly string[] | undefined;
  /** Roles that GRANT may name, besides the owner. Default none. */
  readonly roles?: readonly string[] | undefined;
  /** The role that migrates, which may be made an owner. Default not known. */
  readonly owner?: string | undefined;
  /** Extensions that `CREATE EXTENSION` may name. Default none. */
  readonly allowedExtensions?: readonly string[] | undefined;
  /** The schema that holds extensions; files may name it. Default `extensions`. */
  readonly extensionsSchema?: string | undefined;
  /** Another severity for a rule, or `off`. */
  readonly rules?: Readonly<Partial<Record<RuleCode, FindingSeverity | 'off'>>> | undefined;
  /** Ask for the rules of the category `style`. Default false. */
  readonly style?: boolean | undefined;
  /** False: comments switch no rule of isolation and security off. Default true. */
  readonly allowSuppression?: boolean | undefined;
  /** Flyway's `mixed`: a file may hold statements that refuse a transaction beside others. Default false. */
  readonly mixed?: boolean | undefined;
}

/** What the linter found, in the order of the files and their lines. */
export interface LintReport {
  /** False where a finding of severity `error` is not switched off. */
  readonly ok: boolean;
  /** How many files were judged. */
  readonly files: number;
  /** Those that a comment switched off among them, with the comment's reason. */
  readonly findings: readonly Finding[];
}
