/** How much a finding weighs: it must not run, it may stop an application, or it is a habit worth having. */
export type FindingSeverity = 'error' | 'warning' | 'info';

/** What a rule protects. `style` rules are off until they are asked for. */
export type RuleCategory =
  | 'isolation'
  | 'security'
  | 'lock'
  | 'compatibility'
  | 'transaction'
  | 'style'
  | 'file';

/** PostgreSQL's table locks that a rule can speak of, in PostgreSQL's words. */
export type LockLevel =
  | 'ACCESS EXCLUSIVE'
  | 'EXCLUSIVE'
  | 'SHARE ROW EXCLUSIVE'
  | 'SHARE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'ROW EXCLUSIVE';

/** What is said of a rule, once: the documentation, SARIF's help and the tests are made from it. */
export interface RuleText {
  readonly severity: FindingSeverity;
  /** The strongest lock on a table that is in use; null where the rule is not about one. */
  readonly lock: LockLevel | null;
  /** What it finds, in a few words. */
  readonly title: string;
  readonly why: string;
  /** What to write instead, in one or two sentences. */
  readonly instead: string;
  /** Migrations that are applied already when `bad` and `good` come. */
  readonly setup?: string;
  /** A migration that breaks the rule. */
  readonly bad: string;
  /** Migrations that do not, each a file of its own. */
  readonly good: readonly string[];
}

/** A rule with its code, which is stable, and its category. */
export interface RuleInfo extends RuleText {
  readonly code: string;
  readonly category: RuleCategory;
}
