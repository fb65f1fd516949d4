import { MigrateError } from './errors.ts';
import { lineIndex } from './positions.ts';

/** A text cut at its placeholders: literal pieces, and keys (in lower case) with the offset of each. */
export interface Template {
  readonly pieces: readonly (string | { readonly key: string; readonly offset: number })[];
  /** Every key that occurs, in lower case. */
  readonly keys: ReadonlySet<string>;
  readonly source: string;
}

const PLACEHOLDER = /\$\{(.*?)\}/gs;

/** Finds the placeholders `${key}` of a text, wherever they stand: Flyway replaces them in comments and strings too. */
export function parseTemplate(source: string): Template {
  const pieces: (string | { key: string; offset: number })[] = [];
  const keys = new Set<string>();
  let from = 0;
  for (const match of source.matchAll(PLACEHOLDER)) {
    const key = (match[1] ?? '').toLowerCase();
    pieces.push(source.slice(from, match.index), { key, offset: match.index });
    keys.add(key);
    from = match.index + match[0].length;
  }
  pieces.push(source.slice(from));
  return { pieces, keys, source };
}

/**
 * Puts values into a template. Values are not searched for placeholders again.
 *
 * @throws MigrateError MIGRATION_PLACEHOLDER_MISSING with file and line
 */
export function renderTemplate(
  template: Template,
  values: ReadonlyMap<string, string>,
  file: string,
): string {
  if (template.keys.size === 0) return template.source;
  let text = '';
  for (const piece of template.pieces) {
    text += typeof piece === 'string' ? piece : (values.get(piece.key) ?? missing(template, piece, file));
  }
  return text;
}

function missing(template: Template, { key, offset }: { key: string; offset: number }, file: string): never {
  throw new MigrateError('MIGRATION_PLACEHOLDER_MISSING', `no value for the placeholder \${${key}}`, {
    file,
    line: lineIndex(template.source)(offset),
    hint: `Give a value for "${key}" in the placeholders.`,
  });
}

/** What the placeholders that Flyway itself defines depend on. */
export interface DefaultPlaceholders {
  readonly schema: string;
  readonly table: string;
  readonly user: string;
  readonly database: string;
}

/** Flyway's default placeholders and the given ones, keys in lower case. `flyway:filename` is added for each file. */
export function placeholderValues(
  defaults: DefaultPlaceholders,
  given: Readonly<Record<string, string>>,
  now: Date = new Date(),
): Map<string, string> {
  const values = new Map([
    ['flyway:defaultschema', defaults.schema],
    ['flyway:user', defaults.user],
    ['flyway:database', defaults.database],
    ['flyway:timestamp', localTimestamp(now)],
    ['flyway:workingdirectory', process.cwd()],
    ['flyway:table', defaults.table],
    ['flyway:environment', 'default'],
  ]);
  for (const [key, value] of Object.entries(given)) values.set(key.toLowerCase(), value);
  return values;
}

function localTimestamp(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${date} ${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
}
