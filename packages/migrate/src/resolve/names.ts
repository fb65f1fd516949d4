import type { MigrateSettings } from '../settings.ts';
import { versionParts } from '../version.ts';
import { EVENTS } from './events.ts';

/** The settings that say how names are read. */
export type Naming = Pick<
  MigrateSettings,
  | 'sqlMigrationPrefix'
  | 'repeatableSqlMigrationPrefix'
  | 'baselineMigrationPrefix'
  | 'undoSqlMigrationPrefix'
  | 'sqlMigrationSeparator'
  | 'sqlMigrationSuffixes'
>;

/** What the base name of a migration or callback says. */
export type ValidName =
  | {
      readonly kind: 'versioned' | 'baseline' | 'undo';
      readonly version: string;
      readonly description: string;
    }
  | { readonly kind: 'repeatable'; readonly description: string }
  | { readonly kind: 'callback'; readonly event: string; readonly description: string };

/** What any base name says, as Flyway reads it. */
export type ScriptName =
  | ValidName
  /** It ends like a migration and is none; `reason` is Flyway's sentence. */
  | { readonly kind: 'invalid'; readonly reason: string }
  /** A migration by its name, in another language than SQL. */
  | { readonly kind: 'script' }
  | { readonly kind: 'none' };

type Prefix = readonly [text: string, kind: ValidName['kind']];

/** Endings of what Flyway's paid editions run besides SQL. */
const SCRIPT_SUFFIXES = ['.ps1', '.bat', '.cmd', '.sh', '.bash', '.py'];

/**
 * Makes the reader of base names: suffix without regard to case, then the longest prefix, then the first separator.
 *
 * @example
 * ```ts
 * nameReader(defaultSettings)('V1_2__add_orders.sql');  // { kind: 'versioned', version: '1.2', description: 'add orders' }
 * ```
 */
export function nameReader(naming: Naming): (name: string) => ScriptName {
  const prefixes = prefixesOf(naming);
  const { sqlMigrationSuffixes: suffixes, sqlMigrationSeparator: separator } = naming;
  return (name) => {
    const suffix = suffixOf(name, suffixes);
    if (suffix !== undefined) return readStem(name, suffix, prefixes, separator);
    const script = suffixOf(name, SCRIPT_SUFFIXES);
    // Without a separator `Rebuild.sh` or `V2.py` may be anybody's tool.
    if (script === undefined || !name.includes(separator)) return { kind: 'none' };
    const { kind } = readStem(name, script, prefixes, separator);
    return { kind: kind === 'invalid' ? 'none' : 'script' };
  };
}

function suffixOf(name: string, suffixes: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  return suffixes.find((suffix) => lower.endsWith(suffix.toLowerCase()));
}

function prefixesOf(naming: Naming): readonly Prefix[] {
  const prefixes: readonly Prefix[] = [
    [naming.sqlMigrationPrefix, 'versioned'],
    [naming.repeatableSqlMigrationPrefix, 'repeatable'],
    [naming.baselineMigrationPrefix, 'baseline'],
    [naming.undoSqlMigrationPrefix, 'undo'],
    ...EVENTS.map((event) => [event, 'callback'] as const),
  ];
  // The longest first, so that an empty or a one-letter prefix never hides a longer one.
  return prefixes.toSorted(([a], [b]) => b.length - a.length);
}

function readStem(name: string, suffix: string, prefixes: readonly Prefix[], separator: string): ScriptName {
  const stem = name.slice(0, name.length - suffix.length);
  const found = prefixes.find(([prefix]) => stem.startsWith(prefix));
  if (found === undefined) return { kind: 'invalid', reason: `Unrecognised migration name format: ${name}` };
  const [prefix, kind] = found;
  const rest = stem.slice(prefix.length);
  const at = rest.indexOf(separator);
  const before = at < 0 ? rest : rest.slice(0, at);
  const after = at < 0 ? '' : rest.slice(at + separator.length);
  const description = after.replaceAll('_', ' ');
  const example = `${separator}${after === '' ? 'description' : after}${suffix}`;
  if (kind === 'repeatable' || kind === 'callback') {
    if (before !== '') {
      const advice = `It cannot contain a version and should look like this: ${prefix}${example}`;
      return invalid('repeatable migration / callback', name, advice);
    }
    return kind === 'repeatable' ? { kind, description } : { kind, event: prefix, description };
  }
  if (before === '') {
    const advice = `It must contain a version and should look like this: ${prefix}1.2${example}`;
    return invalid('versioned migration', name, advice);
  }
  const version = before.replaceAll('_', '.');
  if (versionParts(version) === null) {
    return invalid('versioned migration', name, `could not recognise version number ${before}`);
  }
  return { kind, version, description };
}

function invalid(what: string, name: string, advice: string): ScriptName {
  return { kind: 'invalid', reason: `Invalid ${what} name format: ${name} (${advice})` };
}
