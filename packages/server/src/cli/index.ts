import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { auditCommands } from './audit.ts';
import { cellCommands } from './cell.ts';
import { configCommand } from './config.ts';
import { consoleCommands } from './console.ts';
import { demoCommand } from './demo.ts';
import { evidenceCommands } from './evidence.ts';
import { exitCodeMeanings, exitCodes } from './exit.ts';
import { describeFailure, reportFailure } from './failure.ts';
import type { CliHost } from './host.ts';
import { directArguments, isolationCommands, runDirect } from './isolation.ts';
import { keyCommands } from './key.ts';
import { migrateArguments, migrateCommand, runMigrate } from './migrate.ts';
import { migrationCommands } from './migration.ts';
import { operationCommands } from './operation.ts';
import { createOutput, type Output } from './output.ts';
import { readerCommands } from './reader.ts';
import { securityCommands } from './security.ts';
import { scaffoldCommands } from './scaffold.ts';
import { interruption, openSession, type Cli, type GlobalFlags, type Session } from './session.ts';
import { tenantCommands } from './tenant.ts';
import { upCommand } from './up.ts';

export type { CliHost, CliInput, CliStream } from './host.ts';
export { exitCodes, type ExitCode } from './exit.ts';

/**
 * Runs the command line and gives its exit code (see `exitCodes`). Writes to the host's streams only, never throws, never
 * ends the process.
 *
 * ```ts
 * process.exitCode = await runCli(process.argv.slice(2), host);
 * ```
 */
export async function runCli(argv: readonly string[], host: CliHost): Promise<number> {
  const migrateArgv = migrateArguments(argv);
  if (migrateArgv) return runMigrate(migrateArgv, host);
  const directArgv = directArguments(argv, host.env);
  if (directArgv) return runDirect(directArgv, host);
  const program = createProgram(host);
  // Asked before parsing, because what cannot be parsed is reported in the same form.
  const words = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length);
  const out = createOutput(host, { json: words.includes('--json'), quiet: words.includes('--quiet') });
  let session: Session | undefined;
  let exitCode: number = exitCodes.ok;
  register(program, {
    host,
    out,
    async run(body) {
      exitCode = await body();
    },
    async connected(body) {
      session = await openSession(program, host, out);
      exitCode = await body(session);
    },
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(out, error, session);
  }
}

function report(out: Output, error: unknown, session: Session | undefined): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    // The help was shown instead of an error: a command was named without its verb.
    if (error.code === 'commander.help' && !out.json) return exitCodes.usage;
  }
  const interrupted = session?.interrupted.aborted === true && !isCliError(error);
  const failure = describeFailure(interrupted ? interruption() : error);
  reportFailure(out, failure);
  return failure.exitCode;
}

function isCliError(error: unknown): boolean {
  return error instanceof Error && error.name === 'CliError';
}

function createProgram(host: CliHost): Command {
  const json = () => program.opts<GlobalFlags>().json === true;
  const program: Command = new Command('tenantry')
    .description('Multi-tenant PostgreSQL: a schema, an owner and a login for every tenant.')
    .version(version(), '--version', 'print the version')
    .option(
      '--url <address>',
      'the control plane [TENANTRY_URL] (default: this machine, at TENANTRY_PORT or 7700)',
    )
    .option('--json', 'for programs: one JSON document on stdout, errors as a JSON object on stderr')
    .option('--quiet', 'results and errors only: no progress, no hints, ids where they are enough')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void (json() || host.stderr.write(text)),
      // `report` writes it, in the form that was asked for.
      outputError: () => undefined,
      getOutHelpWidth: () => host.stdout.columns ?? 100,
      getErrHelpWidth: () => host.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  return program.addHelpText('after', `\n${generalHelp}`);
}

function register(program: Command, cli: Cli): void {
  upCommand(program, cli);
  demoCommand(program, cli);
  tenantCommands(program, cli);
  operationCommands(program, cli);
  migrationCommands(program, cli);
  migrateCommand(program);
  cellCommands(program, cli);
  auditCommands(program, cli);
  isolationCommands(program, cli);
  evidenceCommands(program, cli);
  keyCommands(program, cli);
  consoleCommands(program, cli);
  readerCommands(program, cli);
  securityCommands(program, cli);
  scaffoldCommands(program, cli);
  configCommand(program, cli);
}

const generalHelp = `The token is read from TENANTRY_TOKEN. On the machine of the control plane the
admin token that "tenantry up" keeps under TENANTRY_HOME is found by itself; it
is never sent to another machine. There is no flag for it: every user of a
machine can read the arguments of a process.

Examples:
  tenantry up                           start the control plane
  tenantry tenant create acme           provision a tenant and wait until it is active
  tenantry tenant list --state active   see the tenants
  tenantry demo                         25 tenants with data to look at

Exit codes:
${exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join('\n')}`;

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
