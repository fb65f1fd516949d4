import type { AnyKey } from '../config/key.ts';
import { flagName } from '../config/key.ts';
import { keys } from '../config/keys.ts';
import { commandHelp } from './command-help.ts';
import type { CommandName, ProgramOption } from './options.ts';
import { commandNames, programOptions } from './options.ts';

const WIDTH = 100;

/** The help of the program. */
export function programHelp(program: string): string {
  return [
    `Usage: ${program} <command> [options]`,
    wrap('Flyway-compatible migrations of one schema of a PostgreSQL database.', 0),
    section(
      'Commands',
      commandNames.map((name) => [name, commandHelp[name].summary]),
    ),
    section('Options', optionRows(undefined)),
    [
      'Settings come from flags, FLYWAY_… variables, flyway.toml or flyway.conf, in this order. Each has a flag,',
      `in two spellings: --out-of-order and Flyway's -outOfOrder=true. "${program} migrate --help" shows them.`,
      'Several commands run one after the other: clean migrate.',
    ].join('\n'),
    examples([
      `${program} info --url postgres://app@localhost/shop --schema shop`,
      `${program} migrate --locations db/migration --schema shop`,
      `${program} -url=jdbc:postgresql://localhost/shop -schemas=shop -outOfOrder=true migrate`,
    ]),
    'Exit codes:\n  0  done\n  1  it failed, or what was checked is not in order\n  2  the command line or the configuration is not valid\n130  interrupted',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The help of one command: its options, and the settings that it looks at. */
export function helpOf(program: string, name: CommandName): string {
  const { summary, details, settings, examples: lines } = commandHelp[name];
  const own = keys.filter((key) => settings.includes(key.name));
  const connection = keys.filter((key) => connectionNames.includes(key.name));
  return [
    `Usage: ${program} ${name} [options]`,
    wrap(`${summary[0]!.toUpperCase()}${summary.slice(1)}. ${details}`, 0),
    section('Options', optionRows(name)),
    section('Connection', connection.map(keyRow)),
    section('Settings', own.map(keyRow)),
    section('Global Options', optionRows(undefined)),
    examples(lines.map((line) => `${program} ${line}`)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const connectionNames: readonly string[] = [
  'url',
  'user',
  'passwordFile',
  'connectRetries',
  'schemas',
  'defaultSchema',
  'initSql',
  'configFiles',
  'workingDirectory',
];

function optionRows(name: CommandName | undefined): readonly Row[] {
  return Object.values<ProgramOption>(programOptions)
    .filter(
      ({ hidden, of }) => !hidden && (name === undefined ? of === undefined : of?.includes(name) === true),
    )
    .map(({ name: long, short, value, meaning }): Row => [
      [...short, `--${flagName(long)}${value === undefined ? '' : ` <${value}>`}`].join(', '),
      meaning,
    ]);
}

type Row = readonly [left: string, right: string];

function keyRow(key: AnyKey): Row {
  const name = flagName(key.alias ?? key.name);
  if (key.type.map === true) return [`--${name}.<name> <text>`, plain(key.meaning)];
  if (key.type.says === 'true or false') return [`--${name}`, plain(key.meaning)];
  return [`--${name} <${key.type.says.split(/[ ,]/)[0]!}>`, plain(key.meaning)];
}

/** The sentences of the table of keys hold Markdown's backticks. */
function plain(meaning: string): string {
  return meaning.replaceAll('`', '');
}

function section(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const width = Math.min(30, Math.max(...rows.map(([left]) => left.length)));
  const lines = rows.map(([left, right]) => {
    const head = `  ${left.padEnd(width)}  `;
    const text = wrap(right, width + 4);
    return left.length > width ? `  ${left}\n${' '.repeat(width + 4)}${text}` : `${head}${text}`;
  });
  return `${title}:\n${lines.join('\n')}`;
}

function examples(lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** Breaks a text into lines; those after the first are indented. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && indent + line.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
