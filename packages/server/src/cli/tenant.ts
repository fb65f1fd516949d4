import type { Tenant, TenantOperation } from '@tenantry/contract';
import type { Command } from 'commander';
import {
  collect,
  pageOptions,
  parsePairs,
  reference,
  waitOptions,
  type PageFlags,
  type WaitFlags,
} from './arguments.ts';
import { exitCodes, OperationFailed, type ExitCode } from './exit.ts';
import { notePage, readPages } from './pages.ts';
import { formatLabels, printFields, printTable, tenantState } from './render.ts';
import type { Cli, Session } from './session.ts';
import { tenantChanges } from './tenant-change.ts';
import { tenantDomains } from './tenant-domain.ts';
import { formatMs, relativeTime } from './time.ts';
import { waitForOperation } from './wait.ts';
import { isFinished } from './watch.ts';

interface CreateFlags extends WaitFlags {
  readonly name?: string;
  readonly plan?: string;
  readonly label?: readonly string[];
  readonly cell?: string;
  readonly idempotencyKey?: string;
}

interface ListFlags extends PageFlags {
  readonly search?: string;
  readonly state?: string;
  readonly plan?: string;
  readonly cell?: string;
  readonly label?: readonly string[];
  readonly sort?: 'createdAt';
}

/** `tenantry tenant …`: the tenants and their life. */
export function tenantCommands(program: Command, cli: Cli): void {
  const tenant = program.command('tenant').description('provision tenants and lead them through their life');

  waitOptions(
    tenant
      .command('create')
      .description('provision a tenant: its schema, its owner, its login, every migration')
      .argument('<slug>', 'a DNS label, as acme in acme.example.com')
      .option('--name <name>', 'what people call the customer')
      .option('--plan <plan>', 'the commercial plan')
      .option('--label <key=value>', 'a label; may be given several times', collect)
      .option('--cell <cell>', 'the cell to host it; the default cell if absent')
      .option(
        '--idempotency-key <key>',
        'repeating the command with the same key repeats the answer, not the act',
      ),
  )
    .addHelpText(
      'after',
      `
Examples:
  tenantry tenant create acme
  tenantry tenant create acme --name 'Acme Inc.' --plan pro --label region=eu --label tier=1
  tenantry tenant create acme --json | jq -r .schema`,
    )
    .action((slug: string, flags: CreateFlags) =>
      cli.connected((session) => createTenant(session, slug, flags)),
    );

  pageOptions(
    tenant
      .command('list')
      .description('search, filter and sort tenants')
      .option('--search <text>', 'a part of the slug, the name or the id')
      .option('--state <states>', 'one or more states, with commas')
      .option('--plan <plan>', 'of this plan')
      .option('--cell <cell>', 'on this cell')
      .option(
        '--label <key=value>',
        'with this label, or key alone for any value; may be given several times',
        collect,
      )
      .option('--sort <order>', 'createdAt, slug, name or updatedAt; -createdAt for the reverse'),
  )
    .addHelpText(
      'after',
      `
Examples:
  tenantry tenant list --state suspended,archived
  tenantry tenant list --label region=eu --sort -updatedAt
  tenantry tenant list --all --json | jq -r '.items[].slug'`,
    )
    .action((flags: ListFlags) => cli.connected((session) => listTenants(session, flags)));

  tenant
    .command('get')
    .description('show a tenant')
    .argument('<tenant>', 'its id or its slug', reference)
    .addHelpText('after', '\nExample:\n  tenantry tenant get acme')
    .action((ref: string) =>
      cli.connected(async (session) => {
        printTenant(session, await session.client.call('getTenant', { params: { tenant: ref } }));
        return exitCodes.ok;
      }),
    );

  tenantChanges(tenant, cli);
  tenantDomains(tenant, cli);
}

async function createTenant(session: Session, slug: string, flags: CreateFlags): Promise<ExitCode> {
  const { client } = session;
  const labels = flags.label && parsePairs('--label', flags.label);
  const started = await client.call('createTenant', {
    body: {
      slug,
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.plan === undefined ? {} : { plan: flags.plan }),
      ...(flags.cell === undefined ? {} : { cell: flags.cell }),
      ...(labels === undefined ? {} : { labels }),
    },
    ...(flags.idempotencyKey === undefined ? {} : { idempotencyKey: flags.idempotencyKey }),
  });
  return printOutcome(session, started, flags);
}

async function listTenants({ client, out }: Session, flags: ListFlags): Promise<ExitCode> {
  const { search, state, plan, cell, sort } = flags;
  const label = flags.label?.map((pair) => pair.replace('=', ':')).join(',');
  const filters = { q: search, state, plan, cell, label, sort };
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
  const page = await readPages(out, flags, (at) =>
    client.call('listTenants', { query: { ...given, ...at } }),
  );
  if (out.json) {
    out.document(page);
    return exitCodes.ok;
  }
  printTable<Tenant>(
    out,
    page.items,
    [
      { title: 'slug', value: ({ slug }) => slug ?? '-', min: 12 },
      { title: 'state', value: (tenant) => tenantState(out, tenant.state) },
      { title: 'name', value: ({ name }) => name, min: 10 },
      { title: 'plan', value: (tenant) => tenant.plan, min: 6, drop: 5 },
      { title: 'version', value: ({ schemaVersion }) => schemaVersion ?? '-', min: 7, drop: 2 },
      { title: 'cell', value: (tenant) => tenant.cell, min: 6, drop: 1 },
      { title: 'labels', value: ({ labels }) => formatLabels(labels), min: 8, drop: 3 },
      { title: 'created', value: ({ createdAt }) => relativeTime(createdAt), drop: 4 },
      { title: 'id', value: ({ id }) => id, drop: 6 },
    ],
    'No tenants. Make one with "tenantry tenant create <slug>", or 25 with "tenantry demo".',
  );
  notePage(out, page, 'tenants');
  return exitCodes.ok;
}

/** Waits for what a request has started, unless it should not, and prints the tenant as it is then. */
export async function printOutcome(
  session: Session,
  started: TenantOperation,
  flags: WaitFlags,
): Promise<ExitCode> {
  const { client, out } = session;
  let { operation, tenant } = started;
  if (flags.wait && !isFinished(operation)) {
    operation = await waitForOperation(session, operation, flags.timeout);
    tenant = await client.call('getTenant', { params: { tenant: operation.tenantId ?? '' } });
  }
  // The repetition of a request that failed: there is no tenant, and its operation says why.
  if (tenant === null || (flags.wait && operation.state !== 'succeeded'))
    throw new OperationFailed(operation);
  printTenant(session, tenant, operation);
  if (!isFinished(operation)) out.note(`Follow it with "tenantry operation watch ${operation.id}".`);
  return exitCodes.ok;
}

/** Prints a tenant, and the operation that was about it if there was one. */
export function printTenant(
  { out }: Session,
  tenant: Tenant,
  operation?: { readonly id: string; readonly state: string; readonly ms: number | null },
): void {
  if (out.json) {
    const summary = operation && { id: operation.id, state: operation.state, ms: operation.ms };
    out.document(summary ? { ...tenant, operation: summary } : tenant);
    return;
  }
  if (out.quiet) {
    out.print(tenant.id);
    return;
  }
  printFields(out, [
    ['id', tenant.id],
    ['slug', tenant.slug],
    ['name', tenant.name],
    ['state', tenantState(out, tenant.state)],
    ['reason', tenant.stateReason],
    ['plan', tenant.plan],
    ['labels', formatLabels(tenant.labels)],
    ['schema', tenant.schema],
    ['schemaVersion', tenant.schemaVersion],
    ['cell', tenant.cell],
    ['isolation', tenant.isolation],
    ['credential', `version ${tenant.credentialVersion}`],
    ['created', `${tenant.createdAt} (${relativeTime(tenant.createdAt)})`],
    ['purgeAfter', tenant.purgeAfter && `${tenant.purgeAfter} (${relativeTime(tenant.purgeAfter)})`],
    ['operation', operation ? `${operation.id} ${operation.state} ${formatMs(operation.ms)}` : null],
  ]);
}
