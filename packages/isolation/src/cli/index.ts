import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { IsolationError } from '../isolation-error.ts';
import { severities } from '../finding.ts';
import { fromJson, render, type ReportFormat } from '../report/index.ts';
import { problemsOf, type RunResult } from '../result.ts';
import { parseArguments, type CommandLine } from './arguments.ts';
import { runCommand } from './commands.ts';
import { runEvidence } from './evidence.ts';
import { describeFailure, exitCodes, type ExitCode } from './failure.ts';
import { helpOf } from './help.ts';
import type { IsolationHost } from './host.ts';

export { exitCodes, type ExitCode } from './failure.ts';
export type { IsolationHost, IsolationStream } from './host.ts';
export { commandHelp, commandNames, options } from './options.ts';

/**
 * Runs a command line and gives its exit code: 0 nothing found, 1 a finding, 2 not usable, 3 unreachable, 130 interrupted. Writes to
 * the host's streams and the files of `--output` only, never throws, never ends the process.
 *
 * ```ts
 * process.exitCode = await runIsolationCli(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, env: process.env });
 * ```
 */
export async function runIsolationCli(argv: readonly string[], host: IsolationHost): Promise<ExitCode> {
  try {
    if (argv[0] === 'evidence') return await runEvidence(argv.slice(1), host, packageVersion());
    const line = parseArguments(argv, host.env);
    const program = host.program ?? 'tenantry-isolation';
    if (line.version) return say(host, `${packageVersion()}\n`, exitCodes.clean);
    if (line.help) return say(host, `${helpOf(program, line.command)}\n`, exitCodes.clean);
    if (line.command === undefined) {
      host.stderr.write(`${helpOf(program, undefined)}\n`);
      return exitCodes.usage;
    }
    return await show(await resultOf(line, host), line, host);
  } catch (error) {
    const { code, message, exitCode } = describeFailure(error);
    host.stderr.write(`${code}: ${message}\n`);
    return exitCode;
  }
}

/** What a command of commander has that this needs of it. */
export interface MountingProgram {
  command(name: string): { description(text: string): unknown };
}

/**
 * Says in the help of another program that there is `isolation`. What runs it is {@link runIsolationCli}, with the words behind that:
 * its `--url` is a database, so a parser of other options must not see them.
 *
 * ```ts
 * isolationCommand(program);
 * ```
 */
export function isolationCommand(program: MountingProgram): void {
  program
    .command('isolation')
    .description(
      'verify, attack, faults, report: prove that tenants are isolated, and that the proof can fail',
    );
}

/**
 * The arguments of `tenantry isolation …`; undefined for any other command.
 *
 * ```ts
 * isolationArguments(['isolation', 'verify', '--url', url]); // ['verify', '--url', url]
 * ```
 */
export function isolationArguments(argv: readonly string[]): readonly string[] | undefined {
  if (argv[0] === 'help' && argv[1] === 'isolation') return ['--help', ...argv.slice(2)];
  const at = argv.findIndex((word, index) => !word.startsWith('-') && argv[index - 1] !== '--url');
  return argv[at] === 'isolation' ? argv.toSpliced(at, 1) : undefined;
}

async function resultOf(line: CommandLine, host: IsolationHost): Promise<RunResult> {
  if (line.command !== 'report' || line.file === undefined) return runCommand(line, host, packageVersion());
  const text = await readFile(resolve(host.directory ?? '.', line.file), 'utf8');
  try {
    return fromJson(text);
  } catch (error) {
    throw new IsolationError('ISOLATION_OPTION', `${line.file}: ${(error as Error).message}`);
  }
}

async function show(result: RunResult, line: CommandLine, host: IsolationHost): Promise<ExitCode> {
  const location = line.location ?? line.config;
  const as = (format: ReportFormat, width: number | undefined): string =>
    render(result, format, {
      all: line.all,
      ...(width === undefined ? {} : { width }),
      ...(location === undefined ? {} : { location }),
    });
  for (const { file, format } of line.outputs)
    await writeFile(resolve(host.directory ?? '.', file), as(format, undefined));
  const bad = severities.slice(0, severities.indexOf(line.failOn) + 1);
  const failed = problemsOf(result).some(({ severity }) => bad.includes(severity));
  return say(host, as(line.format, host.stdout.columns), failed ? exitCodes.finding : exitCodes.clean);
}

function say(host: IsolationHost, text: string, exitCode: ExitCode): ExitCode {
  host.stdout.write(text);
  return exitCode;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
