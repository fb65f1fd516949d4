import { parseConf } from '../config/properties.ts';
import { MigrateError } from '../errors.ts';
import type { MigrateSettings } from '../settings.ts';
import { evaluate } from './expression.ts';
import { replacePlaceholders } from './placeholders.ts';
import type { PlaceholderContext, ScriptFile } from './placeholders.ts';
import type { ScriptConfig } from './types.ts';

/** A script's settings; `encoding` is null where nothing but the command's own setting says it. */
export type ReadConfig = Omit<ScriptConfig, 'encoding'> & { readonly encoding: string | null };

/** What a script has without a `.conf` file. */
export function defaultConfig(settings: MigrateSettings): ReadConfig {
  return {
    executeInTransaction: settings.executeInTransaction,
    encoding: null,
    placeholderReplacement: settings.placeholderReplacement,
    shouldExecute: true,
  };
}

/** A comment is not searched for placeholders. */
const COMMENT = /^[ \t\f]*[#!].*$/gm;

/**
 * Reads `<file>.sql.conf`, a properties file; placeholders in it are replaced first.
 *
 * @throws MigrateError MIGRATION_SCRIPT_CONFIG, MIGRATION_PLACEHOLDER_MISSING
 */
export function readScriptConfig(
  text: string,
  file: ScriptFile,
  settings: MigrateSettings,
  context: PlaceholderContext,
): ReadConfig {
  const config: { -readonly [K in keyof ReadConfig]: ReadConfig[K] } = defaultConfig(settings);
  const unknown: Unknown[] = [];
  const replaced = replacePlaceholders(text.replaceAll(COMMENT, ''), file, settings, context, 'resolve');
  for (const { key, value, line } of parseConf(replaced, {})) {
    const place = { file: file.script, line };
    switch (key) {
      case 'executeInTransaction':
      case 'placeholderReplacement':
        config[key] = toBoolean(key, value, place);
        break;
      case 'encoding':
        config.encoding = value;
        break;
      case 'shouldExecute':
        config.shouldExecute = toDecision(value, place);
        break;
      default:
        unknown.push({ key, line });
    }
  }
  if (unknown.length > 0) throw unknownKeys(unknown, file);
  return config;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function toBoolean(key: string, value: string, place: Place): boolean {
  const lower = value.trim().toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw new MigrateError(
    'MIGRATION_SCRIPT_CONFIG',
    `Invalid value for ${key} (should be either true or false): ${value}`,
    { flywayCode: 'CONFIGURATION', ...place, hint: `Write ${key}=true or ${key}=false.` },
  );
}

function toDecision(expression: string, place: Place): boolean {
  const decision = evaluate(expression);
  if (decision !== null) return decision;
  throw new MigrateError('MIGRATION_SCRIPT_CONFIG', `shouldExecute cannot be read: ${expression}`, {
    ...place,
    hint: 'Write true, false, A==B or A!=B, joined by && and ||, grouped by ( ).',
  });
}

interface Unknown {
  readonly key: string;
  readonly line: number;
}

function unknownKeys(unknown: readonly Unknown[], file: ScriptFile): MigrateError {
  const keys = unknown.map(({ key }) => key).join(',');
  const what = unknown.length === 1 ? 'property' : 'properties';
  return new MigrateError(
    'MIGRATION_SCRIPT_CONFIG',
    `Unknown configuration ${what}: ${keys}. Please check your script config files`,
    {
      flywayCode: 'CONFIGURATION',
      file: file.script,
      line: unknown[0]?.line,
      hint: 'A script may set executeInTransaction, encoding, placeholderReplacement and shouldExecute.',
    },
  );
}
