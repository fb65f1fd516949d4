import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfiguration } from '../config/load.ts';
import type { Configuration } from '../config/load.ts';
import { parseArguments } from './arguments.ts';
import type { CommandLine } from './arguments.ts';
import { commands } from './commands.ts';
import { describeFailure, exitCodes, reportFailure, UsageError } from './failure.ts';
import type { ExitCode } from './failure.ts';
import { helpOf, programHelp } from './help.ts';
import type { MigrateHost } from './host.ts';
import type { CommandName } from './options.ts';
import { programOptions } from './options.ts';
import { createOutput } from './output.ts';
import type { Output, OutputModes } from './output.ts';
import { runCommand } from './run.ts';

export { commandHelp } from './command-help.ts';
export type { MigrateHost, MigrateInput, MigrateStream } from './host.ts';
export { commandNames } from './options.ts';

/**
 * Runs a command line and gives its exit code: 0 done, 1 failed, 2 not understood, 130 interrupted. Writes to the host's
 * streams only, never throws, never ends the process.
 *
 * @example
 * ```ts
 * process.exitCode = await runMigrateCli(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, env: process.env });
 * ```
 */
export async function runMigrateCli(argv: readonly string[], host: MigrateHost): Promise<number> {
  let out = createOutput(host, earlyModes(argv));
  try {
    const line = parseArguments(argv);
    const help = helpFor(line, host);
    if (help !== undefined) {
      host.stdout.write(`${help}\n`);
      return exitCodes.ok;
    }
    out = createOutput(host, modesOf(line, host));
    return await runAll(line, host, out);
  } catch (error) {
    const failure = describeFailure(error);
    reportFailure(out, failure, error);
    return failure.exitCode;
  }
}

function helpFor({ options, commands: named }: CommandLine, host: MigrateHost): string | undefined {
  const program = host.program ?? 'tenantry-migrate';
  if (options.version) return packageVersion();
  if (options.help) return named[0] === undefined ? programHelp(program) : helpOf(program, named[0]);
  return undefined;
}

/** What cannot be parsed is reported in the form that was asked for. */
function earlyModes(argv: readonly string[]): OutputModes {
  const flyway = argv.includes('-outputType=json');
  const json = flyway || argv.includes('--json');
  return { json, errorsOnStdout: flyway, quiet: false, debug: false, color: 'auto', file: undefined };
}

function modesOf({ options }: CommandLine, host: MigrateHost): OutputModes {
  const { outputType, color = 'auto', outputFile } = options;
  if (outputType !== undefined && outputType.toLowerCase() !== 'json' && outputType !== '')
    throw new UsageError(`-outputType must be json, not "${outputType}".`);
  if (color !== 'always' && color !== 'never' && color !== 'auto')
    throw new UsageError(`--color must be always, never or auto, not "${color}".`);
  const flyway = outputType?.toLowerCase() === 'json';
  return {
    json: flyway || options.json === 'true',
    errorsOnStdout: flyway && options.json !== 'true',
    quiet: options.quiet === 'true',
    debug: options.debug === 'true',
    color,
    file: outputFile === undefined ? undefined : resolve(host.directory ?? '.', outputFile),
  };
}

async function runAll(line: CommandLine, host: MigrateHost, out: Output): Promise<ExitCode> {
  if (line.commands.length === 0) {
    if (out.json) throw new UsageError('There is no command.', 'Add --help to see the commands.');
    host.stderr.write(`${programHelp(host.program ?? 'tenantry-migrate')}\n`);
    return exitCodes.usage;
  }
  refuseForeignOptions(line);
  const configuration = await configure(line, host, out);
  const interruption = new AbortController();
  host.onInterrupt?.(() => interruption.abort());
  const documents: Readonly<Record<string, unknown>>[] = [];
  let exitCode: ExitCode = exitCodes.ok;
  for (const name of line.commands) {
    const base = { host, out, options: line.options, configuration };
    const outcome = await runCommand(base, interruption.signal, commands[name]);
    documents.push(outcome.document);
    exitCode = outcome.exitCode;
    if (exitCode !== exitCodes.ok) break;
  }
  const [only = {}] = documents;
  if (out.json) out.document(line.commands.length === 1 ? only : { individualResults: documents });
  return exitCode;
}

function refuseForeignOptions({ options, commands: named }: CommandLine): void {
  for (const name of Object.keys(options) as (keyof typeof programOptions)[]) {
    const of: readonly CommandName[] | undefined = programOptions[name].of;
    if (of !== undefined && !named.some((command) => of.includes(command)))
      throw new UsageError(`--${name} is an option of ${of.join(', ')}.`);
  }
}

async function configure(line: CommandLine, host: MigrateHost, out: Output): Promise<Configuration> {
  const { stdin } = host;
  const configuration = await loadConfiguration({
    flags: line.flags,
    env: host.env,
    ...(host.directory === undefined ? {} : { directory: host.directory }),
    ...(host.home === undefined ? {} : { home: host.home }),
    ...(stdin === undefined ? {} : { stdin: () => readAll(stdin) }),
  });
  for (const note of configuration.notes) out.warn(note);
  for (const [key, origin] of configuration.origins) out.trace(`${key} is from ${origin}`);
  if (
    line.flags.some(
      ({ name, value }) => /^url$/i.test(name) && /:\/\/[^/@]*:[^/@]+@|[?&]password=/.test(value),
    )
  ) {
    const instead = 'give it in FLYWAY_PASSWORD or PGPASSWORD, or with --password-file.';
    out.warn(`Every user of this machine can read the password in --url while the command runs; ${instead}`);
  }
  return configuration;
}

async function readAll(input: AsyncIterable<unknown>): Promise<string> {
  const parts: string[] = [];
  for await (const part of input) parts.push(Buffer.isBuffer(part) ? part.toString('utf8') : String(part));
  return parts.join('');
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
