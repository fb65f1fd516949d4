import { MigrateError } from './errors.ts';
import { lineIndex } from './positions.ts';

/** A place for a value. */
export interface Placeholder {
  /** In lower case: keys are looked up without regard to case. */
  readonly key: string;
  /** As it is written. */
  readonly name: string;
  readonly offset: number;
}

/** A text cut at its placeholders. */
export interface Template {
  readonly pieces: readonly (string | Placeholder)[];
  /** Every key that occurs, in lower case. */
  readonly keys: ReadonlySet<string>;
  readonly source: string;
}

/** What a placeholder begins and ends with. */
export interface Delimiters {
  readonly prefix: string;
  readonly suffix: string;
}

const DELIMITERS: Delimiters = { prefix: '${', suffix: '}' };

/** Finds the placeholders `${key}` of a text, wherever they stand: Flyway replaces them in comments and strings too. */
export function parseTemplate(source: string, { prefix, suffix }: Delimiters = DELIMITERS): Template {
  const pieces: (string | Placeholder)[] = [];
  const keys = new Set<string>();
  let from = 0;
  for (;;) {
    const offset = source.indexOf(prefix, from);
    const end = offset < 0 ? -1 : source.indexOf(suffix, offset + prefix.length);
    if (end < 0) break;
    const name = source.slice(offset + prefix.length, end);
    const key = name.toLowerCase();
    pieces.push(source.slice(from, offset), { key, name, offset });
    keys.add(key);
    from = end + suffix.length;
  }
  pieces.push(source.slice(from));
  return { pieces, keys, source };
}

/** Makes the error for a placeholder without a value; `line` counts from 1. */
export type MissingValue = (placeholder: Placeholder, line: number) => MigrateError;

/**
 * Puts values into a template. Values are not searched for placeholders again.
 *
 * @throws MigrateError MIGRATION_PLACEHOLDER_MISSING with file and line, unless `missing` makes another one
 */
export function renderTemplate(
  template: Template,
  values: ReadonlyMap<string, string>,
  file: string,
  missing: MissingValue = (placeholder, line) => noValue(placeholder, line, file),
): string {
  if (template.keys.size === 0) return template.source;
  let text = '';
  for (const piece of template.pieces) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    const value = values.get(piece.key);
    if (value === undefined) throw missing(piece, lineIndex(template.source)(piece.offset));
    text += value;
  }
  return text;
}

function noValue({ key }: Placeholder, line: number, file: string): MigrateError {
  return new MigrateError('MIGRATION_PLACEHOLDER_MISSING', `no value for the placeholder \${${key}}`, {
    file,
    line,
    hint: `Give a value for "${key}" in the placeholders.`,
  });
}

/** What the placeholders that Flyway itself defines depend on. */
export interface DefaultPlaceholders {
  readonly schema: string;
  readonly table: string;
  readonly user: string;
  readonly database: string;
  /** Default `default`. */
  readonly environment?: string | undefined;
  /** Default that of the process. */
  readonly workingDirectory?: string | undefined;
}

/** Flyway's default placeholders and the given ones, keys in lower case. `flyway:filename` is added for each file. */
export function placeholderValues(
  defaults: DefaultPlaceholders,
  given: Readonly<Record<string, string>>,
  now: Date = new Date(),
  separator = ':',
): Map<string, string> {
  const own = (name: string) => ownKey(name, separator);
  const values = new Map([
    [own('defaultSchema'), defaults.schema],
    [own('user'), defaults.user],
    [own('database'), defaults.database],
    [own('timestamp'), localTimestamp(now)],
    [own('workingDirectory'), defaults.workingDirectory ?? process.cwd()],
    [own('table'), defaults.table],
    [own('environment'), defaults.environment ?? 'default'],
  ]);
  for (const [key, value] of Object.entries(given)) values.set(key.toLowerCase(), value);
  return values;
}

/** The key of a placeholder that Flyway defines. */
export function ownKey(name: string, separator = ':'): string {
  return `flyway${separator}${name}`.toLowerCase();
}

/** A time as Flyway writes it: `2024-01-31 08:05:00`, in the process's zone. */
export function localTimestamp(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${date} ${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
}
