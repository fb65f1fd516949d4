import type { Revision } from './history.ts';

/** How migrations are applied. */
export interface ApplyOptions {
  /** The schema; it exists and, for `applyToEmptySchema`, is empty. */
  readonly schema: string;
  /** Values for `${key}`, besides Flyway's own `flyway:…`. Keys without regard to case. */
  readonly placeholders?: Readonly<Record<string, string>> | undefined;
  /** Name of the history table. Default `flyway_schema_history`. */
  readonly table?: string | undefined;
  /** Extensions that `CREATE EXTENSION` may name. Default none. */
  readonly allowedExtensions?: readonly string[] | undefined;
  /** The schema that holds extensions; migrations may name it. Default `extensions`. */
  readonly extensionsSchema?: string | undefined;
  /** Roles that GRANT may name besides the owner and those which the schema's own privileges name. Default none. */
  readonly roles?: readonly string[] | undefined;
  /** What history rows say under `installed_by`. Default the current role. */
  readonly installedBy?: string | undefined;
  /** How long to wait for another migration of the same schema, in milliseconds. Default 10,000. */
  readonly lockTimeoutMs?: number | undefined;
  /** SQL that makes the schema ready, sent with the first look at it: a round trip less. The precondition holds after it. */
  readonly prelude?: string | undefined;
  /**
   * The caller rolls everything back and only looks at what the files make: rules and containment are left out, but for
   * what a rollback would not undo, and each file begins with the caller's role and search_path. Default false.
   */
  readonly scratch?: boolean | undefined;
  /** Called for each file as it is done; a later failure rolls it back again. */
  readonly onRevision?: ((revision: Revision) => void) | undefined;
}

export const DEFAULT_LOCK_TIMEOUT_MS = 10_000;
export const DEFAULT_EXTENSIONS_SCHEMA = 'extensions';
