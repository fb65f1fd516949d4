import { ApiError, type Tenant, type UpdateTenant } from '@tenantry/contract';
import type { Command } from 'commander';
import { collect, parsePairs, reference, waitOptions, type WaitFlags } from './arguments.ts';
import { exitCodes, usageError, type ExitCode } from './exit.ts';
import type { Cli, Session } from './session.ts';
import { printOutcome, printTenant } from './tenant.ts';

interface UpdateFlags {
  readonly slug?: string;
  readonly name?: string;
  readonly plan?: string;
  readonly label?: readonly string[];
  readonly removeLabel?: readonly string[];
}

interface PurgeFlags extends WaitFlags {
  readonly confirm: string;
  readonly force?: boolean;
  readonly releaseSlug?: boolean;
  readonly reason?: string;
}

const actions = [
  {
    name: 'suspend',
    endpoint: 'suspendTenant',
    description: 'allow no connection and end the open ones; resume brings it back',
    example: "tenantry tenant suspend acme --reason 'invoice 2041 is unpaid'",
  },
  {
    name: 'resume',
    endpoint: 'resumeTenant',
    description: 'make a suspended, archived or deleting tenant active again',
    example: 'tenantry tenant resume acme',
  },
  {
    name: 'archive',
    endpoint: 'archiveTenant',
    description: 'keep the data, allow no connection',
    example: "tenantry tenant archive acme --reason 'contract ended'",
  },
  {
    name: 'delete',
    endpoint: 'deleteTenant',
    description:
      'allow no connection from now on, and purge it when the grace period ends; resume brings it back until then',
    example: "tenantry tenant delete acme --reason 'asked for by the customer'",
  },
  {
    name: 'rotate-credential',
    endpoint: 'rotateTenantCredential',
    description: 'give its login the next version of the derived secret and end its connections',
    example: 'tenantry tenant rotate-credential acme',
  },
] as const;

/** The commands that change a tenant. */
export function tenantChanges(tenant: Command, cli: Cli): void {
  tenant
    .command('update')
    .description('change slug, name, plan or labels')
    .argument('<tenant>', 'its id or its slug', reference)
    .option('--slug <slug>', 'the new slug; the old one is free at once')
    .option('--name <name>', 'the new name')
    .option('--plan <plan>', 'the new plan')
    .option('--label <key=value>', 'set a label; may be given several times', collect)
    .option('--remove-label <key>', 'remove a label; may be given several times', collect)
    .addHelpText(
      'after',
      '\nExample:\n  tenantry tenant update acme --plan pro --label tier=1 --remove-label trial',
    )
    .action((ref: string, flags: UpdateFlags) => cli.connected((session) => update(session, ref, flags)));

  for (const { name, endpoint, description, example } of actions) {
    tenant
      .command(name)
      .description(description)
      .argument('<tenant>', 'its id or its slug', reference)
      .option('--reason <text>', 'why; kept in the audit trail')
      .addHelpText('after', `\nExample:\n  ${example}`)
      .action((ref: string, { reason }: { reason?: string }) =>
        cli.connected(async (session) => {
          const body = reason === undefined ? {} : { reason };
          printTenant(session, await session.client.call(endpoint, { params: { tenant: ref }, body }));
          return exitCodes.ok;
        }),
      );
  }

  waitOptions(
    tenant
      .command('purge')
      .description(
        'drop the schema, the roles and the large objects of a deleted tenant; nothing brings them back',
      )
      .argument('<tenant>', 'its id or its slug', reference)
      .requiredOption('--confirm <slug>', 'the slug or the id of the tenant, typed once more')
      .option('--force', 'do not wait for the end of the grace period')
      .option('--release-slug', 'let another tenant have the slug')
      .option('--reason <text>', 'why; kept in the audit trail'),
  )
    .addHelpText('after', '\nExample:\n  tenantry tenant purge acme --confirm acme --force')
    .action((ref: string, flags: PurgeFlags) => cli.connected((session) => purge(session, ref, flags)));
}

async function update(session: Session, ref: string, flags: UpdateFlags): Promise<ExitCode> {
  const { slug, name, plan } = flags;
  const set = parsePairs('--label', flags.label ?? []);
  const remove = flags.removeLabel ?? [];
  const both = remove.find((key) => key in set);
  if (both !== undefined) throw usageError(`--label and --remove-label both name "${both}".`);
  const plain: UpdateTenant = {
    ...(slug === undefined ? {} : { slug }),
    ...(name === undefined ? {} : { name }),
    ...(plan === undefined ? {} : { plan }),
  };
  const relabel = Object.keys(set).length > 0 || remove.length > 0;
  if (!relabel && Object.keys(plain).length === 0) {
    throw usageError('There is nothing to change: give --slug, --name, --plan, --label or --remove-label.');
  }
  const tenant = relabel
    ? await updateLabels(session, ref, plain, set, remove)
    : await session.client.call('updateTenant', { params: { tenant: ref }, body: plain });
  printTenant(session, tenant);
  return exitCodes.ok;
}

// The API replaces the labels as a whole: they are changed on the version that was read, so that nobody's change is lost.
async function updateLabels(
  { client }: Session,
  ref: string,
  plain: UpdateTenant,
  set: Readonly<Record<string, string>>,
  remove: readonly string[],
): Promise<Tenant> {
  for (let left = 3; ; left -= 1) {
    const before = await client.call('getTenant', { params: { tenant: ref } });
    const kept = Object.entries(before.labels).filter(([key]) => !remove.includes(key));
    const body = { ...plain, labels: { ...Object.fromEntries(kept), ...set } };
    try {
      return await client.call('updateTenant', {
        params: { tenant: before.id },
        body,
        ifMatch: before.version,
      });
    } catch (error) {
      if (left === 0 || !(error instanceof ApiError && error.problem.code === 'VERSION_CONFLICT'))
        throw error;
    }
  }
}

async function purge(session: Session, ref: string, flags: PurgeFlags): Promise<ExitCode> {
  const started = await session.client.call('purgeTenant', {
    params: { tenant: ref },
    body: {
      confirm: flags.confirm,
      ...(flags.force ? { force: true } : {}),
      ...(flags.releaseSlug ? { releaseSlug: true } : {}),
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    },
  });
  return printOutcome(session, started, flags);
}
