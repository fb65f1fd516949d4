import { permissions, roles, type ApiKey, type Permission, type Role } from '@tenantry/contract';
import { Option, type Command } from 'commander';
import { collect, reference } from './arguments.ts';
import { exitCodes, usageError, type ExitCode } from './exit.ts';
import { printFields, printTable, type CellText } from './render.ts';
import type { Cli, Session } from './session.ts';
import { parseDuration, relativeTime } from './time.ts';

interface CreateFlags {
  readonly name: string;
  readonly role: Role;
  readonly tenant?: string;
  readonly scope?: readonly string[];
  readonly expires?: number;
}

/** `tenantry key …`: what people and programs authenticate with. */
export function keyCommands(program: Command, cli: Cli): void {
  const key = program.command('key').description('API keys: what people and programs authenticate with');

  key
    .command('create')
    .description('create an API key; its token is shown this once')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices([...roles]).makeOptionMandatory())
    .option('--tenant <tenant>', 'the one tenant that it can see, by id or slug; needed for the role tenant')
    .option(
      '--scope <permission>',
      `narrows the role; may be given several times: ${permissions.join(', ')}`,
      collect,
    )
    .option('--expires <duration>', 'stop working after this, as 30d', (text) =>
      parseDuration('--expires', text),
    )
    .addHelpText(
      'after',
      `
Examples:
  tenantry key create --name ci --role operator --expires 30d
  tenantry key create --name 'acme portal' --role tenant --tenant acme
  tenantry key create --name api --role runtime
  TENANTRY_TOKEN=$(tenantry key create --name ci --role operator --quiet)`,
    )
    .action((flags: CreateFlags) => cli.connected((session) => create(session, flags)));

  key
    .command('list')
    .description('list API keys')
    .action(() => cli.connected(list));

  key
    .command('revoke')
    .description('revoke an API key; it stops working at once')
    .argument('<key>', 'its id', reference)
    .addHelpText('after', '\nExample:\n  tenantry key revoke key_5q2…')
    .action((id: string) =>
      cli.connected(async (session) => {
        printKey(session, await session.client.call('revokeKey', { params: { key: id } }));
        return exitCodes.ok;
      }),
    );
}

async function create(session: Session, flags: CreateFlags): Promise<ExitCode> {
  const { client, out } = session;
  const expiresAt = flags.expires && new Date(Date.now() + flags.expires);
  if (expiresAt && Number.isNaN(expiresAt.getTime())) throw usageError('--expires is too far away.');
  const created = await client.call('createKey', {
    body: {
      name: flags.name,
      role: flags.role,
      ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
      ...(flags.scope === undefined ? {} : { scopes: flags.scope.map(scopeOf) }),
      ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
    },
  });
  if (out.json) out.document(created);
  else if (out.quiet) out.print(created.token);
  else {
    printKey(session, created.key);
    out.print(`token    ${created.token}`);
    out.note('The token is shown this once: put it where secrets are kept.');
  }
  return exitCodes.ok;
}

function scopeOf(text: string): Permission {
  const permission = permissions.find((known) => known === text);
  if (!permission) throw usageError(`--scope must be one of ${permissions.join(', ')}, not "${text}".`);
  return permission;
}

async function list({ client, out }: Session): Promise<ExitCode> {
  const keys = await client.call('listKeys', {});
  if (out.json) {
    out.document(keys);
    return exitCodes.ok;
  }
  printTable<ApiKey>(
    out,
    keys.items,
    [
      { title: 'key', value: ({ id }) => id },
      { title: 'name', value: ({ name }) => name, min: 8 },
      { title: 'role', value: ({ role }) => role },
      { title: 'state', value: stateOf },
      { title: 'tenant', value: ({ tenantId }) => tenantId ?? '-', drop: 4 },
      { title: 'scopes', value: ({ scopes }) => scopes?.join(' ') ?? 'all', min: 6, drop: 2 },
      { title: 'expires', value: ({ expiresAt }) => relativeTime(expiresAt) || 'never', drop: 5 },
      { title: 'last used', value: ({ lastUsedAt }) => relativeTime(lastUsedAt) || 'never', drop: 3 },
      { title: 'created by', value: ({ createdBy }) => createdBy, min: 8, drop: 1 },
    ],
    'No API keys.',
  );
  return exitCodes.ok;
}

function stateOf({ revokedAt, expiresAt }: ApiKey): CellText {
  if (revokedAt !== null) return { text: 'revoked', style: 'dim' };
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) return { text: 'expired', style: 'yellow' };
  return { text: 'valid', style: 'green' };
}

function printKey({ out }: Session, key: ApiKey): void {
  if (out.json) {
    out.document(key);
    return;
  }
  printFields(out, [
    ['id', key.id],
    ['name', key.name],
    ['role', key.role],
    ['state', stateOf(key)],
    ['tenant', key.tenantId],
    ['scopes', key.scopes?.join(' ') ?? 'all of the role'],
    ['expires', key.expiresAt ? `${key.expiresAt} (${relativeTime(key.expiresAt)})` : 'never'],
  ]);
}
