/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * One thing of a schema. `kind` and `name` identify it: `table` and `orders`, `column` and `orders.id`, `function` and
 * `total(integer)`. Names are quoted where SQL would need it.
 */
export interface SchemaObject {
  readonly kind: string;
  readonly name: string;
  /** `kind name` of what it cannot exist without, such as `table orders`; null for what stands by itself. */
  readonly parent: string | null;
  /** What is not there has its default. */
  readonly properties: Readonly<Record<string, Json>>;
}

/** The structure of one schema, its own name and its roles masked. Plain JSON: it may be stored and compared later. */
export interface SchemaSnapshot {
  /** Changes when what is recorded changes; snapshots of different formats cannot be compared. */
  readonly format: typeof SNAPSHOT_FORMAT;
  /** PostgreSQL's major version, which decides how definitions are spelled; not part of the fingerprint. */
  readonly server: number;
  /** Sorted by kind and name. */
  readonly objects: readonly SchemaObject[];
}

/** The format of the snapshots that this version writes, and the first part of its fingerprints. */
export const SNAPSHOT_FORMAT = 1;

/** Options of `snapshotSchema`. */
export interface SnapshotOptions {
  /** The history table, which is left out. Default `flyway_schema_history`. */
  readonly table?: string;
  /**
   * Roles that differ from schema to schema, with what to call them instead: `{ t_a_owner: '<owner>' }`. The schema's
   * owner is `<owner>` and a role with the schema's own name `<schema>` without being asked.
   */
  readonly roles?: Readonly<Record<string, string>>;
}

/** `missing` is expected and not there, `unexpected` the reverse; `reordered` are columns in another order. */
export type DifferenceKind = 'missing' | 'unexpected' | 'changed' | 'reordered';

/** One difference between two schemas. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** `column orders.total`. */
  readonly object: string;
  /** Which property: `type`, `grants.PUBLIC`; empty where the whole object is missing or unexpected. */
  readonly path: string;
  /** Null where there is none; a whole object's properties where it is missing. */
  readonly expected: Json;
  readonly actual: Json;
}
