import { CALLBACKS } from '../filename.ts';
import type { MigrateSettings } from '../settings.ts';
import { versionParts } from '../version.ts';

/** What a base name says, as Flyway reads it. */
export type ScriptName =
  | {
      readonly kind: 'versioned' | 'baseline' | 'undo';
      readonly version: string;
      readonly description: string;
    }
  | { readonly kind: 'repeatable'; readonly description: string }
  | { readonly kind: 'callback'; readonly event: string; readonly description: string }
  /** It ends like a migration and is none; `reason` is Flyway's sentence. */
  | { readonly kind: 'invalid'; readonly reason: string }
  /** It has none of the suffixes. */
  | { readonly kind: 'none' };

type PrefixKind = 'versioned' | 'repeatable' | 'baseline' | 'undo' | 'callback';

/** The prefixes that the settings name and the events, longest first, as Flyway tries them. */
export function prefixesOf(settings: MigrateSettings): readonly (readonly [string, PrefixKind])[] {
  const events = CALLBACKS.map((event) => [event, 'callback'] as const);
  const prefixes: (readonly [string, PrefixKind])[] = [
    [settings.sqlMigrationPrefix, 'versioned'],
    [settings.repeatableSqlMigrationPrefix, 'repeatable'],
    [settings.baselineMigrationPrefix, 'baseline'],
    [settings.undoSqlMigrationPrefix, 'undo'],
    ...events,
  ];
  return prefixes.toSorted(([a], [b]) => b.length - a.length);
}

/**
 * Reads a base name: suffix without regard to case, then the longest prefix, then the first separator.
 *
 * @example
 * ```ts
 * readName('V1_2__add_orders.sql', settings, prefixesOf(settings));  // versioned, '1.2', 'add orders'
 * ```
 */
export function readName(
  name: string,
  settings: MigrateSettings,
  prefixes: ReturnType<typeof prefixesOf>,
): ScriptName {
  const lower = name.toLowerCase();
  const suffix = settings.sqlMigrationSuffixes.find((s) => s !== '' && lower.endsWith(s.toLowerCase()));
  if (suffix === undefined) return { kind: 'none' };
  const stem = name.slice(0, name.length - suffix.length);
  const found = prefixes.find(([prefix]) => stem.startsWith(prefix));
  if (found === undefined) return { kind: 'invalid', reason: `Unrecognised migration name format: ${name}` };
  const [prefix, kind] = found;
  const rest = stem.slice(prefix.length);
  const separator = settings.sqlMigrationSeparator;
  const at = rest.indexOf(separator);
  const before = at < 0 ? rest : rest.slice(0, at);
  const raw = at < 0 ? '' : rest.slice(at + separator.length);
  const description = raw.replaceAll('_', ' ');
  const ending = `${separator}${raw === '' ? 'description' : raw}${name.slice(stem.length)}`;
  if (kind === 'repeatable' || kind === 'callback') {
    if (before !== '' || (at < 0 && kind === 'repeatable')) {
      const like = `(It cannot contain a version and should look like this: ${prefix}${ending})`;
      return {
        kind: 'invalid',
        reason: `Invalid repeatable migration / callback name format: ${name} ${like}`,
      };
    }
    return kind === 'repeatable' ? { kind, description } : { kind, event: prefix, description };
  }
  const invalid = (why: string): ScriptName => ({
    kind: 'invalid',
    reason: `Invalid versioned migration name format: ${name} (${why})`,
  });
  if (before === '')
    return invalid(`It must contain a version and should look like this: ${prefix}1.2${ending}`);
  const version = before.replaceAll('_', '.');
  if (versionParts(version) === null) return invalid(`could not recognise version number ${before}`);
  return { kind, version, description };
}
