import { MigrateError } from '../errors.ts';
import { lineIndex } from '../positions.ts';
import type { MigrateSettings } from '../settings.ts';

/** What Flyway's own placeholders depend on. */
export interface PlaceholderContext {
  readonly schema: string;
  readonly user: string;
  readonly database: string;
  readonly table: string;
  readonly now?: Date | undefined;
}

/** The file whose text is replaced, for `flyway:filename` and for errors. */
export interface ScriptFile {
  readonly path: string;
  readonly script: string;
}

/**
 * Puts values into a text: everywhere, in comments and strings too; keys without regard to case; values are not searched
 * again; there is no escape.
 *
 * @throws MigrateError MIGRATION_PLACEHOLDER_MISSING with file and line
 */
export function replacePlaceholders(
  text: string,
  file: ScriptFile,
  settings: MigrateSettings,
  context: PlaceholderContext,
): string {
  const { placeholderPrefix: prefix, placeholderSuffix: suffix } = settings;
  if (!text.includes(prefix)) return text;
  const values = valuesOf(settings, context).set(
    key(settings, 'filename'),
    file.script.slice(file.script.lastIndexOf('/') + 1),
  );
  let result = '';
  let from = 0;
  for (;;) {
    const at = text.indexOf(prefix, from);
    const end = at < 0 ? -1 : text.indexOf(suffix, at + prefix.length);
    if (at < 0 || end < 0) return result + text.slice(from);
    const name = text.slice(at + prefix.length, end);
    const value = values.get(name.toLowerCase());
    if (value === undefined) throw missing(`${prefix}${name}${suffix}`, name, file, text, at);
    result += text.slice(from, at) + value;
    from = end + suffix.length;
  }
}

function missing(
  placeholder: string,
  name: string,
  file: ScriptFile,
  text: string,
  at: number,
): MigrateError {
  return new MigrateError(
    'MIGRATION_PLACEHOLDER_MISSING',
    `Unable to parse statement in ${file.path} at line 1 col 1. No value provided for placeholder: ${placeholder}.  Check your configuration!`,
    {
      flywayCode: 'ERROR',
      file: file.script,
      line: lineIndex(text)(at),
      hint: `Give a value with --placeholder ${name}=…, or switch placeholders off for this script with placeholderReplacement=false in ${file.script}.conf.`,
    },
  );
}

function key({ placeholderSeparator }: MigrateSettings, name: string): string {
  return `flyway${placeholderSeparator}${name}`.toLowerCase();
}

function valuesOf(settings: MigrateSettings, context: PlaceholderContext): Map<string, string> {
  const own: readonly (readonly [string, string])[] = [
    ['defaultSchema', context.schema],
    ['user', context.user],
    ['database', context.database],
    ['timestamp', timestamp(context.now ?? new Date())],
    ['workingDirectory', settings.workingDirectory],
    ['table', context.table],
    ['environment', settings.environment],
  ];
  const given = Object.entries(settings.placeholders).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return new Map([...own.map(([name, value]) => [key(settings, name), value] as const), ...given]);
}

function timestamp(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${date} ${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
}
