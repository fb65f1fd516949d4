/** Names of the rules, stable; they appear in findings and in errors. */
export type LintRule =
  | 'hard-coded-schema'
  | 'session-role'
  | 'session-search-path'
  | 'session-setting'
  | 'transaction-control'
  | 'transaction-wrapper'
  | 'role-management'
  | 'database-management'
  | 'schema-management'
  | 'server-object'
  | 'extension'
  | 'grant'
  | 'owner'
  | 'server-file'
  | 'maintenance'
  | 'notify';

export type LintSeverity = 'error' | 'warning';

/** Something that is wrong, or odd, in every schema. */
export interface Verdict {
  readonly kind: 'verdict';
  readonly rule: LintRule;
  readonly severity: LintSeverity;
  readonly message: string;
  readonly instead: string;
}

/** Where something stands: line and offset in the text, null where only the line is known, and which statement it is. */
export interface Place {
  readonly line: number;
  readonly offset: number | null;
  readonly statement: number;
}

/** Whether it stands in the body of a function: there it is refused where migrations are contained, and odd elsewhere. */
interface Later {
  readonly later?: boolean;
}

/**
 * What a statement says that can matter for isolation. A name is judged later, against one schema, so that a file is
 * parsed once and not once for every schema.
 */
export type Observation = Place &
  Later &
  (
    | Verdict
    | { readonly kind: 'schema'; readonly name: string }
    | { readonly kind: 'role'; readonly name: string; readonly use: 'owner' | 'grant' }
    | { readonly kind: 'extension'; readonly name: string }
  );

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An observation before its place is known. */
export type Sighting = DistributiveOmit<Observation, keyof Place | keyof Later>;

/** A sighting with the byte offset of the node it came from, or null for the whole statement. */
export type Report = (sighting: Sighting, location: number | null) => void;

/** Shorthand for an error-level verdict. */
export function refuse(rule: LintRule, message: string, instead: string): Verdict {
  return { kind: 'verdict', rule, severity: 'error', message, instead };
}

/** Shorthand for a warning. */
export function warn(rule: LintRule, message: string, instead: string): Verdict {
  return { kind: 'verdict', rule, severity: 'warning', message, instead };
}
