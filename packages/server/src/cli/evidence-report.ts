import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { evidenceFormats, type Evidence, type EvidenceFormat } from '@tenantry/contract';
import { Option, type Command } from 'commander';
import { printEvidence } from './evidence-print.ts';
import { exitCodes, usageError, type ExitCode } from './exit.ts';
import { saveFile } from './save-file.ts';
import type { Cli, Session } from './session.ts';
import { parseMoment } from './time.ts';
import { timeoutOption } from './arguments.ts';
import { waitForOperation } from './wait.ts';

interface ReportFlags {
  readonly tenant?: string;
  readonly from?: string;
  readonly to?: string;
  readonly format?: EvidenceFormat;
  readonly output?: string;
  readonly run?: boolean;
  readonly timeout: number;
}

/** `tenantry isolation report`: issues a report and downloads it. */
export function reportCommand(isolation: Command, cli: Cli): void {
  timeoutOption(
    isolation
      .command('report')
      .description('issue a signed report of what was verified, for an auditor or for one customer')
      .option('--tenant <tenant>', 'about this tenant alone, by id or slug, without a word about others')
      .option(
        '--from <time>',
        'of runs not before this: 2026-01-31T12:00:00Z, or how long ago as 90d (default: 30d)',
        (text) => parseMoment('--from', text),
      )
      .option('--to <time>', 'of runs before this (default: now)', (text) => parseMoment('--to', text))
      .option('--run', 'verify and attack first, and wait for it')
      .addOption(
        new Option('--format <format>', 'by the name of the file if absent').choices(evidenceFormats),
      )
      .option(
        '--output <file>',
        'a .json, .html or .pdf; or a directory, with / at its end, for all of them',
      ),
  )
    .addHelpText(
      'after',
      `
Examples:
  tenantry isolation report --output report.pdf
  tenantry isolation report --run --from 90d --output audit-2026-q1/
  tenantry isolation report --tenant acme --format html --output acme.html`,
    )
    .action((flags: ReportFlags) => cli.connected((session) => issue(session, flags)));
}

async function issue(session: Session, flags: ReportFlags): Promise<ExitCode> {
  const { client, out } = session;
  const format = formatOf(flags);
  if (format === 'pdf' && flags.output === undefined) throw printNeedsFile();
  if (flags.run === true) {
    const { operation } = await client.call('startIsolationRun', { body: {} });
    await waitForOperation(session, operation, flags.timeout);
  }
  const { tenant, from, to } = flags;
  const body = Object.fromEntries(
    Object.entries({ tenant, from, to }).filter(([, value]) => value !== undefined),
  );
  const evidence = await client.call('issueEvidence', { body });
  const files = await download(session, evidence, format, flags.output);
  // What went to the standard output is the report itself.
  if (flags.output === undefined && format !== undefined) return exitCodes.ok;
  if (out.json) out.document({ ...evidence, files });
  else {
    printEvidence(out, evidence);
    for (const file of files) out.note(`Wrote ${file}.`);
    out.note(`Verify it anywhere: tenantry evidence verify ${files[0] ?? 'FILE'} --key PUBLIC_KEY`);
  }
  return exitCodes.ok;
}

const endings: readonly (readonly [RegExp, EvidenceFormat])[] = [
  [/\.manifest\.json$/, 'manifest'],
  [/\.json$/, 'json'],
  [/\.html?$/, 'html'],
  [/\.pdf$/, 'pdf'],
];

/** Undefined where all forms go into a directory, or none is asked for. */
function formatOf({ format, output }: Pick<ReportFlags, 'format' | 'output'>): EvidenceFormat | undefined {
  if (format !== undefined || output === undefined || output.endsWith('/')) return format;
  const known = endings.find(([ending]) => ending.test(output));
  if (known) return known[1];
  throw usageError(
    `--output: the name of "${output}" says no format; it ends in .json, .html or .pdf, or in / for a directory.`,
  );
}

/** Fetches the forms that are asked for, and gives the files that were written. */
export async function download(
  session: Session,
  { id }: Pick<Evidence, 'id'>,
  format: EvidenceFormat | undefined,
  output: string | undefined,
): Promise<readonly string[]> {
  if (output?.endsWith('/') === true) {
    const directory = resolve(output);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const files: string[] = [];
    for (const each of format === undefined ? evidenceFormats : [format]) {
      const response = await open(session, id, each);
      files.push(join(directory, nameIn(response, `${id}.${each}`)));
      await saveFile(files.at(-1)!, response.body ?? []);
    }
    return files;
  }
  if (format === undefined) return [];
  const response = await open(session, id, format);
  if (output !== undefined) {
    await saveFile(resolve(output), response.body ?? []);
    return [resolve(output)];
  }
  if (format === 'pdf') throw printNeedsFile();
  await session.out.raw(await response.text());
  return [];
}

function open({ client }: Session, id: string, format: EvidenceFormat): Promise<Response> {
  return client.open('getEvidence', { params: { report: id }, query: { format } });
}

function printNeedsFile(): Error {
  return usageError('A print goes into a file: give --output report.pdf.');
}

/** What the server calls the file, if that is a name and not a path. */
function nameIn(response: Response, otherwise: string): string {
  const name = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return name === undefined || name.startsWith('.') ? otherwise : name;
}

interface MatrixFlags {
  readonly cell?: string;
  readonly format: 'json' | 'csv';
  readonly output?: string;
}

/** `tenantry isolation access-matrix`: role × schema, as PostgreSQL answers. */
export function matrixCommand(isolation: Command, cli: Cli): void {
  isolation
    .command('access-matrix')
    .description('what every role may do in every tenant’s schema, as PostgreSQL itself answers')
    .option('--cell <cell>', 'of this cell (default: all)')
    .addOption(new Option('--format <format>', 'csv or json').choices(['csv', 'json']).default('csv'))
    .option('--output <file>', 'write a file; else to stdout')
    .addHelpText('after', '\nExample:\n  tenantry isolation access-matrix --output access.csv')
    .action((flags: MatrixFlags) =>
      cli.connected(async ({ client, out }) => {
        const format = out.json ? 'json' : flags.format;
        const query = { format, ...(flags.cell === undefined ? {} : { cell: flags.cell }) };
        const response = await client.open('getAccessMatrix', { query });
        if (flags.output === undefined) await out.raw(await response.text());
        else {
          const bytes = await saveFile(resolve(flags.output), response.body ?? []);
          if (out.json) out.document({ file: resolve(flags.output), format, bytes });
          else out.note(`Wrote ${bytes} bytes to ${resolve(flags.output)}.`);
        }
        return exitCodes.ok;
      }),
    );
}
