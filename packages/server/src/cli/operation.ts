import type { ListOperations, Operation, Step } from '@tenantry/contract';
import type { Command } from 'commander';
import { pageOptions, reference, timeoutOption, type PageFlags } from './arguments.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { notePage, readPages } from './pages.ts';
import { printFields, printTable, workState, type CellText } from './render.ts';
import type { Cli, Session } from './session.ts';
import { formatMs, relativeTime } from './time.ts';
import { succeeded, waitSignal } from './wait.ts';
import { watchOperation } from './watch.ts';

interface ListFlags extends PageFlags {
  readonly state?: string;
  readonly kind?: NonNullable<ListOperations['kind']>;
  readonly tenant?: string;
}

interface RunFlags {
  readonly wait?: boolean;
  readonly timeout: number;
}

/** `tenantry operation …`: what the control plane is doing, and did. */
export function operationCommands(program: Command, cli: Cli): void {
  const operation = program
    .command('operation')
    .description('follow, cancel and repeat what the control plane does');

  pageOptions(
    operation
      .command('list')
      .description('list operations, newest first')
      .option(
        '--state <states>',
        'one or more of queued, running, cancelling, succeeded, failed, cancelled, with commas',
      )
      .option('--kind <kind>', 'tenant.provision or tenant.purge')
      .option('--tenant <tenant>', 'of this tenant, by id or slug'),
  )
    .addHelpText('after', '\nExample:\n  tenantry operation list --state failed')
    .action((flags: ListFlags) => cli.connected((session) => list(session, flags)));

  operation
    .command('get')
    .description('show an operation with its steps')
    .argument('<operation>', 'its id', reference)
    .addHelpText('after', '\nExample:\n  tenantry operation get op_k3v…')
    .action((id: string) =>
      cli.connected(async (session) => {
        printOperation(session, await session.client.call('getOperation', { params: { operation: id } }));
        return exitCodes.ok;
      }),
    );

  timeoutOption(
    operation
      .command('watch')
      .description('follow an operation to its end; the exit code is its outcome')
      .argument('<operation>', 'its id', reference),
  )
    .addHelpText(
      'after',
      `
With --json every line is an object: {"type":"step","step":{…}} for each step that changed its state, at the end
{"type":"operation","operation":{…}}.

Example:
  tenantry operation watch op_k3v… && echo done`,
    )
    .action((id: string, { timeout }: RunFlags) => cli.connected((session) => watch(session, id, timeout)));

  for (const { name, endpoint, description } of [
    {
      name: 'cancel',
      endpoint: 'cancelOperation',
      description: 'cancel an operation; what was done is undone',
    },
    { name: 'retry', endpoint: 'retryOperation', description: 'run a failed or cancelled operation again' },
  ] as const) {
    timeoutOption(
      operation
        .command(name)
        .description(description)
        .argument('<operation>', 'its id', reference)
        .option('--wait', 'follow it to its end, as "operation watch" does'),
    )
      .addHelpText('after', `\nExample:\n  tenantry operation ${name} op_k3v… --wait`)
      .action((id: string, flags: RunFlags) =>
        cli.connected(async (session) => {
          const changed = await session.client.call(endpoint, { params: { operation: id } });
          if (flags.wait)
            return watch(session, id, flags.timeout, name === 'cancel' ? 'cancelled' : 'succeeded');
          printOperation(session, changed);
          session.out.note(`Follow it with "tenantry operation watch ${id}".`);
          return exitCodes.ok;
        }),
      );
  }
}

async function list({ client, out }: Session, flags: ListFlags): Promise<ExitCode> {
  const { state, kind, tenant } = flags;
  const given = Object.fromEntries(
    Object.entries({ state, kind, tenant }).filter(([, value]) => value !== undefined),
  );
  const page = await readPages(out, flags, (at) =>
    client.call('listOperations', { query: { ...given, ...at } }),
  );
  if (out.json) {
    out.document(page);
    return exitCodes.ok;
  }
  printTable<Operation>(
    out,
    page.items,
    [
      { title: 'operation', value: ({ id }) => id },
      { title: 'state', value: (item) => workState(out, item.state) },
      { title: 'kind', value: (item) => item.kind, min: 10, drop: 3 },
      { title: 'tenant', value: (item) => item.tenantSlug ?? item.tenantId ?? '-', min: 10, drop: 6 },
      {
        title: 'steps',
        value: ({ progress }) => `${progress.done}/${progress.total}`,
        align: 'right',
        drop: 1,
      },
      { title: 'took', value: ({ ms }) => formatMs(ms), align: 'right', drop: 4 },
      { title: 'created', value: ({ createdAt }) => relativeTime(createdAt), drop: 5 },
      {
        title: 'error',
        value: ({ error }) => (error ? `${error.code} ${error.message}` : ''),
        min: 10,
        drop: 2,
      },
    ],
    'No operations.',
  );
  notePage(out, page, 'operations');
  return exitCodes.ok;
}

function printOperation({ out }: Session, operation: Operation): void {
  if (out.json) {
    out.document(operation);
    return;
  }
  if (out.quiet) {
    out.print(`${operation.id} ${operation.state}`);
    return;
  }
  printFields(out, [
    ['id', operation.id],
    ['kind', operation.kind],
    ['state', workState(out, operation.state)],
    ['tenant', [operation.tenantSlug, operation.tenantId].filter((part) => part !== null).join(' ')],
    ['attempt', String(operation.attempt)],
    ['by', `${operation.actor.kind} ${operation.actor.name}`],
    ['created', `${operation.createdAt} (${relativeTime(operation.createdAt)})`],
    ['took', formatMs(operation.ms)],
    ['request', operation.requestId],
    ...describeError(operation),
  ]);
  out.print('');
  printTable<Step>(
    out,
    operation.steps,
    [
      { title: 'step', value: ({ title }) => title, min: 16 },
      { title: 'state', value: (step) => workState(out, step.state) },
      { title: 'took', value: ({ ms }) => formatMs(ms), align: 'right' },
      { title: 'detail', value: describeDetail, min: 10 },
    ],
    'No steps.',
  );
}

function describeError({ error }: Operation): readonly (readonly [string, CellText | null])[] {
  if (error === null) return [];
  return [
    ['error', { text: error.code, style: 'red' }],
    ['message', error.message],
    [
      'file',
      error.file === undefined ? null : `${error.file}${error.line === undefined ? '' : `:${error.line}`}`,
    ],
    ['statement', error.statement ?? null],
    ['SQLSTATE', error.sqlState ?? null],
    ['hint', error.hint ?? null],
  ];
}

function describeDetail({ detail, error }: Step): string {
  if (error) return `${error.code} ${error.message}`;
  const parts = Object.entries(detail ?? {}).map(([key, value]) => {
    if (Array.isArray(value)) return `${value.length} ${key}`;
    return typeof value === 'object' ? '' : `${key} ${value as string | number | boolean}`;
  });
  return parts.filter((part) => part !== '').join(', ');
}

async function watch(
  session: Session,
  id: string,
  timeout: number,
  wanted: 'succeeded' | 'cancelled' = 'succeeded',
): Promise<ExitCode> {
  const { out, client } = session;
  const seen = new Map<string, string>();
  let last: Operation | undefined;
  for await (const operation of watchOperation(client, id, { signal: waitSignal(session, id, timeout) })) {
    last = operation;
    for (const step of operation.steps) {
      const key = `${operation.attempt} ${step.name}`;
      if (step.state === 'pending' || seen.get(key) === step.state) continue;
      seen.set(key, step.state);
      printStep(session, operation, step);
    }
    // Nobody reads on, as behind "| head": the operation needs no watcher.
    if (out.closed.aborted) return exitCodes.ok;
  }
  if (out.json) out.jsonLine({ type: 'operation', operation: last });
  else out.print(`${last!.id} ${last!.state} ${formatMs(last!.ms)}`.trimEnd());
  if (last!.state !== wanted) succeeded(last!);
  return last!.state === wanted ? exitCodes.ok : exitCodes.failed;
}

function printStep({ out }: Session, operation: Operation, step: Step): void {
  if (out.json) {
    out.jsonLine({ type: 'step', operation: operation.id, attempt: operation.attempt, step });
    return;
  }
  if (out.quiet) return;
  const state = workState(out, step.state);
  const { text, style } = typeof state === 'string' ? { text: state, style: 'dim' as const } : state;
  const took = step.state === 'running' ? '' : formatMs(step.ms);
  out.print(`${out.paint(style, text.padEnd(11))}  ${took.padStart(9)}  ${step.title}`.trimEnd());
}
