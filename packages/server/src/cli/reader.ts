import { readerStates, type OpenedReader, type Reader, type ReaderState } from '@tenantry/contract';
import { Option, type Command } from 'commander';
import { reference, wholeNumber } from './arguments.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { printFields, printTable, type CellText } from './render.ts';
import type { Cli, Session } from './session.ts';
import { relativeTime } from './time.ts';

interface OpenFlags {
  readonly reason: string;
  readonly minutes?: number;
}

/** `tenantry reader …`: break-glass access of an administrator to the data of several tenants. */
export function readerCommands(program: Command, cli: Cli): void {
  const reader = program
    .command('reader')
    .description('logins of administrators that read the tables of some tenants for a while');

  reader
    .command('open')
    .description('open a reader; its password is shown this once')
    .argument('<tenants...>', 'those that it is to see, by id or slug; all of them on one cell')
    .requiredOption('--reason <text>', 'why; it stands in the audit trail of each tenant')
    .option(
      '--minutes <number>',
      'its login is dropped after so many, 30 if absent',
      wholeNumber('--minutes', 1, 480),
    )
    .addHelpText(
      'after',
      `
Examples:
  tenantry reader open acme globex --reason 'ticket 4711: compare invoices'
  tenantry reader open acme --reason 'ticket 4711' --minutes 10`,
    )
    .action((tenants: string[], flags: OpenFlags) =>
      cli.connected((session) => open(session, tenants, flags)),
    );

  reader
    .command('list')
    .description('list readers: all that are open, and the last that were closed')
    .addOption(new Option('--state <state>', 'only those in this state').choices([...readerStates]))
    .action((flags: { readonly state?: ReaderState }) => cli.connected((session) => list(session, flags)));

  reader
    .command('close')
    .description('close a reader: its connections are ended and its login is dropped')
    .argument('<reader>', 'its id', reference)
    .addHelpText('after', '\nExample:\n  tenantry reader close r_5q2…')
    .action((id: string) =>
      cli.connected(async (session) => {
        const closed = await session.client.call('closeReader', { params: { reader: id } });
        if (session.out.json) session.out.document(closed);
        else printReader(session, closed);
        return exitCodes.ok;
      }),
    );
}

async function open(session: Session, tenants: string[], flags: OpenFlags): Promise<ExitCode> {
  const { client, out } = session;
  const { reason, minutes } = flags;
  const opened = await client.call('openReader', {
    body: { tenants, reason, ...(minutes === undefined ? {} : { minutes }) },
  });
  if (out.json) out.document(opened);
  else if (out.quiet) out.print(urlOf(opened));
  else {
    printReader(session, opened.reader);
    out.print(`url      ${urlOf(opened)}`);
    out.note('The password is shown this once. Name tables with their schema, as schema.table.');
  }
  return exitCodes.ok;
}

/** Every part of it is made of letters that need no escape, but for the database's name. */
function urlOf({ connection: { host, port, database, user, password, ssl } }: OpenedReader): string {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const mode = ssl === undefined || ssl === false ? '' : '?sslmode=require';
  return `postgresql://${user}:${password}@${address}/${encodeURIComponent(database)}${mode}`;
}

async function list(
  { client, out }: Session,
  { state }: { readonly state?: ReaderState },
): Promise<ExitCode> {
  const readers = await client.call('listReaders', { query: state === undefined ? {} : { state } });
  if (out.json) {
    out.document(readers);
    return exitCodes.ok;
  }
  printTable<Reader>(
    out,
    readers.items,
    [
      { title: 'reader', value: ({ id }) => id },
      { title: 'state', value: stateOf },
      { title: 'tenants', value: namesOf, min: 8 },
      { title: 'reason', value: ({ reason }) => reason, min: 10 },
      { title: 'opened by', value: ({ createdBy }) => createdBy, min: 8, drop: 2 },
      { title: 'ends', value: ({ closedAt, expiresAt }) => relativeTime(closedAt ?? expiresAt), drop: 3 },
      { title: 'cell', value: ({ cell }) => cell, drop: 1 },
    ],
    'No readers.',
  );
  return exitCodes.ok;
}

function namesOf({ tenants }: Reader): string {
  return tenants
    .map(({ id, slug, leftAt }) => `${slug ?? id}${leftAt === null ? '' : ' (purged)'}`)
    .join(', ');
}

function stateOf({ state, end }: Reader): CellText {
  if (state === 'open') return { text: state, style: 'green' };
  if (state !== 'closed') return { text: state, style: 'yellow' };
  return { text: end === 'closed' || end === null ? state : `${state} (${end})`, style: 'dim' };
}

function printReader({ out }: Session, reader: Reader): void {
  if (out.quiet) {
    out.print(reader.id);
    return;
  }
  const schemas = reader.tenants.map(
    ({ slug, id, schema, relations }) => `${slug ?? id} (${schema}: ${relations} tables and views)`,
  );
  printFields(out, [
    ['id', reader.id],
    ['state', stateOf(reader)],
    ['tenants', schemas.join(', ')],
    ['reason', reader.reason],
    ['cell', reader.cell],
    ['login', reader.login],
    ['expires', `${reader.expiresAt} (${relativeTime(reader.expiresAt)})`],
  ]);
}
