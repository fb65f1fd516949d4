import { cellLanes, type Cell, type CellCheck, type CellCheckItem, type CellLane } from '@tenantry/contract';
import type { Command } from 'commander';
import { collect, reference, wholeNumber } from './arguments.ts';
import { exitCodes, usageError, type ExitCode } from './exit.ts';
import type { CliHost } from './host.ts';
import { printFields, printTable, verdict } from './render.ts';
import type { Cli, Session } from './session.ts';
import { relativeTime } from './time.ts';
import { printable } from './width.ts';

interface LaneFlags {
  readonly lanes?: readonly CellLane[];
  readonly slots?: number;
}

interface AddFlags extends LaneFlags {
  readonly urlEnv?: string;
  readonly extension?: readonly string[];
}

/** `tenantry cell …`: the databases that host tenants. */
export function cellCommands(program: Command, cli: Cli): void {
  const cell = program.command('cell').description('the PostgreSQL databases that host tenants');

  cell
    .command('list')
    .description('list cells')
    .action(() => cli.connected(list));

  laneOptions(
    cell
      .command('add')
      .description('add a PostgreSQL database, 16 or newer, as a cell')
      .argument('<name>', 'lower-case letters, digits and hyphens')
      .option(
        '--url-env <variable>',
        'the environment variable that holds the connection string (default: CELL_URL)',
      )
      .option(
        '--extension <name>',
        'an extension that migrations may use on it; may be given several times',
        collect,
      ),
  )
    .addHelpText(
      'after',
      `
The connection string (postgresql://login:password@host:port/database) is read from the variable CELL_URL, from the one that
--url-env names, or from stdin. There is no flag for it: every user of this machine can read the arguments of a process.

Examples:
  CELL_URL=postgresql://… tenantry cell add eu-1
  tenantry cell add eu-1 --url-env EU_DATABASE_URL --extension pgcrypto
  vault read -field=url secret/eu-1 | tenantry cell add eu-1`,
    )
    .action((name: string, flags: AddFlags) => cli.connected((session) => add(session, name, flags)));

  laneOptions(
    cell
      .command('update')
      .description(
        'change the lanes of a cell or how many slots it has, and make on it what is missing for them',
      )
      .argument('<name>', 'its name', reference),
  )
    .addHelpText(
      'after',
      `
Fewer slots, or no leases, end the connections that use the slots that go.

Examples:
  tenantry cell update eu-1 --slots 32
  tenantry cell update eu-1 --lanes sealed`,
    )
    .action((name: string, flags: LaneFlags) => cli.connected((session) => update(session, name, flags)));

  cell
    .command('check')
    .description(
      'say which privileges a cell lacks, and the SQL that grants them; exits with 1 if any is missing',
    )
    .argument('<name>', 'its name', reference)
    .addHelpText('after', '\nExample:\n  tenantry cell check eu-1')
    .action((name: string) =>
      cli.connected(async (session) => {
        const result = await session.client.call('checkCell', { params: { cell: name } });
        printCheck(session, result);
        return result.ok ? exitCodes.ok : exitCodes.failed;
      }),
    );
}

function laneOptions(command: Command): Command {
  return command
    .option(
      '--lanes <lanes>',
      'how connections become a tenant’s, with commas: sealed (they log in as it), leased (it is leased to a slot); both if absent',
      lanesOf,
    )
    .option(
      '--slots <number>',
      'logins that tenants are leased to, 16 if absent: so many leased connections the cell can have',
      wholeNumber('--slots', 1, 500),
    );
}

function lanesOf(text: string): readonly CellLane[] {
  const given = [...new Set(text.split(',').map((name) => name.trim()))];
  return given.map((name) => {
    const lane = cellLanes.find((known) => known === name);
    if (!lane) throw usageError(`--lanes must be one or more of ${cellLanes.join(', ')}, not "${name}".`);
    return lane;
  });
}

function laneFields({ lanes, slots }: LaneFlags): { lanes?: CellLane[]; slots?: number } {
  return { ...(lanes === undefined ? {} : { lanes: [...lanes] }), ...(slots === undefined ? {} : { slots }) };
}

async function list({ client, out }: Session): Promise<ExitCode> {
  const cells = await client.call('listCells', {});
  if (out.json) {
    out.document(cells);
    return exitCodes.ok;
  }
  printTable<Cell>(
    out,
    cells.items,
    [
      { title: 'cell', value: ({ name, isDefault }) => (isDefault ? `${name} (default)` : name), min: 10 },
      { title: 'kind', value: ({ kind }) => kind, drop: 5 },
      { title: 'host', value: ({ host }) => host, min: 16 },
      { title: 'login', value: ({ login }) => login, min: 8, drop: 3 },
      { title: 'postgresql', value: ({ serverVersion }) => serverVersion, drop: 6 },
      { title: 'tenants', value: ({ tenants }) => String(tenants), align: 'right' },
      { title: 'spares', value: ({ spares }) => String(spares), align: 'right', drop: 4 },
      {
        title: 'extensions',
        value: ({ allowedExtensions }) => allowedExtensions.join(' ') || '-',
        min: 8,
        drop: 2,
      },
      { title: 'added', value: ({ createdAt }) => relativeTime(createdAt), drop: 1 },
    ],
    'No cells.',
  );
  return exitCodes.ok;
}

async function add(session: Session, name: string, flags: AddFlags): Promise<ExitCode> {
  const { client, out } = session;
  const url = await readUrl(session.host, flags.urlEnv);
  const cell = await client.call('addCell', {
    body: {
      name,
      url,
      ...(flags.extension === undefined ? {} : { allowedExtensions: [...flags.extension] }),
      ...laneFields(flags),
    },
  });
  printCell(session, cell);
  if (!out.json) out.note(`Put a tenant on it with "tenantry tenant create <slug> --cell ${cell.name}".`);
  return exitCodes.ok;
}

async function update(session: Session, name: string, flags: LaneFlags): Promise<ExitCode> {
  const body = laneFields(flags);
  if (Object.keys(body).length === 0)
    throw usageError('There is nothing to change: give --lanes or --slots.');
  printCell(session, await session.client.call('updateCell', { params: { cell: name }, body }));
  return exitCodes.ok;
}

function printCell({ out }: Session, cell: Cell): void {
  if (out.json) {
    out.document(cell);
    return;
  }
  printFields(out, [
    ['cell', cell.name],
    ['kind', cell.kind],
    ['host', cell.host],
    ['login', cell.login],
    ['postgresql', cell.serverVersion],
    ['extensions', cell.allowedExtensions.join(' ')],
    ['lanes', cell.lanes.join(' ')],
    ['slots', String(cell.slots)],
  ]);
}

async function readUrl({ env, stdin }: CliHost, variable: string | undefined): Promise<string> {
  const given = env[variable ?? 'CELL_URL']?.trim();
  if (given) return given;
  if (variable !== undefined) throw usageError(`The variable ${variable} is not set.`);
  if (stdin !== undefined && stdin.isTTY !== true) {
    let text = '';
    for await (const chunk of stdin) {
      text += String(chunk);
      if (text.length > 10_000) throw usageError('What stands on stdin is too long for a connection string.');
    }
    if (text.trim() !== '') return text.trim();
  }
  throw usageError(
    'There is no connection string.',
    'Set CELL_URL, name another variable with --url-env, or write it to stdin.',
  );
}

function printCheck({ out }: Session, result: CellCheck): void {
  if (out.json) {
    out.document(result);
    return;
  }
  printTable<CellCheckItem>(
    out,
    result.items,
    [
      {
        title: 'check',
        value: (item) =>
          item.severity === 'error'
            ? verdict(out, item.ok, item.ok ? 'ok' : 'missing')
            : verdict(out, item.ok, item.ok ? 'ok' : 'warning', 'yellow'),
      },
      { title: 'name', value: ({ name }) => name },
      { title: 'message', value: ({ message }) => message, min: 20 },
    ],
    'Nothing was checked.',
  );
  const remedies = result.items.filter(({ ok, sql }) => !ok && sql !== null);
  if (remedies.length > 0 && !out.quiet) {
    out.print('\nWhat mends it, as SQL:\n');
    // Whole and unindented, so that it can be copied.
    for (const { name, sql } of remedies) out.print(`-- ${printable(name)}\n${printable(sql!, true)}`);
  }
}
