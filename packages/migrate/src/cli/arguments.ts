import { findFlag, type Flag } from '../config/flag-source.ts';
import { foreignKey } from '../config/foreign.ts';
import { flagName } from '../config/key.ts';
import { keys } from '../config/keys.ts';
import { looseName } from '../config/lookup.ts';
import { nearest } from '../config/nearest.ts';
import { boolean } from '../config/value.ts';
import { UsageError } from './failure.ts';
import type { CommandName, OptionValues, ProgramOptionName } from './options.ts';
import { commandNames, programOptions } from './options.ts';

/** A command line that was taken apart. */
export interface CommandLine {
  /** In the order they run. */
  readonly commands: readonly CommandName[];
  readonly options: OptionValues;
  /** What sets a key of the configuration. */
  readonly flags: readonly Flag[];
}

/**
 * Takes a command line apart, in both spellings: `migrate --out-of-order --schema shop` and
 * `-schemas=shop -outOfOrder=true migrate`.
 *
 * Throws UsageError.
 */
export function parseArguments(argv: readonly string[]): CommandLine {
  const commands: CommandName[] = [];
  const flags: Flag[] = [];
  const options: Partial<Record<ProgramOptionName, string>> = {};
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '') continue;
    if (!word.startsWith('-') || word === '-') {
      commands.push(commandOf(word));
      continue;
    }
    const { name, given, written } = splitFlag(word);
    const option = optionOf(written, name);
    if (option !== undefined) options[option] = valueOfOption(option, written, given, rest);
    else flags.push(settingFlag(name, given, written, rest));
  }
  return { commands, options, flags };
}

function commandOf(word: string): CommandName {
  const command = commandNames.find((name) => name === word);
  if (command !== undefined) return command;
  // What looks like a URL may hold a password, and is not shown.
  if (/[:@]/.test(word))
    throw new UsageError('A URL is no command.', 'Give the database by --url or FLYWAY_URL.');
  const near = nearest(word, commandNames);
  throw new UsageError(
    `There is no command "${word}".`,
    near?.slip === true ? `Did you mean ${near.word}?` : `There are ${commandNames.join(', ')}.`,
  );
}

function splitFlag(word: string): { name: string; given: string | undefined; written: string } {
  const at = word.indexOf('=');
  const written = at < 0 ? word : word.slice(0, at);
  return { name: written.replace(/^--?/, ''), given: at < 0 ? undefined : word.slice(at + 1), written };
}

function optionOf(written: string, name: string): ProgramOptionName | undefined {
  const names = Object.keys(programOptions) as ProgramOptionName[];
  return names.find((option) => {
    const { short, name: long } = programOptions[option];
    return short.includes(written) || looseName(long) === looseName(name);
  });
}

function valueOfOption(
  option: ProgramOptionName,
  written: string,
  given: string | undefined,
  rest: string[],
): string {
  if (programOptions[option].value !== undefined) return given ?? nextValue(written, rest);
  const on = given === undefined ? true : boolean.read(given);
  if (on === undefined) throw new UsageError(`${written} is a switch and takes no value "${given}".`);
  return on ? 'true' : '';
}

function settingFlag(name: string, given: string | undefined, written: string, rest: string[]): Flag {
  const found = findFlag(name);
  const off = found === undefined && name.startsWith('no-') ? findFlag(name.slice(3)) : undefined;
  if (off?.key.type === boolean && given === undefined)
    return { name: name.slice(3), value: 'false', written };
  if (found === undefined && !name.startsWith('environments.') && foreignKey(name) === undefined)
    throw unknownFlag(name, written);
  if (given !== undefined) return { name, value: given, written };
  if (found?.key.type !== boolean) return { name, value: nextValue(written, rest), written };
  const explicit = rest[0] === 'true' || rest[0] === 'false' ? rest.shift()! : 'true';
  return { name, value: explicit, written };
}

function nextValue(written: string, rest: string[]): string {
  const next = rest[0];
  if (next === undefined || (/^-./.test(next) && !/^-\d+$/.test(next))) {
    throw new UsageError(`${written} needs a value.`, `Write ${written}=<value>.`);
  }
  return rest.shift()!;
}

function unknownFlag(name: string, written: string): UsageError {
  const known = [
    ...keys.map((key) => key.name),
    ...Object.values(programOptions).map((option) => option.name),
  ];
  const near = nearest(
    name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    known,
  )!;
  const spelled = written.startsWith('--') ? `--${flagName(near.word)}` : `-${near.word}`;
  const hint = near.slip ? `Did you mean ${spelled}?` : `The nearest one is ${spelled}; --help shows all.`;
  return new UsageError(`There is no option ${written}.`, hint);
}
