import { writeFile } from 'node:fs/promises';
import { findingSeverities, type FindingSeverity, type IsolationPart } from '@tenantry/contract';
import type { ReportFormat } from '@tenantry/isolation';
import { Option, type Command } from 'commander';
import { collect, timeoutOption } from './arguments.ts';
import { exitCodes, usageError, type ExitCode } from './exit.ts';
import type { Cli, Session } from './session.ts';
import { waitForOperation } from './wait.ts';

const reportFormats = ['table', 'json', 'sarif', 'junit'] as const satisfies readonly ReportFormat[];

interface VerifyFlags {
  readonly cell?: string;
  readonly format: ReportFormat;
  readonly output?: readonly string[];
  readonly failOn: FindingSeverity;
  readonly all?: boolean;
  readonly timeout: number;
  readonly reason?: string;
}

const verbs: readonly {
  readonly name: string;
  readonly parts: readonly IsolationPart[];
  readonly description: string;
}[] = [
  {
    name: 'verify',
    parts: ['audit', 'oracle'],
    description: 'compare the catalogs with what the design needs, and ask PostgreSQL what roles may do',
  },
  {
    name: 'attack',
    parts: ['probes'],
    description: 'let one canary tenant attack another over every lane',
  },
  {
    name: 'faults',
    parts: ['faults'],
    description: 'weaken a throw-away cell in every way there is, and count what is noticed',
  },
];

/** `verify`, `attack` and `faults`: a run of the control plane, waited for and shown as a report. */
export function verifyCommands(isolation: Command, cli: Cli): void {
  for (const { name, parts, description } of verbs) {
    timeoutOption(
      isolation
        .command(name)
        .description(`${description}; the exit code is 1 on a finding`)
        .option('--cell <cell>', 'on this cell (default: all)')
        .addOption(
          new Option('--format <format>', 'what goes to the standard output')
            .choices(reportFormats)
            .default('table'),
        )
        .option(
          '--output <file>',
          'write a file as well, its format by its name: .json, .sarif, .xml, .txt; may be repeated',
          collect,
        )
        .addOption(
          new Option('--fail-on <severity>', 'exit with 1 from this severity')
            .choices(findingSeverities)
            .default('low'),
        )
        .option('--reason <text>', 'why; it stands in the audit trail')
        .option('--all', 'in the table: every attack, and every finding in full'),
    )
      .addHelpText('after', `\nExample:\n  tenantry isolation ${name} --format sarif --output isolation.xml`)
      .action((flags: VerifyFlags) => cli.connected((session) => run(session, parts, flags)));
  }
}

async function run(session: Session, parts: readonly IsolationPart[], flags: VerifyFlags): Promise<ExitCode> {
  const { client, out, host } = session;
  const outputs = (flags.output ?? []).map((file) => ({ file, format: formatOf(file) }));
  const started = await client.call('startIsolationRun', {
    body: {
      parts: [...parts],
      ...(flags.cell === undefined ? {} : { cell: flags.cell }),
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    },
  });
  await waitForOperation(session, started.operation, flags.timeout);
  // Loaded when needed: every check and attack is in it.
  const { resultOf, problemsOf, render } = await import('./isolation-result.ts');
  const result = await resultOf(client, started.run.id);
  const as = (format: ReportFormat, width?: number) =>
    render(result, format, { all: flags.all === true, ...(width === undefined ? {} : { width }) });
  for (const { file, format } of outputs) await writeFile(file, as(format));
  await out.raw(as(out.json ? 'json' : flags.format, host.stdout.columns));
  const bad = findingSeverities.slice(0, findingSeverities.indexOf(flags.failOn) + 1);
  const failed = problemsOf(result).some(({ severity }) => bad.includes(severity));
  return failed ? exitCodes.failed : exitCodes.ok;
}

const byEnding: readonly (readonly [RegExp, ReportFormat])[] = [
  [/\.sarif(\.json)?$/, 'sarif'],
  [/\.json$/, 'json'],
  [/\.xml$/, 'junit'],
  [/\.(txt|log|md)$/, 'table'],
];

function formatOf(file: string): ReportFormat {
  const known = byEnding.find(([ending]) => ending.test(file));
  if (known) return known[1];
  throw usageError(`--output: the name of "${file}" says no format; it ends in .json, .sarif, .xml or .txt.`);
}
