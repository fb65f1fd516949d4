import { nameReader } from './resolve/names.ts';
import type { Naming, ScriptName } from './resolve/names.ts';
import { defaultSettings } from './settings.ts';

/** How file names are read. The defaults are Flyway's. */
export interface NamingOptions {
  /** Prefix of versioned migrations; may be empty. Default `V`. */
  readonly sqlMigrationPrefix?: string | undefined;
  /** Prefix of repeatable migrations. Default `R`. */
  readonly repeatableSqlMigrationPrefix?: string | undefined;
  /** What stands between version and description. Default `__`. */
  readonly sqlMigrationSeparator?: string | undefined;
  /** Endings of migration files, compared without regard to case. Default `['.sql']`. */
  readonly sqlMigrationSuffixes?: readonly string[] | undefined;
}

/** What a file name says. `other` files are known to Flyway but are no part of a set: undo, baseline, callbacks. */
export type FileName =
  | { readonly kind: 'versioned'; readonly version: string; readonly description: string }
  | { readonly kind: 'repeatable'; readonly version: null; readonly description: string }
  | { readonly kind: 'other'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly reason: string; readonly attempt: boolean }
  | { readonly kind: 'none' };

/**
 * Reads a file's base name.
 *
 * @example
 * ```ts
 * parseFileName('V1_2__add_orders.sql');  // { kind: 'versioned', version: '1.2', description: 'add orders' }
 * parseFileName('readme.txt');            // { kind: 'none' }
 * ```
 */
export function parseFileName(name: string, options: NamingOptions = {}): FileName {
  return fileNameReader(options)(name);
}

/** `parseFileName` for many names: the options are looked at once. */
export function fileNameReader(options: NamingOptions): (name: string) => FileName {
  const naming = namingOf(options);
  const read = nameReader(naming);
  const prefixes = [
    naming.sqlMigrationPrefix,
    naming.repeatableSqlMigrationPrefix,
    naming.baselineMigrationPrefix,
    naming.undoSqlMigrationPrefix,
  ].map((prefix) => prefix.toLowerCase());
  return (name) =>
    meaningOf(read(name), () => prefixes.some((prefix) => name.toLowerCase().startsWith(prefix)));
}

function namingOf(options: NamingOptions): Naming {
  const { sqlMigrationPrefix, repeatableSqlMigrationPrefix, sqlMigrationSeparator, sqlMigrationSuffixes } =
    options;
  const defaults = defaultSettings;
  return {
    ...defaults,
    sqlMigrationPrefix: sqlMigrationPrefix ?? defaults.sqlMigrationPrefix,
    repeatableSqlMigrationPrefix: repeatableSqlMigrationPrefix ?? defaults.repeatableSqlMigrationPrefix,
    sqlMigrationSeparator: sqlMigrationSeparator ?? defaults.sqlMigrationSeparator,
    sqlMigrationSuffixes: sqlMigrationSuffixes ?? defaults.sqlMigrationSuffixes,
  };
}

function meaningOf(name: ScriptName, isAttempt: () => boolean): FileName {
  switch (name.kind) {
    case 'versioned':
      return { kind: 'versioned', version: name.version, description: name.description };
    case 'repeatable':
      return { kind: 'repeatable', version: null, description: name.description };
    case 'undo':
      return { kind: 'other', reason: 'undo migration' };
    case 'baseline':
      return { kind: 'other', reason: 'baseline migration' };
    case 'callback':
      return { kind: 'other', reason: 'callback' };
    case 'script':
      return { kind: 'other', reason: 'not SQL' };
    case 'invalid':
      return { kind: 'invalid', reason: name.reason, attempt: isAttempt() };
    case 'none':
      return { kind: 'none' };
    default:
      return name satisfies never;
  }
}
