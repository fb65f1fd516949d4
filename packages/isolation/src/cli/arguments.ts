import { parseArgs } from 'node:util';
import { targetNames, type TargetName } from '../attack-cell.ts';
import { attacks, type Attack } from '../attacks/index.ts';
import { severities, type Severity } from '../finding.ts';
import { IsolationError } from '../isolation-error.ts';
import { reportFormats, type ReportFormat } from '../report/index.ts';
import {
  commandNames,
  options,
  optionsOf,
  type CommandName,
  type OptionName,
  type OptionValues,
} from './options.ts';

/** A command line that was taken apart and understood. */
export interface CommandLine {
  readonly command: CommandName | undefined;
  /** Of `report`: the run that was saved. */
  readonly file: string | undefined;
  readonly url: string | undefined;
  readonly config: string | undefined;
  readonly format: ReportFormat;
  readonly outputs: readonly { readonly file: string; readonly format: ReportFormat }[];
  /** Of `attack`: an application that is attacked over HTTP. */
  readonly application: string | undefined;
  readonly targets: readonly TargetName[] | undefined;
  readonly attacks: readonly Attack[] | undefined;
  /** Beginnings of ids, as they were given: of attacks, or of faults. */
  readonly only: readonly string[] | undefined;
  readonly failOn: Severity;
  readonly location: string | undefined;
  readonly throwAway: boolean;
  readonly all: boolean;
  readonly quiet: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/**
 * Takes a command line apart; options win over the environment. Throws ISOLATION_OPTION.
 *
 * ```ts
 * parseArguments(['attack', '--only', 'poison', '--format', 'junit'], process.env);
 * ```
 */
export function parseArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const { values, positionals } = parse(argv);
  const [word, file, ...more] = positionals;
  const command = commandOf(word);
  if (more.length > 0 || (file !== undefined && command !== 'report'))
    refuse(`There is one word too much: "${more[0] ?? file}".`);
  for (const name of Object.keys(values) as OptionName[]) {
    if (command !== undefined && !optionsOf(command).some(([known]) => known === name))
      refuse(`--${name} is no option of ${command}.`);
  }
  return {
    command,
    file,
    url: text(values.url) ?? (env['TENANTRY_ISOLATION_URL'] || undefined),
    config: text(values.config) ?? (env['TENANTRY_ISOLATION_CONFIG'] || undefined),
    format: oneOf('format', text(values.format) ?? 'table', reportFormats),
    outputs: ((values.output ?? []) as readonly string[]).map((each) => ({
      file: each,
      format: formatOf(each),
    })),
    application: text(values.application),
    targets:
      text(values.targets) === undefined
        ? undefined
        : list(text(values.targets)!).map((each) => oneOf('targets', each, targetNames)),
    attacks:
      text(values.only) === undefined || command === 'faults'
        ? undefined
        : attacksBy(list(text(values.only)!)),
    only: text(values.only) === undefined ? undefined : onlyOf(command, list(text(values.only)!)),
    failOn: oneOf('fail-on', text(values['fail-on']) ?? 'low', severities),
    location: text(values.location),
    throwAway: values['throw-away'] === true,
    all: values.all === true,
    quiet: values.quiet === true,
    help: values.help === true,
    version: values.version === true,
  };
}

function parse(argv: readonly string[]): { values: OptionValues; positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values, positionals };
  } catch (error) {
    // "Unknown option '--x'. To specify a positional argument …": the rest is of no use here.
    return refuse((error as Error).message.split(/\. |\n/)[0]!.replace(/\.?$/, '.'));
  }
}

function commandOf(word: string | undefined): CommandName | undefined {
  return word === undefined ? undefined : oneOf('command', word, commandNames);
}

function oneOf<T extends string>(what: string, given: string, known: readonly T[]): T {
  const found = known.find((each) => each === given);
  return (
    found ??
    refuse(`${what === 'command' ? 'A command' : `--${what}`} is one of ${known.join(', ')}; not "${given}".`)
  );
}

/** A comma, as long as no name has one. */
function list(given: string): readonly string[] {
  return given
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** Of faults the families, which are no secret, so that a slip of the pen does not run nothing and call it a success. */
function onlyOf(command: CommandName | undefined, prefixes: readonly string[]): readonly string[] {
  if (command === 'faults' && prefixes.length === 0) refuse('--only names nothing.');
  return prefixes;
}

function attacksBy(prefixes: readonly string[]): readonly Attack[] {
  for (const prefix of prefixes) {
    if (!attacks.some(({ id }) => id.startsWith(prefix)))
      refuse(`--only: no attack's id begins with "${prefix}".`);
  }
  return attacks.filter(({ id }) => prefixes.some((prefix) => id.startsWith(prefix)));
}

const byEnding: readonly (readonly [RegExp, ReportFormat])[] = [
  [/\.sarif(\.json)?$/, 'sarif'],
  [/\.json$/, 'json'],
  [/\.xml$/, 'junit'],
  [/\.(txt|log|md)$/, 'table'],
];

function formatOf(file: string): ReportFormat {
  const known = byEnding.find(([ending]) => ending.test(file));
  return (
    known?.[1] ??
    refuse(`--output: the name of "${file}" says no format; it ends in .json, .sarif, .xml or .txt.`)
  );
}

function text(value: OptionValues[OptionName]): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function refuse(message: string): never {
  throw new IsolationError('ISOLATION_OPTION', message);
}
