import {
  isolationParts,
  runStates,
  runTriggers,
  type IsolationRun,
  type IsolationSummary,
  type IsolationVerdict,
  type ListIsolationRuns,
} from '@tenantry/contract';
import { Option, type Command } from 'commander';
import { pageOptions, reference, type PageFlags } from './arguments.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { printRun } from './isolation-print.ts';
import type { Style } from './output.ts';
import { notePage, readPages } from './pages.ts';
import { printFields, printTable, workState } from './render.ts';
import type { Cli, Session } from './session.ts';
import { formatMs, relativeTime } from './time.ts';

type RunFilters = Pick<ListIsolationRuns, 'part' | 'state' | 'trigger' | 'cell'>;

/** `status`, `runs` and `run`. */
export function runCommands(isolation: Command, cli: Cli): void {
  isolation
    .command('status')
    .description('say whether tenants are isolated; the exit code is 1 where they are not, or nobody knows')
    .addHelpText(
      'after',
      '\nExample:\n  tenantry isolation status --quiet   # verified, failing, stale or unverified',
    )
    .action(() => cli.connected(status));

  pageOptions(
    isolation
      .command('runs')
      .description('list runs, newest first')
      .addOption(new Option('--part <part>', 'with this part').choices(isolationParts))
      .addOption(new Option('--state <state>', 'in this state').choices(runStates))
      .addOption(new Option('--trigger <trigger>', 'started by').choices(runTriggers))
      .option('--cell <cell>', 'on this cell'),
  )
    .addHelpText('after', '\nExample:\n  tenantry isolation runs --part probes')
    .action((flags: RunFilters & PageFlags) => cli.connected((session) => list(session, flags)));

  isolation
    .command('run')
    .description('show a run: its parts, and every check and attack that was not as it must be')
    .argument('<run>', 'its id', reference)
    .option('--all', 'every attack and check')
    .addHelpText('after', '\nExample:\n  tenantry isolation run ir_k3v… --all')
    .action((id: string, { all }: { readonly all?: boolean }) =>
      cli.connected(async (session) => {
        const run = await session.client.call('getIsolationRun', { params: { run: id } });
        if (session.out.json) session.out.document(run);
        else printRun(session.out, run, all === true);
        return exitCodes.ok;
      }),
    );
}

const looks: Readonly<Record<IsolationVerdict, Style>> = {
  verified: 'green',
  failing: 'red',
  stale: 'red',
  unverified: 'yellow',
};

async function status({ client, out }: Session): Promise<ExitCode> {
  const summary = await client.call('getIsolation', {});
  if (out.json) out.document(summary);
  else if (out.quiet) out.print(summary.verdict);
  else {
    printSummary(out, summary);
    out.print('');
    printTable(
      out,
      summary.parts,
      [
        { title: 'part', value: ({ part }) => part },
        {
          title: 'last',
          value: ({ lastGoodAt, late }) => ({
            text: lastGoodAt === null ? 'never' : relativeTime(lastGoodAt),
            style: late ? 'red' : 'dim',
          }),
        },
        { title: 'took', value: ({ lastRun }) => formatMs(lastRun?.ms ?? null), align: 'right' },
        {
          title: 'next',
          value: ({ nextDueAt }) => (nextDueAt === null ? 'on demand' : relativeTime(nextDueAt)),
        },
      ],
      'No parts.',
    );
  }
  return summary.verdict === 'verified' ? exitCodes.ok : exitCodes.failed;
}

function printSummary(out: Session['out'], summary: IsolationSummary): void {
  const { verdict, since, reasons, findings, attacks, faults, tenants } = summary;
  const counts = Object.entries(findings.open).filter(([, n]) => n > 0);
  const accepted = Object.values(findings.accepted).reduce((sum, n) => sum + n, 0);
  printFields(out, [
    ['verdict', { text: verdict, style: looks[verdict] }],
    ['since', `${since} (${relativeTime(since)})`],
    ...reasons.map((reason) => ['because', reason] as const),
    [
      'findings',
      `${counts.length === 0 ? 'none open' : counts.map(([severity, n]) => `${n} ${severity}`).join(', ')}${accepted === 0 ? '' : `, ${accepted} accepted`}`,
    ],
    [
      'attacks',
      attacks &&
        `${attacks.refused} of ${attacks.total - attacks.residual - attacks.skipped} refused, ${attacks.controls.hit} of ${attacks.controls.expected} succeed on the controls`,
    ],
    ['faults', faults && `${faults.found} of ${faults.total} noticed`],
    ['tenants', `${tenants.covered} of ${tenants.registered} looked at`],
  ]);
}

async function list({ client, out }: Session, flags: RunFilters & PageFlags): Promise<ExitCode> {
  const { part, state, trigger, cell } = flags;
  const given = Object.entries({ part, state, trigger, cell }).filter(([, value]) => value !== undefined);
  const query: ListIsolationRuns = Object.fromEntries(given);
  const page = await readPages(out, flags, (at) =>
    client.call('listIsolationRuns', { query: { ...query, ...at } }),
  );
  if (out.json) {
    out.document(page);
    return exitCodes.ok;
  }
  printTable<IsolationRun>(
    out,
    page.items,
    [
      { title: 'run', value: ({ id }) => id },
      { title: 'state', value: ({ state: is }) => workState(out, is) },
      { title: 'parts', value: ({ parts }) => parts.join(','), min: 8 },
      {
        title: 'findings',
        value: ({ findings, clean }) =>
          clean === null
            ? ''
            : clean
              ? 'none'
              : { text: `${findings.seen} (${findings.opened} new)`, style: 'red' },
      },
      { title: 'trigger', value: ({ trigger: why }) => why, drop: 3 },
      { title: 'cells', value: ({ cells }) => cells.join(','), min: 6, drop: 2 },
      { title: 'took', value: ({ ms }) => formatMs(ms), align: 'right', drop: 4 },
      { title: 'created', value: ({ createdAt }) => relativeTime(createdAt), drop: 5 },
    ],
    'No runs.',
  );
  notePage(out, page, 'runs');
  return exitCodes.ok;
}
