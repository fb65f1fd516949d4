import { wrap } from '../report/text.ts';
import { commandHelp, commandNames, optionsOf, type CommandName } from './options.ts';

const width = 100;

/** The help of the program, or of one command. */
export function helpOf(program: string, command: CommandName | undefined): string {
  return command === undefined ? programHelp(program) : commandText(program, command);
}

function programHelp(program: string): string {
  return [
    `Usage: ${program} <command> [options]`,
    'Proves that one tenant of a PostgreSQL database cannot reach another, and that the proof can fail.',
    ['Commands:', ...table(commandNames.map((name) => [name, commandHelp[name].summary]))].join('\n'),
    ['Options:', ...optionLines(undefined)].join('\n'),
    `Signed reports of a saved run, and the check of such reports: ${program} evidence --help`,
    environment,
    exitCodes,
  ].join('\n\n');
}

function commandText(program: string, command: CommandName): string {
  const { summary, details, examples } = commandHelp[command];
  return [
    `Usage: ${program} ${command}${command === 'report' ? ' [file]' : ''} [options]`,
    wrap(`${summary[0]!.toUpperCase()}${summary.slice(1)}. ${details}`, width).join('\n'),
    ['Options:', ...optionLines(command)].join('\n'),
    ...(command === 'attack' || command === 'report' ? [environment] : []),
    ['Examples:', ...examples.map((example) => `  ${program} ${example}`)].join('\n'),
    exitCodes,
  ].join('\n\n');
}

function optionLines(command: CommandName | undefined): readonly string[] {
  return table(
    optionsOf(command).map(([name, { short, value, env, meaning }]) => [
      `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`,
      `${meaning}${env === undefined ? '' : ` [${env}]`}`,
    ]),
  );
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const left = Math.max(...rows.map(([words]) => words.length));
  return rows.flatMap(([words, meaning]) =>
    wrap(meaning, width - left - 4).map((line, at) => `  ${(at === 0 ? words : '').padEnd(left)}  ${line}`),
  );
}

const environment = `Environment:
  TENANTRY_CREDENTIAL_KEY   the control plane's key, base64: the lanes leased and auto need it
  TENANTRY_ISOLATION_APPLICATION_URL
                            the application's login, where --config says how it serves its tenants
  PGHOST, PGPASSWORD, …     as everywhere; a password in --url can be read by every user of the machine`;

const exitCodes = `Exit codes:
  0    nothing found
  1    a finding
  2    the command, a file or a right is missing or not valid
  3    the database cannot be reached
  130  interrupted`;
