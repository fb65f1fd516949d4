import type { AuditEvent, ListAudit } from '@tenantry/contract';
import { Option, type Command } from 'commander';
import { pageOptions, reference, type PageFlags } from './arguments.ts';
import { exportAudit, type ExportFlags } from './audit-export.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { notePage, readPages } from './pages.ts';
import { printFields, printTable, verdict } from './render.ts';
import type { Cli, Session } from './session.ts';
import { parseMoment, relativeTime } from './time.ts';

/** The filters of the audit trail, as flags. */
export interface AuditFilterFlags {
  readonly actor?: string;
  readonly action?: string;
  readonly tenant?: string;
  readonly outcome?: NonNullable<ListAudit['outcome']>;
  readonly requestId?: string;
  readonly from?: string;
  readonly to?: string;
}

function filterOptions(command: Command): Command {
  return command
    .option('--actor <actor>', 'by this id or name')
    .option('--action <action>', 'as tenant.suspend, or tenant.* for all of it')
    .option('--tenant <tenant>', 'about this tenant, by id or slug')
    .option('--outcome <outcome>', 'success, failure or denied')
    .option('--request-id <id>', 'of this request')
    .option('--from <time>', 'not before this: 2026-01-31T12:00:00Z, or how long ago as 24h', (text) =>
      parseMoment('--from', text),
    )
    .option('--to <time>', 'before this', (text) => parseMoment('--to', text));
}

/** What the flags ask for, as the API takes it. */
export function auditFilters(flags: AuditFilterFlags): AuditFilterFlags {
  const { actor, action, tenant, outcome, requestId, from, to } = flags;
  const all = Object.entries({ actor, action, tenant, outcome, requestId, from, to });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

/** `tenantry audit …`: who did what, and the proof that it was not changed. */
export function auditCommands(program: Command, cli: Cli): void {
  const audit = program
    .command('audit')
    .description('who did what; export it; prove that it was not changed');

  pageOptions(filterOptions(audit.command('list').description('list audit events, newest first')))
    .addHelpText('after', "\nExample:\n  tenantry audit list --action 'tenant.*' --from 24h")
    .action((flags: AuditFilterFlags & PageFlags) => cli.connected((session) => list(session, flags)));

  audit
    .command('get')
    .description('show an audit event whole, with what was before and after')
    .argument('<event>', 'its id', reference)
    .action((id: string) =>
      cli.connected(async ({ client, out }) => {
        const event = await client.call('getAuditEvent', { params: { event: id } });
        if (out.json) out.document(event);
        else printEvent(out, event);
        return exitCodes.ok;
      }),
    );

  filterOptions(
    audit
      .command('export')
      .description('download audit events, oldest first')
      .addOption(new Option('--format <format>', 'jsonl or csv').choices(['jsonl', 'csv']).default('jsonl'))
      .option('--output <file>', 'write a file, which appears when it is complete; else to stdout'),
  )
    .addHelpText(
      'after',
      `
Examples:
  tenantry audit export --from 30d --format csv --output audit.csv
  tenantry audit export --tenant acme | jq -r .action`,
    )
    .action((flags: ExportFlags) => cli.connected((session) => exportAudit(session, flags)));

  audit
    .command('verify')
    .description('recompute the hash chain and name the first broken row; exits with 1 if there is one')
    .addHelpText('after', '\nExample:\n  tenantry audit verify --json | jq -r .head   # note it elsewhere')
    .action(() => cli.connected(verify));
}

async function list({ client, out }: Session, flags: AuditFilterFlags & PageFlags): Promise<ExitCode> {
  const filters = auditFilters(flags);
  const page = await readPages(out, flags, (at) =>
    client.call('listAudit', { query: { ...filters, ...at } }),
  );
  if (out.json) {
    out.document(page);
    return exitCodes.ok;
  }
  printTable<AuditEvent>(
    out,
    page.items,
    [
      { title: 'seq', value: ({ seq }) => String(seq), align: 'right' },
      { title: 'when', value: ({ at }) => relativeTime(at), drop: 5 },
      { title: 'action', value: ({ action }) => action, min: 12 },
      { title: 'outcome', value: ({ outcome }) => verdict(out, outcome === 'success', outcome), drop: 7 },
      { title: 'target', value: ({ target }) => `${target.kind} ${target.id}`, min: 12, drop: 6 },
      { title: 'actor', value: ({ actor }) => `${actor.kind} ${actor.name}`, min: 8, drop: 4 },
      { title: 'reason', value: ({ reason }) => reason ?? '', min: 6, drop: 1 },
      { title: 'id', value: ({ id }) => id, drop: 3 },
    ],
    'No audit events.',
  );
  notePage(out, page, 'events');
  return exitCodes.ok;
}

function printEvent(out: Session['out'], event: AuditEvent): void {
  printFields(out, [
    ['seq', String(event.seq)],
    ['id', event.id],
    ['at', `${event.at} (${relativeTime(event.at)})`],
    ['actor', `${event.actor.kind} ${event.actor.name} ${event.actor.id}`],
    ['action', event.action],
    ['outcome', verdict(out, event.outcome === 'success', event.outcome)],
    ['target', `${event.target.kind} ${event.target.id}`],
    ['tenant', event.tenantId],
    ['before', event.before === null ? null : JSON.stringify(event.before)],
    ['after', event.after === null ? null : JSON.stringify(event.after)],
    ['reason', event.reason],
    ['request', event.requestId],
    ['from', event.sourceIp],
    ['prevHash', event.prevHash],
    ['hash', event.hash],
  ]);
}

async function verify({ client, out }: Session): Promise<ExitCode> {
  const result = await client.call('verifyAudit', {});
  const code = result.ok ? exitCodes.ok : exitCodes.failed;
  if (out.json) {
    out.document(result);
    return code;
  }
  printFields(out, [
    ['chain', verdict(out, result.ok, result.ok ? 'ok' : 'broken')],
    ['checked', `${result.checked} rows`],
    ['head', result.head],
    ['broken', result.broken && { text: `row ${result.broken.seq}: ${result.broken.message}`, style: 'red' }],
  ]);
  if (!result.ok) out.note('Stop trusting the rows from there on. Compare them with your last export.');
  return code;
}
