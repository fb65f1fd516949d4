import { MigrateError } from '../errors.ts';
import { ownKey, parseTemplate, placeholderValues, renderTemplate } from '../placeholders.ts';
import type { MissingValue } from '../placeholders.ts';
import type { MigrateSettings } from '../settings.ts';

/** What Flyway's own placeholders depend on. */
export interface PlaceholderContext {
  readonly schema: string;
  readonly user: string;
  readonly database: string;
  readonly table: string;
  /** Default: now. */
  readonly now?: Date | undefined;
}

/** The file whose text is replaced, for `flyway:filename` and for errors. */
export interface ScriptFile {
  readonly path: string;
  readonly script: string;
}

/** Flyway says where it was: in a script that it was about to run, or on its way to a checksum or a `.conf`. */
type Phase = 'run' | 'resolve';

/**
 * Puts values into a text: everywhere, in comments and strings too; keys without regard to case; values are not searched
 * again; there is no escape.
 *
 * @throws MigrateError MIGRATION_PLACEHOLDER_MISSING with file and line
 * @example
 * ```ts
 * replacePlaceholders('grant select on a to ${reader}', file, settings, context);  // 'grant select on a to ada'
 * ```
 */
export function replacePlaceholders(
  text: string,
  file: ScriptFile,
  settings: MigrateSettings,
  context: PlaceholderContext,
  phase: Phase = 'run',
): string {
  const { placeholderPrefix: prefix, placeholderSuffix: suffix, placeholderSeparator: separator } = settings;
  if (!text.includes(prefix)) return text;
  const { environment, workingDirectory, placeholders } = settings;
  const values = placeholderValues(
    { ...context, environment, workingDirectory },
    placeholders,
    context.now,
    separator,
  ).set(ownKey('filename', separator), baseName(file.script));
  const missing: MissingValue = ({ name }, line) =>
    noValue(`${prefix}${name}${suffix}`, name, line, file, phase);
  return renderTemplate(parseTemplate(text, { prefix, suffix }), values, file.script, missing);
}

/** The last part of a path whose parts stand between `/`. */
export function baseName(script: string): string {
  return script.slice(script.lastIndexOf('/') + 1);
}

function noValue(
  placeholder: string,
  name: string,
  line: number,
  { path, script }: ScriptFile,
  phase: Phase,
): MigrateError {
  const place =
    phase === 'run'
      ? `Unable to parse statement in ${path} at line 1 col 1. See https://rd.gt/3ipi7Pm for more information. `
      : '';
  return new MigrateError(
    'MIGRATION_PLACEHOLDER_MISSING',
    `${place}No value provided for placeholder: ${placeholder}.  Check your configuration!`,
    {
      flywayCode: 'ERROR',
      file: script,
      line,
      hint: `Set placeholders.${name}, or switch placeholders off for this script with placeholderReplacement=false in ${script}.conf.`,
    },
  );
}
