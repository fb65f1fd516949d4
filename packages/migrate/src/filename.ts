import { versionParts } from './version.ts';

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

/** What a file name says. `other` files are known to Flyway but not run by this package: undo, baseline, callbacks. */
export type FileName =
  | { readonly kind: 'versioned'; readonly version: string; readonly description: string }
  | { readonly kind: 'repeatable'; readonly version: null; readonly description: string }
  | { readonly kind: 'other'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly reason: string; readonly attempt: boolean }
  | { readonly kind: 'none' };

/** Events that a script can be named after. */
export const CALLBACKS = [
  ...['Migrate', 'Clean', 'Info', 'Validate', 'Baseline', 'Repair', 'Undo', 'Deploy'].flatMap((verb) => [
    `before${verb}`,
    `after${verb}`,
    `after${verb}Error`,
  ]),
  ...['Migrate', 'MigrateStatement', 'Undo', 'UndoStatement'].flatMap((verb) => [
    `beforeEach${verb}`,
    `afterEach${verb}`,
    `afterEach${verb}Error`,
  ]),
  'afterMigrateApplied',
  'afterVersioned',
  'beforeRepeatables',
  'beforeConnect',
  'afterConnect',
  'createSchema',
  'beforeCreateSchema',
];

type PrefixKind = 'versioned' | 'repeatable' | 'undo' | 'baseline' | 'callback';

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
  const suffixes = options.sqlMigrationSuffixes ?? ['.sql'];
  const suffix = suffixes.find((s) => name.toLowerCase().endsWith(s.toLowerCase()));
  if (suffix === undefined) return { kind: 'none' };
  const stem = name.slice(0, name.length - suffix.length);
  const separator = options.sqlMigrationSeparator ?? '__';
  const prefixes = prefixList(options);
  const found = prefixes.find(([prefix]) => stem.startsWith(prefix));
  if (found === undefined) {
    const lower = stem.toLowerCase();
    const attempt = prefixes.some(
      ([prefix, kind]) => kind !== 'callback' && lower.startsWith(prefix.toLowerCase()),
    );
    return { kind: 'invalid', reason: `${name} begins with none of the migration prefixes`, attempt };
  }
  const [prefix, kind] = found;
  const rest = stem.slice(prefix.length);
  const at = rest.indexOf(separator);
  const before = at < 0 ? rest : rest.slice(0, at);
  const description = at < 0 ? '' : rest.slice(at + separator.length).replaceAll('_', ' ');
  return classify(name, kind, before, at >= 0, description, separator);
}

function prefixList(options: NamingOptions): readonly (readonly [string, PrefixKind])[] {
  const list: (readonly [string, PrefixKind])[] = [
    [options.sqlMigrationPrefix ?? 'V', 'versioned'],
    [options.repeatableSqlMigrationPrefix ?? 'R', 'repeatable'],
    ['U', 'undo'],
    ['B', 'baseline'],
    ...CALLBACKS.map((event) => [event, 'callback'] as const),
  ];
  // The longest first, so that an empty or a one-letter prefix never hides a longer one.
  return list.toSorted((a, b) => b[0].length - a[0].length);
}

function classify(
  name: string,
  kind: PrefixKind,
  before: string,
  separated: boolean,
  description: string,
  separator: string,
): FileName {
  const invalid = (reason: string): FileName => ({
    kind: 'invalid',
    reason: `${name}: ${reason}`,
    attempt: true,
  });
  if (kind === 'repeatable') {
    if (!separated || before !== '')
      return invalid(`a repeatable migration is named R${separator}description`);
    return { kind, version: null, description };
  }
  if (kind === 'callback') {
    if (before !== '') return invalid(`a callback is named event${separator}description`);
    return { kind: 'other', reason: 'callback' };
  }
  const version = before.replaceAll('_', '.');
  if (version === '') return invalid('it has no version');
  if (versionParts(version) === null) return invalid(`"${version}" is no version`);
  if (kind === 'versioned') return { kind, version, description };
  return { kind: 'other', reason: kind === 'undo' ? 'undo migration' : 'baseline migration' };
}
