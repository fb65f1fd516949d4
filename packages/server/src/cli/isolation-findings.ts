import { findingSorts, type Finding, type FindingSeverity, type ListFindings } from '@tenantry/contract';
import { Option, type Command } from 'commander';
import { pageOptions, reference, type PageFlags } from './arguments.ts';
import { exitCodes, usageError, type ExitCode } from './exit.ts';
import type { Output, Style } from './output.ts';
import { notePage, readPages } from './pages.ts';
import { printFields, printTable, type CellText } from './render.ts';
import type { Cli, Session } from './session.ts';
import { parseDuration, relativeTime } from './time.ts';

type FindingFilters = Pick<ListFindings, 'state' | 'severity' | 'check' | 'tenant' | 'cell' | 'q' | 'sort'>;

/** `findings`, `finding`, `accept` and `reopen`. */
export function findingCommands(isolation: Command, cli: Cli): void {
  pageOptions(
    isolation
      .command('findings')
      .description('list findings, worst first: those that are open or accepted')
      .option('--state <states>', 'one or more of open, accepted, resolved, with commas')
      .option('--severity <severities>', 'one or more of critical, high, medium, low, with commas')
      .option('--check <check>', 'of this check, or of a family as privilege.*')
      .option('--tenant <tenant>', 'about this tenant, by id or slug')
      .option('--cell <cell>', 'on this cell')
      .option('--q <text>', 'with this in subject or message')
      .addOption(new Option('--sort <order>', 'in this order').choices(findingSorts)),
  )
    .addHelpText('after', '\nExample:\n  tenantry isolation findings --severity critical,high')
    .action((flags: FindingFilters & PageFlags) => cli.connected((session) => list(session, flags)));

  isolation
    .command('finding')
    .description('show a finding: what is wrong, the evidence, and the SQL that mends it')
    .argument('<finding>', 'its id', reference)
    .addHelpText('after', '\nExample:\n  tenantry isolation finding if_k3v…')
    .action((id: string) =>
      cli.connected(async ({ client, out }) =>
        show(out, await client.call('getFinding', { params: { finding: id } })),
      ),
    );

  isolation
    .command('accept')
    .description('live with a finding until a day; you are its approver')
    .argument('<finding>', 'its id', reference)
    .requiredOption('--reason <text>', 'why; it stands in the audit trail')
    .requiredOption('--until <time>', 'when that ends: 2026-12-31, or in how long as 30d', parseUntil)
    .addHelpText(
      'after',
      "\nExample:\n  tenantry isolation accept if_k3v… --reason 'moved in release 4' --until 30d",
    )
    .action((id: string, { reason, until }: { readonly reason: string; readonly until: string }) =>
      cli.connected(async ({ client, out }) =>
        show(out, await client.call('acceptFinding', { params: { finding: id }, body: { reason, until } })),
      ),
    );

  isolation
    .command('reopen')
    .description('take the acceptance of a finding back')
    .argument('<finding>', 'its id', reference)
    .option('--reason <text>', 'why; it stands in the audit trail')
    .addHelpText('after', '\nExample:\n  tenantry isolation reopen if_k3v…')
    .action((id: string, { reason }: { readonly reason?: string }) =>
      cli.connected(async ({ client, out }) => {
        const body = reason === undefined ? {} : { reason };
        return show(out, await client.call('reopenFinding', { params: { finding: id }, body }));
      }),
    );
}

/** A day, a moment, or a duration from now. */
function parseUntil(text: string): string {
  const written = text.trim();
  const time = /^\d+[a-z]+$/.test(written)
    ? Date.now() + parseDuration('--until', written)
    : Date.parse(/^\d{4}-\d\d-\d\d$/.test(written) ? `${written}T23:59:59Z` : written);
  if (Number.isNaN(time) || Math.abs(time) > 253_402_300_799_999)
    throw usageError(`--until must be a day as 2026-12-31, or in how long as 30d, not "${text}".`);
  return new Date(time).toISOString();
}

const looks: Readonly<Record<FindingSeverity, Style>> = {
  critical: 'red',
  high: 'red',
  medium: 'yellow',
  low: 'dim',
};

async function list({ client, out }: Session, flags: FindingFilters & PageFlags): Promise<ExitCode> {
  const { state, severity, check, tenant, cell, q, sort } = flags;
  const given = Object.entries({ state, severity, check, tenant, cell, q, sort });
  const query: ListFindings = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const page = await readPages(out, flags, (at) =>
    client.call('listFindings', { query: { ...query, ...at } }),
  );
  if (out.json) {
    out.document(page);
    return exitCodes.ok;
  }
  printTable<Finding>(
    out,
    page.items,
    [
      { title: 'finding', value: ({ id }) => id },
      { title: 'severity', value: ({ severity: text }) => ({ text, style: looks[text] }) },
      { title: 'state', value: stateOf },
      { title: 'check', value: ({ check: id }) => id, min: 10, drop: 3 },
      { title: 'subject', value: ({ subject }) => subject, min: 16 },
      { title: 'tenant', value: ({ tenantSlug, tenantId }) => tenantSlug ?? tenantId ?? '', min: 6, drop: 4 },
      { title: 'cell', value: ({ cell: name }) => name, drop: 1 },
      { title: 'last seen', value: ({ lastSeenAt }) => relativeTime(lastSeenAt), drop: 2 },
    ],
    'No findings.',
  );
  notePage(out, page, 'findings');
  return exitCodes.ok;
}

function stateOf({ state, acceptance }: Finding): CellText {
  if (state === 'accepted' && acceptance)
    return { text: `accepted until ${acceptance.until.slice(0, 10)}`, style: 'yellow' };
  return state === 'open' ? { text: state, style: 'red' } : { text: state, style: 'dim' };
}

function show(out: Output, finding: Finding): ExitCode {
  if (out.json) {
    out.document(finding);
    return exitCodes.ok;
  }
  if (out.quiet) {
    out.print(`${finding.id} ${finding.state}`);
    return exitCodes.ok;
  }
  const { acceptance, evidence } = finding;
  printFields(out, [
    ['id', finding.id],
    ['severity', { text: finding.severity, style: looks[finding.severity] }],
    ['state', stateOf(finding)],
    ['check', `${finding.check}: ${finding.title}`],
    ['subject', finding.subject],
    ['message', finding.message],
    ['tenant', [finding.tenantSlug, finding.tenantId].filter((part) => part !== null).join(' ')],
    ['cell', finding.cell],
    ['first seen', `${finding.firstSeenAt} (${relativeTime(finding.firstSeenAt)})`],
    ['last seen', `${finding.lastSeenAt} (${relativeTime(finding.lastSeenAt)})`],
    ['opened', finding.timesOpened === 1 ? null : `${finding.timesOpened} times, last ${finding.openedAt}`],
    ['resolved', finding.resolvedAt],
    ['accepted', acceptance && `by ${acceptance.by.name} until ${acceptance.until}: ${acceptance.reason}`],
    ['evidence', Object.keys(evidence).length === 0 ? null : JSON.stringify(evidence)],
    ['remediation', finding.remediation],
  ]);
  return exitCodes.ok;
}
