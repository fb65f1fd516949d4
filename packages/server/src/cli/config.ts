import type { Command } from 'commander';
import { options, type Option, type OptionName } from '../config.ts';
import { ConfigError } from '../errors.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { printTable } from './render.ts';
import type { Cli } from './session.ts';

interface Row {
  readonly name: OptionName;
  readonly flag: string;
  readonly env: string;
  readonly default: string;
  readonly meaning: string;
  /** The value in effect as it is written, secrets hidden. */
  readonly value: string;
  readonly source: 'environment' | 'default';
  /** Why the value cannot be used. */
  readonly problem: string | null;
}

/** `tenantry config`: every option, from the one table that flags and environment come from too. */
export function configCommand(program: Command, cli: Cli): void {
  program
    .command('config')
    .description('show every option of "tenantry up" with the value it has here; secrets are hidden')
    .option('--markdown', 'print the reference page instead: no values')
    .addHelpText('after', '\nExample:\n  TENANTRY_PORT=8080 tenantry config')
    .action(({ markdown }: { markdown?: boolean }) =>
      cli.run(async () => (markdown ? printReference(cli) : printValues(cli))),
    );
}

function printValues({ host, out }: Cli): ExitCode {
  const rows = (Object.keys(options) as OptionName[]).map((name) => rowOf(name, host.env));
  const broken = rows.filter(({ problem }) => problem !== null);
  if (out.json) out.document({ options: rows });
  else {
    printTable<Row>(
      out,
      rows,
      [
        { title: 'variable', value: ({ env }) => env },
        { title: 'value', value: ({ value }) => value, min: 12 },
        { title: 'source', value: ({ source }) => source },
        { title: 'meaning', value: ({ meaning }) => meaning, min: 20 },
      ],
      'No options.',
    );
    for (const { problem } of broken) out.complain(`${out.paintError('red', 'error')} CONFIG: ${problem}\n`);
  }
  return broken.length === 0 ? exitCodes.ok : exitCodes.usage;
}

function printReference({ out }: Cli): ExitCode {
  const escape = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  const rows = Object.values<Option<unknown>>(options);
  if (out.json) {
    out.document({
      options: rows.map(({ env, flag, defaultText, meaning }) => ({
        env,
        flag,
        default: defaultText,
        meaning,
      })),
    });
    return exitCodes.ok;
  }
  out.print('| Variable | Flag of `tenantry up` | Default | Meaning |\n|---|---|---|---|');
  for (const { env, flag, defaultText, meaning } of rows) {
    out.print(`| \`${env}\` | \`${flag}\` | ${escape(defaultText)} | ${escape(meaning)} |`);
  }
  return exitCodes.ok;
}

function rowOf(name: OptionName, env: Readonly<Record<string, string | undefined>>): Row {
  const option: Option<unknown> = options[name];
  const given = env[option.env];
  const set = given !== undefined && given !== '';
  const row = {
    name,
    flag: option.flag,
    env: option.env,
    default: option.defaultText,
    meaning: option.meaning,
  };
  // The directory depends on the user; every other default is the same everywhere, and readable in its own words.
  if (!set) {
    const value = name === 'home' ? options.home.default() : option.defaultText;
    return { ...row, value, source: 'default', problem: null };
  }
  const value = hideSecret(name, given);
  try {
    option.parse(given);
    return { ...row, value, source: 'environment', problem: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ...row, value, source: 'environment', problem: error.message };
  }
}

function hideSecret(name: OptionName, text: string): string {
  if ((options[name] as Option<unknown>).secret !== true) return text;
  if (name !== 'databaseUrl') return 'set, hidden';
  if (!URL.canParse(text)) return 'set, hidden';
  const url = new URL(text);
  // A password may also stand in the query, as libpq allows.
  return `${url.protocol}//${url.username ? `${url.username}:***@` : ''}${url.host}${url.pathname}`;
}
