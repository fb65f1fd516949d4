import { MigrateError } from '../errors.ts';
import type { MigrateSettings } from '../settings.ts';
import { replacePlaceholders, type PlaceholderContext, type ScriptFile } from './placeholders.ts';
import type { ScriptConfig } from './types.ts';

/** What a script has without a `.conf` file. */
export function defaultConfig(settings: MigrateSettings): ScriptConfig {
  return {
    executeInTransaction: settings.executeInTransaction,
    encoding: settings.encoding,
    placeholderReplacement: settings.placeholderReplacement,
    shouldExecute: true,
  };
}

/**
 * Reads `<file>.sql.conf`: `key=value` lines, `#` and `!` begin a comment; placeholders in values are replaced first.
 *
 * @throws MigrateError MIGRATION_SCRIPT_CONFIG
 */
export function readScriptConfig(
  text: string,
  file: ScriptFile,
  settings: MigrateSettings,
  context: PlaceholderContext,
): ScriptConfig {
  const config = { ...defaultConfig(settings) };
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue;
    const place = { file: file.script, line: index + 1 };
    const at = line.search(/[=:]/);
    const name = (at < 0 ? line : line.slice(0, at)).trim();
    const given = at < 0 ? '' : line.slice(at + 1).trim();
    const value = replacePlaceholders(given, file, settings, context);
    switch (name) {
      case 'executeInTransaction':
      case 'placeholderReplacement':
        config[name] = toBoolean(name, value, place);
        break;
      case 'encoding':
        config.encoding = value;
        break;
      case 'shouldExecute':
        config.shouldExecute = evaluate(value, place);
        break;
      default:
        throw new MigrateError(
          'MIGRATION_SCRIPT_CONFIG',
          `Unknown configuration property: ${name}. Please check your script config files`,
          {
            flywayCode: 'CONFIGURATION',
            ...place,
            hint: 'A script may set executeInTransaction, encoding, placeholderReplacement and shouldExecute.',
          },
        );
    }
  }
  return config;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function toBoolean(name: string, value: string, place: Place): boolean {
  const lower = value.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw new MigrateError('MIGRATION_SCRIPT_CONFIG', `${name} is neither true nor false: ${value}`, place);
}

/**
 * `true`, `false`, `A==B`, `A!=B`, joined by `&&` and `||` (`&&` binds closer) and grouped by parentheses. Flyway has it in
 * a paid edition only.
 */
function evaluate(expression: string, place: Place): boolean {
  const tokens = expression.match(/\(|\)|&&|\|\||==|!=|(?:(?!\(|\)|&&|\|\||==|!=)[\s\S])+/g) ?? [];
  const rest = tokens.map((token) => token.trim()).filter((token) => token !== '');
  const fail = (): never => {
    throw new MigrateError('MIGRATION_SCRIPT_CONFIG', `shouldExecute cannot be read: ${expression}`, {
      ...place,
      hint: 'Write true, false, A==B or A!=B, joined by && and ||, grouped by ( ).',
    });
  };
  const value = either();
  if (rest.length > 0) fail();
  return value;

  function either(): boolean {
    let result = both();
    while (rest[0] === '||') {
      rest.shift();
      result = both() || result;
    }
    return result;
  }

  function both(): boolean {
    let result = one();
    while (rest[0] === '&&') {
      rest.shift();
      result = one() && result;
    }
    return result;
  }

  function one(): boolean {
    // Nothing on one side is an empty placeholder.
    const left = rest[0] === '==' || rest[0] === '!=' ? '' : (rest.shift() ?? fail());
    if (left === '(') {
      const inner = either();
      if (rest.shift() !== ')') fail();
      return inner;
    }
    if (rest[0] === '==' || rest[0] === '!=') {
      const equal = rest.shift() === '==';
      const right = rest[0] === undefined || /^(?:\)|&&|\|\|)$/.test(rest[0]) ? '' : rest.shift();
      return (left === right) === equal;
    }
    if (left === 'true' || left === 'false') return left === 'true';
    return fail();
  }
}
